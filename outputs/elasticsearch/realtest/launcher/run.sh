#!/bin/sh
# run.sh RELEASE                              builds what is needed to run a node
# run.sh RELEASE PORT DATADIR [setting=value ...]    runs one, building it before
#
# RELEASE is the name of a folder beside this file. The node runs on 127.0.0.1 in
# the foreground; PORT 0 takes a free port. It prints
#   READY http://127.0.0.1:PORT version=... pid=... start_ms=...
# and ends on SIGTERM, on SIGINT, and, if REALTEST_STDIN=1, when its standard
# input is closed. REALTEST_HEAP is its heap (512m). JAVA, MVN and MVN_ARGS
# name the programs and add arguments for Maven.
set -eu
release=$1
here=$(cd "$(dirname "$0")" && pwd)/$release
if [ ! -e "$here/target/built" ]; then
	${MVN:-mvn} -q -B -Dstyle.color=never ${MVN_ARGS:-} -f "$here/pom.xml" package </dev/null >&2
	touch "$here/target/built"
fi
[ $# -gt 1 ] || exit 0
shift
stdin=false
[ "${REALTEST_STDIN:-}" = 1 ] && stdin=true
heap=${REALTEST_HEAP:-512m}
# One tier of the compiler and the serial collector halve the time to start.
exec "${JAVA:-java}" -Xms"$heap" -Xmx"$heap" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
	-Drealtest.home="$here/target/node" -Drealtest.stdin=$stdin -Dfile.encoding=UTF-8 \
	-Djava.awt.headless=true -Dlog4j2.disable.jmx=true \
	-cp "$here/target/node/lib/*" Launcher "$@"
