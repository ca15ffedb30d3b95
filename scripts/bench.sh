#!/usr/bin/env bash
# How fast, measured beside peers in one run. Takes about an hour, and wants the machine to itself.
set -eu
. "$(dirname "$0")/common.sh"
packages python3 python3-venv poppler-utils sqlite3
python=$tools/bench-python/bin/python
[ -x "$python" ] || python3 -m venv "$tools/bench-python"
"$python" -m pip install --quiet --disable-pip-version-check duckdb==2.0.1 numpy \
  reportlab==5.1.0 pyhanko==0.38.0

# Builds a benchmark of a package, and prints where its program lies.
program() {
  cargo bench --quiet --locked -p "$1" --bench "$2" --no-run --message-format=json |
    "$python" -c 'import json, sys
for line in sys.stdin:
    built = json.loads(line)
    if built.get("executable") and built["target"]["name"] == sys.argv[1]:
        print(built["executable"])' "$2"
}

say 'The engine: a line, a file'
cargo bench --quiet --locked -p makegood-engine --bench engine -- --quiet
say '10,000 lines of a month of five-minute slots, beside DuckDB'
"$python" crates/engine/benches/duckdb_peer.py "$(program makegood-engine month_of_slots)"
say 'Statements, beside ReportLab, pyHanko and krilla'
CARGO_TARGET_DIR=$target/peers cargo build --quiet --release --locked --manifest-path crates/statement/benches/krilla_peer/Cargo.toml
"$python" crates/statement/benches/peers.py "$(program makegood-statement statements)" "$target/peers/release/krilla-peer"
say 'A run of 10,000 statements, on one thread and on two'
"$(program makegood-statement statements)" --run 10000
say 'Central: slots beside COPY; the end of a month with 50,000 lines'
(cd crates/desk/benches/pouch_peer && npm ci --silent --no-audit --no-fund)
. scripts/postgres.sh
start_postgres
trap stop_postgres EXIT
cargo bench --quiet --locked -p makegood-central --bench ingest
cargo bench --quiet --locked -p makegood-central --bench month_end
say 'Central: 1,000 desks, 50 people who decide, 50,000 slots a minute'
cargo bench --quiet --locked -p makegood-central --bench load
say 'Sync: 100,000 entities as rows and as a ready mirror, beside rusqlite, sqlite3 and PouchDB'
MAKEGOOD_BENCH_POUCH=$root/crates/desk/benches/pouch_peer cargo bench --quiet --locked -p makegood-desk --bench sync || slow=1
say 'Screens over 10,000 customers, 50,000 lines a month, three years; making the house takes a quarter of an hour'
cargo bench --quiet --locked -p makegood-mirror --bench screens
[ -z "${slow:-}" ] || { say "Something is slower beside its peer than it may be: see above"; exit 1; }
