# Two commands: `make run` opens Makegood on its demo, `make test` proves it. The rest is for daily work.
.PHONY: run test lint seal

run: ## open the desktop app on the embedded demo (without a display: in a virtual one, doing the main job)
	@scripts/run.sh

test: ## everything, with the time of each step
	@scripts/test.sh

lint: ## formatting, lints and documentation only
	@scripts/test.sh lint

seal: ## list new migrations with their digests; from then on they never change
	@scripts/seal.sh
