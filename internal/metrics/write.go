package metrics

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/indicatord/indicatord/internal/admin"
)

// Write writes the status in the text format of Prometheus. Names and labels
// are stable.
func Write(w io.Writer, s *admin.Status) {
	gauge(w, "indicatord_info", 1, "site", s.Site, "version", s.Version)
	if s.Daemon != nil {
		gauge(w, "indicatord_start_timestamp_seconds", seconds(s.Daemon.Started))
	}
	for _, a := range s.Alarms {
		gauge(w, "indicatord_alarm", 1, "alarm", a.Name, "subject", a.Subject)
	}
	counts(w, "indicatord_entries", "kind", s.Entries)
	for i := range s.Connectors {
		writeConnector(w, &s.Connectors[i])
	}
	for i := range s.Outputs {
		writeOutput(w, &s.Outputs[i])
	}
	metrics.WriteProcessMetrics(w)
}

func writeConnector(w io.Writer, c *admin.ConnectorStatus) {
	writeRounds(w, "indicatord_pull", "connector", &c.RoundStatus)
	gauge(w, "indicatord_pull_overdue", flag(!c.Overdue.IsZero()), "connector", c.Name)
	gauge(w, "indicatord_full_pull_success_timestamp_seconds", seconds(c.LastComplete), "connector", c.Name)
	counts(w, "indicatord_objects", "state", c.Objects, "connector", c.Name)
	counts(w, "indicatord_rejects", "code", c.Rejects, "connector", c.Name)
}

func writeOutput(w io.Writer, o *admin.OutputStatus) {
	writeRounds(w, "indicatord_delivery", "output", &o.RoundStatus)
	gauge(w, "indicatord_delivery_behind", float64(o.Behind), "output", o.Name)
	counts(w, "indicatord_held_entries", "kind", o.Held, "output", o.Name)
	for i := range o.Readers {
		writeReader(w, o.Name, &o.Readers[i])
	}
	if v := o.Verification(); v != nil {
		gauge(w, "indicatord_verified_entries", float64(v.Verified), "output", o.Name)
		gauge(w, "indicatord_drifted_entries", float64(v.Missing+v.Extra+v.Changed), "output", o.Name)
		gauge(w, "indicatord_verification_timestamp_seconds", seconds(o.Verified.Ended), "output", o.Name)
	}
}

// writeReader writes how a device keeps up that fetches the list of an output. The
// time of a device that has never fetched is 0.
func writeReader(w io.Writer, output string, r *admin.ReaderStatus) {
	gauge(w, "indicatord_reader_fetch_timestamp_seconds", seconds(r.Fetched), "output", output, "device", r.Device)
	gauge(w, "indicatord_reader_behind", flag(!r.Current), "output", output, "device", r.Device)
	gauge(w, "indicatord_reader_stale", flag(!r.Stale.IsZero()), "output", output, "device", r.Device)
}

// writeRounds writes how the rounds of a connector or an output go. Where none
// has ended yet, there is nothing to say.
func writeRounds(w io.Writer, prefix, label string, r *admin.RoundStatus) {
	if r.Last != nil {
		gauge(w, prefix+"_failed", flag(r.Last.Error != ""), label, r.Name)
		gauge(w, prefix+"_duration_seconds", r.Last.Ended.Sub(r.Last.Started).Seconds(), label, r.Name)
	}
	if r.Success != nil {
		gauge(w, prefix+"_success_timestamp_seconds", seconds(r.Success.Ended), label, r.Name)
	}
}

// counts writes one gauge for each key, in order.
func counts(w io.Writer, name, label string, byKey map[string]int, more ...string) {
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		gauge(w, name, float64(byKey[key]), append(slices.Clone(more), label, key)...)
	}
}

// gauge writes a value with pairs of labels.
func gauge(w io.Writer, name string, value float64, labels ...string) {
	pairs := make([]string, 0, len(labels)/2)
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+"="+strconv.Quote(labels[i+1]))
	}
	if len(pairs) > 0 {
		name += "{" + strings.Join(pairs, ",") + "}"
	}
	metrics.WriteGaugeFloat64(w, name, value)
}

func flag(set bool) float64 {
	if set {
		return 1
	}
	return 0
}

// seconds is a time as Prometheus has it, 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
