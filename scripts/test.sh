#!/usr/bin/env bash
# Everything that must be true, step by step, with the time of each. `test.sh lint` stops after the lints.
# The last line is the plain total over all steps.
set -u
. "$(dirname "$0")/common.sh"
. scripts/postgres.sh
only=${1:-all}
logs=$target/test-logs
rm -rf "$logs" && mkdir -p "$logs"
passed=0 failed=0 began=$SECONDS times='' broken=''
export CARGO_TERM_COLOR=never RUST_BACKTRACE=${RUST_BACKTRACE:-1}
# What a second build would reuse costs the first one gigabytes.
export CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-0}
# Property tests begin at one seed, so that a red run can be run again; `make soak` takes others.
export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-20261127}

finish() {
  [ -z "${display_pid:-}" ] || kill "$display_pid" 2>/dev/null
  stop_postgres
}
trap finish EXIT

total() {
  say 'Time of each step'
  printf '%b' "$times"
  printf '%5d s  in all\n' $((SECONDS - began))
  [ -z "$broken" ] || printf 'Failed:%b\n' "$broken"
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
  exit
}

# The sum of all numbers that stand before a word in the log: `sum passed 'test result:.*'`.
sum() { grep -E "$3" "$2" | grep -oE "[0-9]+ $1" | awk '{ n += $1 } END { print n + 0 }'; }

# step NAME COMMAND...: runs it, shows and keeps its output, and counts what it reports (or the step itself).
step() {
  local name=$1 start=$SECONDS status good bad log
  shift
  log=$logs/${name// /-}.log
  say "$name"
  case $1 in
    # Not in a pipe: what these export and start outlives them.
    start_*) "$@" && status=0 || status=1; : >"$log" ;;
    *) "$@" 2>&1 | tee "$log"; status=${PIPESTATUS[0]} ;;
  esac
  times+=$(printf '%5d s  %s\\n' $((SECONDS - start)) "$name")
  case $name in
    'rust tests' | fuzzing | 'end to end') good=$(sum passed "$log" '^test result:') bad=$(sum failed "$log" '^test result:') ;;
    'ui tests') good=$(sum passed "$log" '^ +Tests ') bad=$(sum failed "$log" '^ +Tests ') ;;
    'shared cases' | 'statements elsewhere') good=$(sum passed "$log" 'passed, ') bad=$(sum failed "$log" 'passed, ') ;;
    *) good=0 bad=0 ;;
  esac
  [ $((good + bad)) -ne 0 ] || [ "$status" -ne 0 ] || good=1
  [ "$bad" -ne 0 ] || [ "$status" -eq 0 ] || bad=1
  passed=$((passed + good)) failed=$((failed + bad))
  [ "$bad" -eq 0 ] || broken+="\n  $name"
  return "$status"
}

tools() {
  build_packages && packages git curl python3 python3-venv poppler-utils libnss3-tools prometheus openssl softhsm2 gnome-keyring dbus-daemon &&
    virtual_packages && cargo_tool cargo-deny cargo-deny '^0.20'
}

lint_tools() { build_packages && cargo_tool cargo-deny cargo-deny '^0.20'; }

ui_build() { (cd ui && npm run --silent build); }
ui_types() { (cd ui && npm run --silent check); }
ui_format() { (cd ui && npm run --silent format:check); }
ui_tests() { (cd ui && NO_COLOR=1 npm run --silent test); }

lints() { cargo clippy --quiet --workspace --all-targets --locked -- -D warnings; }
documentation() { RUSTDOCFLAGS='-D warnings' cargo doc --quiet --workspace --no-deps --locked --document-private-items; }
dependencies() { cargo deny --log-level error check bans licenses sources; }
# Benchmarks are only checked, by the lints: `make bench` builds them with optimisation.
build() { cargo build --quiet --workspace --bins --tests --locked; }

# Everything but the end-to-end tests, which need the display and both cores to themselves.
rust_tests() { cargo test --workspace --locked --no-fail-fast -- --skip end_to_end --skip fuzz_; }
# A bounded part of `make soak`; the same selection as above, so that nothing is compiled anew.
fuzzing() { MAKEGOOD_FUZZ_SECONDS=60 cargo test --quiet --workspace --locked -- fuzz_; }
# Other people's programs, which have to accept what we seal, each pinned.
python_tools() {
  [ -x "$tools/python/bin/python" ] || python3 -m venv "$tools/python" || return 1
  "$tools/python/bin/python" -m pip install --quiet --disable-pip-version-check pyhanko==0.38.0 page-validation==0.11.0 \
    schemathesis==4.32.5
}
demo() { rm -rf "$target/test-demo" && "$target/debug/makegood" demo --out "$target/test-demo"; }
statements() {
  local judge=crates/statement/tests/validators.py status=0 archived
  "$tools/python/bin/python" "$judge" "$target/tmp/statements" || status=1
  for archived in archived archived-rsa3072 archived-p384; do
    "$tools/python/bin/python" crates/statement/tests/archived.py "$target/tmp/$archived" || status=1
  done
  "$tools/python/bin/python" "$judge" "$target/test-demo/statements" --root "$target/test-demo/statements/trust.pem" || status=1
  return "$status"
}

shared_cases() { "$target/debug/makegood" check ../shared/cases/real.json ../shared/cases/accord.json; }
# The same selection as the build and the tests: another one would compile half of it anew.
end_to_end() { cargo test --quiet --workspace --locked -- --test-threads=1 end_to_end; }

if [ "$only" = lint ]; then step tools lint_tools || total; else step tools tools || total; fi
step 'rust format' cargo fmt --check
step 'ui packages' ui_packages || total
step 'ui build' ui_build
step 'ui types' ui_types
step 'ui format' ui_format
step 'rust lints' lints
step 'rust documentation' documentation
step 'dependencies' dependencies
[ "$only" != lint ] || total
step 'ui tests' ui_tests
step 'rust build' build || total
step 'postgresql' start_postgres
step 'peers' peer_packages
step 'rust tests' rust_tests
step fuzzing fuzzing
step 'shared cases' shared_cases
step 'demo without a window' demo
step 'python tools' python_tools && { step 'statements elsewhere' statements; step 'openapi fuzzed' scripts/openapi.sh; }
step 'virtual display' start_display && step 'end to end' end_to_end
total
