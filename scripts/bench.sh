#!/usr/bin/env bash
# How fast, measured beside peers in one run. Takes a few minutes and wants the machine to itself.
set -eu
. "$(dirname "$0")/common.sh"
packages python3 python3-venv
python=$tools/bench-python/bin/python
[ -x "$python" ] || python3 -m venv "$tools/bench-python"
"$python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 numpy

say 'The engine: a line, a file'
cargo bench --quiet --locked -p makegood-engine --bench engine -- --quiet
say '10,000 lines of a month of five-minute slots, beside DuckDB'
program=$(cargo bench --quiet --locked -p makegood-engine --bench month_of_slots --no-run --message-format=json |
  "$python" -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line)
    if built.get("executable") and built["target"]["name"] == "month_of_slots":
        print(built["executable"])')
"$python" crates/engine/benches/duckdb_peer.py "$program"
say 'Central: slots beside COPY; the end of a month with 50,000 lines'
. scripts/postgres.sh
start_postgres
trap stop_postgres EXIT
cargo bench --quiet --locked -p makegood-central --bench ingest
cargo bench --quiet --locked -p makegood-central --bench month_end
