#!/usr/bin/env bash
# Shows that layering.sh fails when a rule is broken: one small tree per violation, and one without any.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# expect <exit code> <file> <include line>: the verdict on a tree of clean files plus this one.
expect() {
  local code=$1 file=$2 line=$3 got
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/{engineio,transports/detail,socketio/detail,examples,interop,tests/unit}
  echo '#include <string>' >"$tree/engineio/packet.hpp"
  echo '#include "engineio/packet.hpp"' >"$tree/transports/engine_server.hpp"
  echo 'socketio_library(transports HEADERS engine_server.hpp router.hpp)' >"$tree/transports/CMakeLists.txt"
  echo '#include <boost/beast/http/parser.hpp>' >"$tree/transports/http_codec.hpp"
  echo '#include "transports/engine_server.hpp"' >"$tree/socketio/server.cpp"
  echo '#include "socketio/server.hpp"' >"$tree/examples/echo.cpp"
  mkdir -p "$tree/$(dirname "$file")"
  printf '%s\n' "$line" >>"$tree/$file"
  bash "$here/layering.sh" "$tree" >"$tree/said" 2>&1
  got=$?
  if [ $got -ne "$code" ] || { [ "$code" -eq 1 ] && ! grep -qF "$file:" "$tree/said"; }; then
    echo "layering_test: exit code $got instead of $code for $file with $line"
    cat "$tree/said"
    failed=1
  fi
}

expect 0 engineio/packet.cpp '#include "engineio/packet.hpp"'
expect 0 socketio/server.cpp '#include "engineio/engine.hpp"'
expect 0 examples/echo.cpp '#include "transports/engine_server.hpp"'
expect 0 examples/echo.cpp '#include <transports/router.hpp>'
expect 0 transports/polling.cpp '#include "engineio/detail/x.hpp"'
expect 0 engineio/detail/asio_src.cpp '#include <boost/asio/impl/src.hpp>'
expect 0 tests/unit/tls_test.cpp '#include <openssl/ssl.h>'
expect 0 bench/load/tls_stream.cpp '#include <openssl/ssl.h>'
expect 0 interop/node_modules/x/x.cpp '#include <boost/beast.hpp>'

expect 1 engineio/session.hpp '#include <boost/beast/core/error.hpp>'
expect 1 engineio/session.cpp '#include "transports/connection.hpp"'
expect 1 engineio/session.cpp '#include <socketio/server.hpp>'
expect 1 engineio/session.cpp '#include "../socketio/server.hpp"'
expect 1 engineio/session.cpp '#  include <boost/asio/ip/tcp.hpp>'
expect 1 engineio/session.cpp '#include <sys/socket.h>'
expect 1 socketio/socket.cpp '#include <openssl/sha.h>'
expect 1 socketio/socket.cpp '#include "transports/engine_server.hpp"'
expect 1 socketio/server.hpp '#include "transports/engine_server.hpp"'
expect 1 socketio/server.hpp '#include "engineio/detail/x.hpp"'
expect 1 engineio/packet.hpp '#include "engineio/detail/x.hpp"'
expect 1 transports/engine_server.hpp '#include "engineio/detail/x.hpp"'
expect 1 examples/echo.cpp '#include "engineio/detail/x.hpp"'
expect 1 transports/polling.cpp '#include "socketio/socket.hpp"'
expect 1 transports/engine_server.hpp '#include <boost/beast/http/message.hpp>'
expect 1 transports/router.hpp '#include <openssl/ssl.h>'
expect 1 transports/polling.cpp '#include <boost/asio.hpp>'
expect 1 interop/conformance.cpp '#include "transports/connection.hpp"'
expect 1 examples/echo.cpp '#include "socketio/detail/room_index.hpp"'
expect 1 tests/unit/a_test.cpp '#include <boost/asio.hpp>'
expect 1 socketio/socket.cpp '#include "../engineio/packet.hpp"'

rm -rf "${tree:?}"/*
bash "$here/layering.sh" "$tree" >/dev/null 2>&1
[ $? -eq 2 ] || { echo "layering_test: an empty tree passed"; failed=1; }

exit $failed
