# shellcheck shell=bash
# Sourced by the other scripts: where things are, saying what is done, running long commands. Bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
jobs=$(nproc)
running_child=

if [ -t 1 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

say() { printf '%s\n' "$*"; }
headline() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
complain() { printf '%s%s%s\n' "$red" "$*" "$plain"; }

# A child in the background doesn't see Ctrl-C; stop it with us.
stop_child() {
  [ -n "$running_child" ] && kill "$running_child" 2>/dev/null
  exit 130
}
trap stop_child INT TERM

# logged <name> <what> <command>...
# Runs the command with its output in build/logs/<name>.log, says every 15 seconds where it stands, returns its exit code.
logged() {
  local log=$logs/$1.log what=$2 start=$SECONDS told=$SECONDS code
  shift 2
  mkdir -p "$logs"
  say "   $what …"
  "$@" >"$log" 2>&1 </dev/null &
  running_child=$!
  while kill -0 "$running_child" 2>/dev/null; do
    sleep 0.3
    if [ $((SECONDS - told)) -ge 15 ]; then
      told=$SECONDS
      say "   … $((SECONDS - start)) s, $(progress_of "$log")"
    fi
  done
  wait "$running_child"
  code=$?
  running_child=
  if [ $code -eq 0 ]; then say "   done in $((SECONDS - start)) s"; else complain "   failed (exit code $code) after $((SECONDS - start)) s: $what"; fi
  return $code
}

# The last step that a log names: ninja's [12/80], the number of finished tests, or its last line.
progress_of() {
  local step tests
  step=$(grep -aoE '^\[[0-9]+/[0-9]+\]' "$1" | tail -n 1)
  tests=$(grep -acE '^ *(ok [0-9]+|✔ |[0-9]+: \[ +OK +\])' "$1")
  if [ -n "$step" ]; then
    say "step $step"
  elif [ "$tests" -gt 0 ]; then
    say "$tests tests passed so far"
  else
    tail -n 1 "$1" | tr -d '\r' | cut -c1-100
  fi
}

quote() { cut -c1-300 <<<"$1" | sed 's/^/   | /'; }

# explain <name>: the lines of build/logs/<name>.log that say why it failed.
explain() {
  local log=$logs/$1.log found
  found=$(grep -aE -A 6 '(: (fatal )?error: |undefined reference|^CMake Error|^FAILED: |npm ERR!|npm error|^E: )' "$log" | head -n 60)
  [ -n "$found" ] || found=$(tail -n 30 "$log")
  quote "$found"
  complain "   all of it: ${log#"$root"/}"
}

# step <name> <what> <command>...: logged, and explained when it fails.
step() { logged "$@" || { explain "$1"; return 1; }; }

# The official clients, exactly as interop/package-lock.json pins them; once per lock file.
install_node_packages() {
  local stamp=$root/interop/node_modules/.installed-for sum
  sum=$(sha256sum <"$root/interop/package-lock.json")
  if [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then return 0; fi
  if ! step npm "Fetching the official clients (npm ci in interop/)" npm --prefix "$root/interop" ci; then
    complain "   npm ci needs the network once. Does a proxy or a registry setting stand in its way?"
    return 1
  fi
  printf '%s\n' "$sum" >"$stamp"
}

# The browser and the Python of the interop tests, whatever their names are here; nothing where there is none.
find_chromium() {
  command -v "${INTEROP_CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome ||
    command -v google-chrome-stable
}
find_python() {
  local python
  for python in ${INTEROP_PYTHON:+"$INTEROP_PYTHON"} /usr/bin/python3 python3; do
    if "$python" -c 'import socketio, aiohttp' >/dev/null 2>&1; then say "$python" && return; fi
  done
}

# build <preset> <CMake options> [target]: configures and builds.
build() {
  local preset=$1 options=$2 target=${3:-}
  # shellcheck disable=SC2086  # options are words
  step "$preset-configure" "Configuring build/$preset" cmake -S "$root" --preset "$preset" $options &&
    step "$preset-build" "Building ${target:-everything} in build/$preset with $jobs jobs" \
      cmake --build "$root/build/$preset" --parallel "$jobs" ${target:+--target "$target"}
}
