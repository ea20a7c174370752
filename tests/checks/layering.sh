#!/usr/bin/env bash
# The include rules of docs/architecture.md:   layering.sh <root of the tree>
#
#   examples, bench, interop ──► socketio ──► engineio ◄── transports
#                                  └── server.cpp only ──────►┘
#
# Prints each line that breaks a rule. Exit code 0: none, 1: some, 2: nothing to check.
set -u
cd "${1:?usage: layering.sh <root of the tree>}" || exit 2

# The files of socketio/ that may construct the listener.
glue='socketio/server\.cpp|socketio/detail/listener[a-z_]*\.(cpp|hpp)'
# The headers of transports/ that users see, as a regex, from the one place that lists them.
public_transports=$(sed -nE 's/^socketio_library\(transports HEADERS (.*)\)$/\1/p' transports/CMakeLists.txt 2>/dev/null |
  sed -E 's/\./\\./g; s/ +/|/g; s/^(.*)$/transports\/(\1)/')
if [ -z "$public_transports" ]; then
  echo "layering: transports/CMakeLists.txt names no public headers"
  exit 2
fi

broken=0

# Every include of the tree, as file:line:"path" or file:line:<path>.
includes=$(
  find engineio transports socketio examples interop bench tests -name node_modules -prune -o -name '*.[ch]pp' -print0 2>/dev/null |
    xargs -0 -r grep -nHE '^[[:space:]]*#[[:space:]]*include' | sed -E 's/^([^:]*:[0-9]+:)[^<"]*/\1/' | sort -V
)
if ! grep -qE '^(engineio|transports|socketio)/' <<<"$includes"; then
  echo "layering: no sources below $PWD"
  exit 2
fi

# rule <text> <folders or files, as a regex> <regex of the included path> [regex of exempt files] [regex of exempt included paths]
rule() {
  local text=$1 folders=$2 path=$3 exempt_files=${4:-^$} exempt_paths=${5:-^$} found
  found=$(grep -E "^($folders)(/[^:]*)?:[0-9]+:[<\"]($path)" <<<"$includes" |
    grep -vE "^($exempt_files):|[<\"]($exempt_paths)[>\"]")
  [ -z "$found" ] && return
  echo "layering: $text"
  awk '{ print "  " $0 }' <<<"$found"
  broken=1
}

programs="examples|bench|interop"
rule "Beast and OpenSSL stay inside transports/" "engineio|socketio|interop|bench" 'boost/beast|openssl/' 'bench/load/tls_stream\.cpp'
rule "engineio/ knows no other layer" engineio '(\.\./)*(transports|socketio)/'
rule "engineio/ knows no sockets" engineio 'boost/asio/(ip|ssl|local|posix|generic)/|sys/(socket|epoll)\.h|netinet/'
rule "transports/ knows nothing of socketio/" transports '(\.\./)*socketio/'
rule "in socketio/, only the server's own files know transports/" socketio '(\.\./)*transports/' "$glue"
rule "headers of socketio/ show nothing of transports/" socketio '(\.\./)*transports/' '.*\.cpp|socketio/detail/listener[a-z_]*\.hpp'
rule "detail/ of a layer is not for programs" "$programs" '(\.\./)*(engineio|transports|socketio)/detail/'
rule "detail/ of engineio and transports, which is not installed, is not for public headers" \
  "$public_transports|engineio/[a-z_]*\.hpp|socketio" '(\.\./)*(engineio|transports)/detail/' '.*\.cpp'
rule "programs see only the public headers of transports/" "$programs" '(\.\./)*transports/' '^$' "$public_transports"
rule "public headers of transports/ show neither Beast nor OpenSSL" "$public_transports" 'boost/beast|openssl/'
rule "narrow headers instead of the umbrellas boost/asio.hpp and boost/beast.hpp" \
  "engineio|transports|socketio|tests|$programs" 'boost/(asio|beast|beast/(core|http|websocket))\.hpp' 'tests/checks/.*'
rule "includes are paths from the root, without .." "engineio|transports|socketio|tests|$programs" '\.\./'

exit $broken
