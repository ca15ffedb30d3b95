#!/usr/bin/env bash
# What takes too long for every day: fuzzing for an hour (or for as many seconds as the argument says), 10,000 sequences of
# what can happen to a desk, 500 kills, 10,000 races for an approval.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/postgres.sh
say "Fuzzing the engine, then verification, for ${1:-3600} seconds a test"
MAKEGOOD_FUZZ_SEED=${MAKEGOOD_FUZZ_SEED:-$(date +%s)}
export MAKEGOOD_FUZZ_SEED
echo "seed $MAKEGOOD_FUZZ_SEED"
MAKEGOOD_FUZZ_SECONDS=${1:-3600} cargo test --release --locked -p makegood-engine --test it -- --nocapture fuzz_
MAKEGOOD_FUZZ_SECONDS=${1:-3600} cargo test --release --locked -p makegood-statement --test it -- --nocapture fuzz_
start_postgres
trap stop_postgres EXIT
export PROPTEST_RNG_SEED=$MAKEGOOD_FUZZ_SEED
say '10,000 sequences of what can happen to a desk'
MAKEGOOD_SEQUENCES=10000 cargo test --release --locked -p makegood-desk --test it -- --nocapture laws_6_7_and_9
say '500 kills of desk and central'
cargo build --locked -p makegood-central --bins
MAKEGOOD_KILLS=500 cargo test --locked -p makegood-cli --test it -- --nocapture killed
say '10,000 races for an approval'
MAKEGOOD_RACES=10000 cargo test --locked -p makegood-central --test it -- --nocapture approvals_that_race
