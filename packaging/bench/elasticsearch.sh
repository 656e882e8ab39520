#!/usr/bin/env bash
# elasticsearch.sh [TIMES]: the output beside a plain loop of bulk requests that
# sends the same bytes, ready made, to the same real node. Both take turns, three
# times in each run, so that whatever else runs slows both. It needs Java and Maven,
# which fetch the node.
set -euo pipefail
times=${1:-3}
cd "$(dirname "$0")/../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
go test -c -tags real -o "$work/elasticsearch.test" ./outputs/elasticsearch
cd outputs/elasticsearch
for ((i = 0; i < times; i++)); do
	"$work/elasticsearch.test" -test.run '^TestRealSpeed$' -test.v |&
		sed -n -e 's/.*_test.go:[0-9]*: //p' -e '/SKIP/p'
done
