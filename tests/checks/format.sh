#!/usr/bin/env bash
# clang-format over all C++ files of the tree:   format.sh <root of the tree> [--fix]
set -u
cd "${1:?usage: format.sh <root of the tree> [--fix]}" || exit 2
mode=(--dry-run -Werror)
[ "${2:-}" = --fix ] && mode=(-i)

command -v clang-format >/dev/null || { echo "format: clang-format is missing (apt-get install clang-format)"; exit 2; }
mapfile -d '' files < <(find engineio transports socketio examples interop tests bench \
  -name node_modules -prune -o -name '*.[ch]pp' -print0 2>/dev/null | sort -z)
[ ${#files[@]} -gt 0 ] || { echo "format: no sources below $PWD"; exit 2; }

clang-format "${mode[@]}" "${files[@]}" || { echo "format: mend it with  tests/checks/format.sh . --fix"; exit 1; }
