"""The figures of month_of_slots.rs by DuckDB, one thread, data in memory, in one pass.

Usage: duckdb_peer.py PROGRAM [LINES]. Runs PROGRAM, computes the same from the same numbers, says
whether they agree, and prints the ratio. DuckDB's mean is floating point; the engine's is exact.
"""

import json
import statistics
import subprocess
import sys
import time

import duckdb

SLOTS = 8640

program, lines = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000
rows = SLOTS * lines

ours, found = [], None
for row in subprocess.run([program, str(lines)], capture_output=True, text=True, check=True).stdout.splitlines():
    nanoseconds, rest = row.split(" ", 1)
    ours.append(int(nanoseconds) / 1e9)
    found = json.loads("[" + rest.replace("] [", "], [") + "]")

base = duckdb.connect()
base.execute("set threads = 1")
base.execute(f"""
    create table slots as
    with numbered as (select range::ubigint as i from range({rows})),
    first as (select i, (i * 2654435761) % 4294967296 as m from numbered),
    second as (select i, (xor(m, m >> 15) * 2246822519) % 4294967296 as m from first),
    third as (select i, xor(m, m >> 13) as m from second),
    counted as (select i, m, case when m % 97 = 0 then 0 else 200 + m % 1801 end as requests from third)
    select (i // {SLOTS})::integer as line, requests::integer as requests,
        (case when (m >> 11) % 10 = 0 and requests > 0 then 1 + (m >> 16) % 100 else 0 end)::integer as errors
    from counted order by i
""")
query = """
    select line, sum(requests) as requests, sum(errors) as errors,
        count(*) filter (errors * 100 > requests * 5) as bad,
        avg(case when requests = 0 then 0 else errors / requests end) as mean
    from slots group by line
"""
theirs = []
for _ in range(5):
    began = time.perf_counter()
    result = base.execute(query).fetchnumpy()
    theirs.append(time.perf_counter() - began)

requests, errors = (result[key].astype(object) for key in ("requests", "errors"))
exact = [
    sum(10**8 * (int(r) - int(e)) // int(r) for r, e in zip(requests, errors)),
    sum(10**8 * (SLOTS - int(bad)) // SLOTS for bad in result["bad"]),
]
mean = sum(int(1e8 * (1 - share)) for share in result["mean"])
agree = found[0][:2] == exact and abs(found[0][2] - mean) <= lines
ours, theirs = statistics.median(ours), statistics.median(theirs)
print(f"{rows} slots, three measures: exact {ours:.3f} s ({rows / ours / 1e6:.0f} million a second), "
      f"DuckDB {duckdb.__version__} {theirs:.3f} s ({rows / theirs / 1e6:.0f} million a second): "
      f"{theirs / ours:.1f} times; the figures {'agree' if agree else 'DIFFER'}")
sys.exit(0 if agree else 1)
