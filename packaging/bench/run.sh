#!/usr/bin/env bash
# run.sh [OBJECTS [PAGE]]: the whole line on generated indicators, each step a
# process of its own: a first pull with its delivery to one list, a full pull in
# which one percent has changed, a round without news, and the script that is the
# floor. It prints the seconds, the rate and the peak memory of each.
set -euo pipefail
objects=${1:-1000000}
page=${2:-1000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-bench.XXXXXX")
hub=
finish() {
	[ -z "$hub" ] || { kill "$hub" 2>/dev/null || true; wait "$hub" 2>/dev/null || true; }
	rm -rf "$work"
}
trap finish EXIT

(cd "$here/../.." && go build -o "$work/bin/" ./cmd/indicatord ./packaging/bench/loadhub ./packaging/bench/measure)

# serve GENERATION PORT: starts the hub and waits until it is ready.
serve() {
	[ -z "$hub" ] || { kill "$hub"; wait "$hub" 2>/dev/null || true; }
	"$work/bin/loadhub" -n "$objects" -page "$page" -generation "$1" -churn 0.01 -listen "127.0.0.1:$2" </dev/null >"$work/hub.out" &
	hub=$!
	until grep -q READY "$work/hub.out"; do sleep 0.05; done
	url=$(awk '/READY/ {print $2}' "$work/hub.out")
}

step() {
	echo "== $1"
	shift
	"$work/bin/measure" "$@" 2>&1 | grep -v 'level=DEBUG'
}

serve 1 0
port=${url#http://127.0.0.1:}
port=${port%%/*}
cat >"$work/indicatord.yaml" <<EOF
site: bench
state: $work/state
log: {format: text}
connectors:
  - name: hub
    type: taxii
    schedule: "@never"
    lifetime: {ip: 3650d}
    settings: {url: "$url", page_size: $page}
outputs:
  - name: list
    type: addresslist
    select: {kinds: [ip]}
    settings: {path: "$work/list.txt"}
EOF
agent=("$work/bin/indicatord" --config "$work/indicatord.yaml")

step "first pull of $objects objects, delivered to one list" "${agent[@]}" once
wc -l <"$work/list.txt" | xargs echo "lines in the list:"
du -sm "$work/state" | cut -f1 | xargs echo "MB of state:"
serve 2 "$port"
step "full pull after 1 % has changed" "${agent[@]}" once --full
step "a round without news" "${agent[@]}" once
rm "$work/list.txt"
step "the list again, from the store to the file" "${agent[@]}" once --connector hub
shuf "$work/list.txt" >"$work/shuffled.txt"
step "the floor of the list: sort -u of the same lines" sort -u "$work/shuffled.txt" -o "$work/sorted.txt"
if python3 -c 'import requests' 2>/dev/null; then
	serve 1 0
	(cd "$work" && step "the floor: a lean Python script" python3 "$here/floor.py" "$url")
else
	echo "== the floor is left out: python3 has no module requests"
fi
