#!/usr/bin/env bash
# The code in the documents is the code of examples/: each block under a line <!-- examples/NAME --> must be that file.
set -u
root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
checked=0 differ=0
while IFS=: read -r document line marker; do
  file=$(sed -E 's/.*<!-- (examples\/[^ ]+) -->.*/\1/' <<<"$marker")
  block=$(tail -n "+$((line + 1))" "$document" | sed -n '/^```/,/^```$/p' | sed '1d;/^```$/,$d')
  checked=$((checked + 1))
  if ! diff <(printf '%s\n' "$block") "$root/$file" >/dev/null 2>&1; then
    echo "${document#"$root"/}:$line does not show $file as it is"
    differ=$((differ + 1))
  fi
done < <(grep -nE '<!-- examples/[^ ]+ -->' "$root"/README.md "$root"/docs/*.md)
echo "$checked examples in the documents, $differ differ"
[ "$checked" -gt 0 ] && [ "$differ" -eq 0 ]
