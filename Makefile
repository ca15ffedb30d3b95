# Two commands: `make run` opens Makegood on its demo, `make test` proves it. The rest is for daily work.
.PHONY: run test lint bench soak seal

run: ## open the desktop app on the embedded demo (without a display: in a virtual one, doing the main job)
	@scripts/run.sh

test: ## everything, with the time of each step
	@scripts/test.sh

lint: ## formatting, lints and documentation only
	@scripts/test.sh lint

bench: ## how fast, beside peers, in one run
	@scripts/bench.sh

soak: ## fuzzing for an hour, thousands of sequences, kills and races
	@scripts/soak.sh

seal: ## list new migrations with their digests; from then on they never change
	@scripts/seal.sh
