#!/usr/bin/env bash
# Asks a running central everything that docs/openapi.json allows, and much that it does not, as an administrator:
# no answer may be a failure of central's, and each must be one that is described. A minute; `openapi.sh SEED` for other
# questions than the usual ones.
set -u
. "$(dirname "$0")/common.sh"
central=$target/debug/makegood-central
work=$(mktemp -d)
pid=
finish() {
  [ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; }
  rm -rf "$work"
}
trap finish EXIT

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/central.toml" <<SETTINGS
company = "Fuzzed"
database = "sqlite:$work/central.db"
listen = "127.0.0.1:$port"
[limits]
token_per_second = 100000
token_burst = 100000
address_per_second = 100000
address_burst = 100000
[log]
level = "error"
SETTINGS
run() { "$central" --config "$work/central.toml" "$@"; }
person=$(run person put --name Root --issuer https://id.example --subject root --role admin) || exit 1
token=$(run token issue --person "$person" 2>/dev/null) || exit 1
run policy put --version 1 --limit 'EUR 1500.00' || exit 1
"$central" --config "$work/central.toml" serve 2>"$work/log" &
pid=$!
for _ in $(seq 100); do
  curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz" && break
  sleep 0.1
done

# One worker: Python 3.11 miscounts when two threads parse source at once (CPython issue 106905), as the fuzzer's do.
cd "$work"
"$tools/python/bin/schemathesis" run "$root/docs/openapi.json" --url "http://127.0.0.1:$port" \
  --header "Authorization: Bearer $token" --seed "${1:-20261127}" --generation-database none --workers 1 \
  --phases examples,coverage,fuzzing --max-examples 80 --request-timeout 40 --suppress-health-check all --no-color \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
status=$?
# It still stands, what it wrote is whole, and it ends when it is asked to.
curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz" || { echo 'central no longer answers'; status=1; }
kill "$pid" && wait "$pid" || { echo 'central did not end in order'; status=1; }
pid=
run audit verify || status=1
[ "$status" -eq 0 ] || cat "$work/log"
exit "$status"
