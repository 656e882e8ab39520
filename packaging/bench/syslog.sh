#!/usr/bin/env bash
# syslog.sh [TIMES]: a million events over TCP, as the agent sends them, beside bare
# writes of as many bytes, to a receiver that throws everything away and to rsyslog,
# if it is installed. It prints the rate, the processor time and the peak memory of
# each, with those of the receiver.
set -euo pipefail
times=${1:-3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

cd "$here/../.."
go build -o "$work/measure" ./packaging/bench/measure
go test -c -tags real -o "$work/syslog.test" ./outputs/syslog
for receiver in sink rsyslog; do
	for ((i = 0; i < times; i++)); do # in turn, so that whatever else runs slows both
		for sender in agent raw; do
			"$work/measure" "$work/syslog.test" -test.run '^$' -test.bench "MillionEvents/$receiver/$sender\$" -test.benchtime 1x |&
				awk -v what="$receiver $sender" '/^Benchmark/ {rate = $(NF-1)} /peak_rss/ {print what, rate, "events/s", $2, $3, $NF}'
		done
	done
done
