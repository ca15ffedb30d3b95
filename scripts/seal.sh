#!/usr/bin/env bash
# Lists every migration that is not listed yet, with its digest. A listed one never changes: tests see to it.
set -eu
. "$(dirname "$0")/common.sh"
list=migrations/SHA256SUMS
touch "$list"
find migrations -name '*.sql' | LC_ALL=C sort | while read -r file; do
  grep -qF "  $file" "$list" || sha256sum "$file" >>"$list"
done
LC_ALL=C sort -k 2 -o "$list" "$list"
