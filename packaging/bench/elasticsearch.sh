#!/usr/bin/env bash
# elasticsearch.sh [ROUNDS]: the output beside a plain loop of bulk requests that
# sends the same bytes, ready made, over as many connections to the same real node.
# In each round both write twice, in the order A B B A or B A A B, into an index of
# their own; the median of the rounds is printed. It needs Java and Maven, which
# fetch the node.
set -euo pipefail
export INDICATORD_ES_ROUNDS=${1:-9} REALTEST_HEAP=${REALTEST_HEAP:-1g}
cd "$(dirname "$0")/../.."
work=$(mktemp -d "${TMPDIR:-/tmp}/indicatord-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
go test -c -tags real -o "$work/elasticsearch.test" ./outputs/elasticsearch
cd outputs/elasticsearch
"$work/elasticsearch.test" -test.run '^TestRealSpeed$' -test.v |&
	sed -n -e 's/.*_test.go:[0-9]*: //p' -e '/SKIP/p'
