package main

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// The mix of values: of 100 indicators 60 are IPv4 addresses, 20 domains, 10
// URLs and 10 SHA-256 hashes. One in 20 repeats the value of another, and 30 %
// of the addresses fall into 2,000 dense networks, as those of hosting
// providers do.
const (
	percentIPv4   = 60
	percentDomain = 20
	percentURL    = 10

	repeatOneIn  = 20
	percentDense = 30
	denseNets    = 2000
)

type kind int

const (
	ipv4 kind = iota
	domain
	url
	sha256
)

// salts keep the random streams of a number apart.
const (
	saltKind = iota + 1
	saltRepeat
	saltPick
	saltValue
	saltID
)

// random gives a number that looks random but depends on n and salt alone
// (the finaliser of SplitMix64).
func random(n, salt uint64) uint64 {
	x := (n + salt<<40) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// source returns the number whose value an indicator takes: mostly its own.
func source(v version, size uint64) uint64 {
	n := v.number
	if v.second {
		n += size
	}
	if n > 0 && random(n, saltRepeat)%repeatOneIn == 0 {
		return random(n, saltPick) % n
	}
	return n
}

func kindOf(n uint64) kind {
	switch p := random(n, saltKind) % 100; {
	case p < percentIPv4:
		return ipv4
	case p < percentIPv4+percentDomain:
		return domain
	case p < percentIPv4+percentDomain+percentURL:
		return url
	}
	return sha256
}

// appendPattern writes the pattern of the value with number n.
func appendPattern(b []byte, n uint64) []byte {
	r := random(n, saltValue)
	switch kindOf(n) {
	case ipv4:
		b = appendIPv4(append(b, "[ipv4-addr:value = '"...), r)
	case domain:
		b = appendDomain(append(b, "[domain-name:value = '"...), r)
	case url:
		b = appendDomain(append(b, "[url:value = 'http://"...), r)
		b = strconv.AppendUint(append(b, "/u/"...), random(r, 1), 36)
	default:
		b = appendSHA256(append(b, "[file:hashes.'SHA-256' = '"...), r)
	}
	return append(b, "']"...)
}

// appendIPv4 stays within 11.0.0.0 to 126.255.255.255 and out of 100.64.0.0/10,
// where no address is reserved.
func appendIPv4(b []byte, r uint64) []byte {
	dense, net, host := r%100 < percentDense, r>>8, byte(r>>56)
	first, second, third := byte(11+(net%85)), byte(net>>8), byte(net>>16)
	if dense {
		n := net % denseNets
		first, second, third = byte(101+n/256), byte(n), byte(n>>4)
	}
	return netip.AddrFrom4([4]byte{first, second, third, host}).AppendTo(b)
}

// appendDomain writes a name below .example, which nobody can own.
func appendDomain(b []byte, r uint64) []byte {
	b = strconv.AppendUint(append(b, 'h'), r>>40, 36)
	b = strconv.AppendUint(append(b, ".site-"...), r&0xff_ffff_ffff, 36)
	return append(b, ".example"...)
}

func appendSHA256(b []byte, r uint64) []byte {
	var sum [32]byte
	for i := range 4 {
		binary.BigEndian.PutUint64(sum[8*i:], random(r, uint64(i)))
	}
	return hex.AppendEncode(b, sum[:])
}
