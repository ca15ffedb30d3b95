#!/usr/bin/env bash
# What takes too long for every day: fuzzing for an hour, or for as many seconds as the argument says.
set -eu
. "$(dirname "$0")/common.sh"
say "Fuzzing the engine, then verification, for ${1:-3600} seconds a test"
MAKEGOOD_FUZZ_SEED=${MAKEGOOD_FUZZ_SEED:-$(date +%s)}
export MAKEGOOD_FUZZ_SEED
echo "seed $MAKEGOOD_FUZZ_SEED"
MAKEGOOD_FUZZ_SECONDS=${1:-3600} cargo test --release --locked -p makegood-engine --test it -- --nocapture fuzz_
MAKEGOOD_FUZZ_SECONDS=${1:-3600} cargo test --release --locked -p makegood-statement --test it -- --nocapture fuzz_
