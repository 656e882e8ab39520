#!/usr/bin/env bash
# syslog.sh [TIMES]: a million events over TCP, as the agent sends them, beside bare
# writes of as many bytes, to a receiver that throws everything away and to rsyslog,
# if it is installed. It prints the rate of each, and the peak memory of the sender.
set -euo pipefail
times=${1:-3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

cd "$here/../.."
go build -o "$work/measure" ./packaging/bench/measure
go test -c -tags real -o "$work/syslog.test" ./outputs/syslog
for receiver in sink rsyslog; do
	for sender in agent raw; do
		"$work/measure" "$work/syslog.test" -test.run '^$' -test.bench "MillionEvents/$receiver/$sender\$" -test.benchtime 1x -test.count "$times" |&
			grep -E '^Benchmark|peak_rss' | sed -E 's/.*(peak_rss_mib=)/\1/'
	done
done
