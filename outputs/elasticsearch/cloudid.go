package elasticsearch

import (
	"encoding/base64"
	"errors"
	"net"
	"strings"
)

// cloudAddress reads the URL of the cluster out of a cloud ID, as the console of
// Elastic Cloud shows it: a label, a colon, and in Base64 the host of the region
// and the name of the cluster within it, each with a port where that is not 443.
func cloudAddress(id string) (string, error) {
	malformed := errors.New("is not a cloud ID: want one as the console shows it, such as plant:ZXUtd2VzdC0xLmF3cy5leGFtcGxlJGNsdXN0ZXI=")
	decoded, err := base64.StdEncoding.DecodeString(id[strings.LastIndexByte(id, ':')+1:])
	if err != nil {
		return "", malformed
	}
	parts := strings.Split(string(decoded), "$")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return "", malformed
	}
	domain, port := hostPort(parts[0], "443")
	cluster, port := hostPort(parts[1], port)
	for _, r := range cluster + "." + domain + port {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", r) {
			return "", malformed
		}
	}
	return "https://" + net.JoinHostPort(cluster+"."+domain, port), nil
}

// hostPort takes a port off a host that has one.
func hostPort(text, otherwise string) (host, port string) {
	if host, port, found := strings.Cut(text, ":"); found && port != "" {
		return host, port
	}
	return strings.TrimSuffix(text, ":"), otherwise
}
