#!/bin/bash
# Compiles explanations.cpp, which must fail, with the explanations that its comments name and no
# other error: whoever made the mistake reads nothing else.
# Usage: explanations.sh COMPILER ROOT FLAGS…
set -u
compiler=$1 root=$2
shift 2
source=$root/tests/checks/explanations.cpp
if output=$("$compiler" "$@" -std=c++20 -fsyntax-only -I"$root" "$source" 2>&1); then
  echo "explanations.cpp compiles" >&2
  exit 1
fi
errors=$(grep -E '(^|[0-9]: )error: |fatal error: ' <<<"$output")
explained=0 missing=0
while IFS= read -r words; do
  if grep -F 'static assertion failed' <<<"$errors" | grep -qF -- "$words"; then
    explained=$((explained + 1))
  else
    echo "not said: $words" >&2
    missing=$((missing + 1))
  fi
done < <(sed -n 's|^ *// says: ||p' "$source")
if others=$(grep -vF 'static assertion failed' <<<"$errors"); then
  echo "beside the explanations:" "$others" >&2
  missing=$((missing + 1))
fi
echo "$explained mistakes are explained"
[ "$missing" -eq 0 ] && [ "$explained" -gt 0 ]
