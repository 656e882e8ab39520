#!/usr/bin/env bash
# lists.sh [SECONDS [ROUNDS [CONNECTIONS]]]: the list server of a whole daemon beside nginx, on
# the same list of about 300,000 lines, with the same client: conditional requests,
# downloads as gzip and downloads as they are. The two take turns, and each figure
# is the median of the rounds. The processor time of a request depends less on what
# else the machine does than the rate. It needs curl, nginx with gzip_static, and wrk
# (apt-get install curl nginx-light wrk).
#
# The daemon compares a token and writes a log line for each request. nginx asks for
# nothing and writes its access log.
set -euo pipefail
seconds=${1:-5}
rounds=${2:-5}
connections=${3:-16}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-lists.XXXXXX")
pids=()
finish() {
	[ ${#pids[@]} -eq 0 ] || { kill "${pids[@]}" 2>/dev/null || true; wait "${pids[@]}" 2>/dev/null || true; }
	rm -rf "$work"
}
trap finish EXIT
for program in curl nginx wrk; do
	PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || { echo "there is no $program here: apt-get install curl nginx-light wrk" >&2; exit 1; }
done

(cd "$here/../.." && go build -o "$work/bin/" ./cmd/indicatord ./packaging/bench/loadhub)
"$work/bin/loadhub" -n 550000 -listen 127.0.0.1:0 </dev/null >"$work/hub.out" &
hub=$!
until grep -q READY "$work/hub.out"; do sleep 0.05; done
echo 'a-token-of-the-bench' >"$work/token"
cat >"$work/indicatord.yaml" <<EOF
site: bench
state: $work/state
log: {format: text}
lists:
  listen: 127.0.0.1:0
  max_connections_per_address: 256
  clients: [{name: bench, token: {file: $work/token}, lists: [edge]}]
connectors:
  - name: hub
    type: taxii
    schedule: "@never"
    lifetime: {ip: 3650d}
    settings: {url: "$(awk '/READY/ {print $2}' "$work/hub.out")", page_size: 1000}
outputs:
  - name: edge
    type: addresslist
    select: {kinds: [ip]}
    settings: {serve: edge}
EOF
"$work/bin/indicatord" --config "$work/indicatord.yaml" once 2>"$work/once.log"
kill "$hub" && wait "$hub" 2>/dev/null || true

"$work/bin/indicatord" --config "$work/indicatord.yaml" run 2>"$work/run.log" &
pids+=($!)
agent=$!
until grep -q 'serving lists' "$work/run.log"; do sleep 0.1; done
ours=http://$(sed -n 's/.*msg="serving lists" listen=\([^ ]*\).*/\1/p' "$work/run.log")/lists/edge

mkdir -p "$work/www/lists"
cp "$work/state/lists/edge" "$work/www/lists/edge"
gzip -k -6 "$work/www/lists/edge"
chmod -R a+rX "$work"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<EOF
worker_processes auto;
pid $work/nginx.pid;
error_log $work/error.log;
daemon off;
events { worker_connections 512; }
http {
	default_type text/plain;
	access_log $work/access.log;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000;
	server {
		listen 127.0.0.1:$port;
		root $work/www;
		gzip_static on;
	}
}
EOF
PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" -p "$work" -e "$work/error.log" &
pids+=($!)
nginx=$!
theirs=http://127.0.0.1:$port/lists/edge
token="Authorization: Bearer $(cat "$work/token")"
until curl -sfo /dev/null "$theirs"; do sleep 0.1; done

curl -sS -H "$token" "$ours" | cmp - "$work/www/lists/edge"
echo "lines in the list: $(wc -l <"$work/www/lists/edge"), bytes: $(wc -c <"$work/www/lists/edge")"
for url in "$ours" "$theirs"; do
	curl -sS -o /dev/null -H "$token" -H 'Accept-Encoding: gzip' -w 'bytes as gzip: %{size_download}\n' "$url"
done

tag() { curl -sSI -H "$token" "$1" | tr -d '\r' | sed -n 's/^[Ee][Tt][Aa][Gg]: //p'; }
# ticks PID: the processor time of a process and its children, in hundredths of a
# second.
ticks() {
	local child sum=0
	for child in "$1" $(cat "/proc/$1/task/$1/children"); do
		sum=$((sum + $(awk '{print $14 + $15}' "/proc/$child/stat")))
	done
	echo $sum
}
# measure PID URL HEADER: the requests a second that are answered, and the
# microseconds of processor time of each. It fails where one is answered with an
# error or not at all.
measure() {
	local before
	before=$(ticks "$1")
	wrk -t1 -c"$connections" -d"${seconds}s" --timeout 10s -H "$token" ${3:+-H "$3"} "$2" >"$work/wrk.out"
	if grep -E 'Non-2xx|Socket errors' "$work/wrk.out" >&2; then return 1; fi
	awk -v ticks=$(($(ticks "$1") - before)) '/requests in/ {n = $1} /^Requests\/sec/ {print $2, 10000 * ticks / n}' "$work/wrk.out"
}
# median COLUMN FILE
median() { awk -v c="$1" '{print $c}' "$2" | sort -g | awk '{all[NR] = $1} END {print all[int((NR + 1) / 2)]}'; }

compare() {
	: >"$work/ours" && : >"$work/theirs"
	for _ in $(seq "$rounds"); do
		measure "$agent" "$ours" "$2" >>"$work/ours"
		measure "$nginx" "$theirs" "$3" >>"$work/theirs"
	done
	awk -v what="$1" -v a="$(median 1 "$work/ours")" -v b="$(median 1 "$work/theirs")" -v c="$(median 2 "$work/ours")" -v d="$(median 2 "$work/theirs")" \
		'BEGIN {printf "%-22s indicatord %6.0f/s, %5.0f us each   nginx %6.0f/s, %5.0f us each   rate %3.0f %%\n", what, a, c, b, d, 100 * a / b}'
}
compare "conditional requests" "If-None-Match: $(tag "$ours")" "If-None-Match: $(tag "$theirs")"
compare "downloads as gzip" 'Accept-Encoding: gzip' 'Accept-Encoding: gzip'
compare "downloads as they are" '' ''
