# Needs make and Python 3.11, nothing else: `make setup` puts the rest into .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
INSTALLED := .venv/.installed
INSTALLED_TORCH := .venv/.installed-torch
ARGS ?=
FILE ?=

# `make serve ARGS="--port 9000"`: ARGS goes to the command behind a target as it stands.

.PHONY: help
help: ## this list
	@echo "gnosis-ocr: make TARGET [ARGS=...]"
	@echo
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: setup
setup: $(INSTALLED) ## create .venv and install everything at the versions of constraints.txt
	@echo "Ready: .venv holds everything."

.venv/bin/python:
	@python=""; \
	for candidate in $${PYTHON:-} python3.11 python3 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then \
			python="$$candidate"; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "make setup needs Python 3.11 and found none as python3.11, python3 or python." >&2; \
		echo "Install it, or name it: PYTHON=/path/to/python3.11 make setup" >&2; \
		exit 1; \
	fi; \
	echo "Creating .venv with $$("$$python" --version)"; \
	"$$python" -m venv .venv || { rm -rf .venv; exit 1; }

$(INSTALLED): pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing into .venv (the first time this takes some minutes and 1.3 GB)"
	@$(BIN)/python -m pip install --quiet -c constraints.txt setuptools
	@$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

# Torch by its bare version, before all that needs it: where a build for this machine alone is to be had, pip takes it.
$(INSTALLED_TORCH): $(INSTALLED)
	@echo "Installing torch and transformers, which the tests and the engines ppocr-torch and transformers need"
	@$(BIN)/python -m pip install --quiet "$$(grep '^torch==' constraints.txt)"
	@$(BIN)/python -m pip install --quiet -c constraints.txt --no-build-isolation -e '.[dev,gpu,dev-torch]'
	@touch $@

.PHONY: setup-torch
setup-torch: $(INSTALLED_TORCH)
	@echo "Ready: .venv holds torch and transformers too."

.PHONY: serve
serve: $(INSTALLED) ## start the cluster and its API on this machine; Ctrl-C ends it
	@exec $(BIN)/gnosis-ocr serve $(ARGS)

.PHONY: observe
observe: ## Prometheus, and Grafana where it is installed, for the cluster on this machine; Ctrl-C ends them
	@exec deploy/prometheus/observe.sh

.PHONY: read
read: $(INSTALLED) ## read one document: make read FILE=scan.pdf
	@if [ -z "$(FILE)" ]; then echo "Name a document: make read FILE=samples/letter.pdf" >&2; exit 2; fi
	@$(BIN)/gnosis-ocr read "$(FILE)" $(ARGS)

.PHONY: test
test: $(INSTALLED_TORCH) ## all tests; fewer, in one process: make test ARGS="tests/cluster -k marker"
ifdef ARGS
	@$(BIN)/python -m pytest $(ARGS)
else
	@$(BIN)/python -m tests.side_by_side
endif

.PHONY: large
large: $(INSTALLED_TORCH) ## tests too large for make test: autoscaling with lost nodes, upgrades, a Serve config on three nodes
	@$(BIN)/python -m pytest -m large tests/e2e $(ARGS)

.PHONY: check
check: $(INSTALLED_TORCH) ## formatting, lint, types and the rules of the architecture
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run make format." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy $(wildcard cluster actors serve_app gnosis_ocr tests benchmarks samples)
	@$(BIN)/python -m pytest --quiet tests/test_architecture.py

.PHONY: format
format: $(INSTALLED) ## format the code and repair what the linter can
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(INSTALLED_TORCH) ## measure: make bench ARGS=throughput; without ARGS it lists what there is
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: chaos
chaos: $(INSTALLED) ## kill processes under load for up to an hour; goes on where it was broken off
	@$(BIN)/python -m benchmarks chaos $(ARGS)

.PHONY: soak
soak: $(INSTALLED) ## hard use of a running server: its description, 10,000 fuzzed requests, half an hour of mixed load
	@$(BIN)/python -m benchmarks soak $(ARGS)

.PHONY: quality
quality: $(INSTALLED) ## how well pages are read, beside rivals; a small part of it: make quality ARGS=--quick
	@$(BIN)/python -m benchmarks quality $(ARGS)

.PHONY: samples
samples: $(INSTALLED) ## make the sample documents again
	@$(BIN)/python -m samples.make_samples

.PHONY: clean
clean: ## remove caches and build products; .venv and data stay
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage *.egg-info
	@find . -path ./.venv -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
	@echo "Clean. .venv and data are kept."
