# What one can do here. `make help` prints a line for each target.
PYTHON ?= python3
VENV := .venv
LINT := .venv-lint
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup lint-setup demo run test check law bench generate lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.installed ## make .venv from the hash-locked requirements
$(VENV)/.installed: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

lint-setup: $(LINT)/.installed ## make .venv-lint, the linters' own environment
$(LINT)/.installed: requirements/lint.txt
	$(PYTHON) -m venv $(LINT)
	$(LINT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lint.txt
	@touch $@

demo: setup ## the whole on this machine: Kafka, services, example events, alerts; ends by itself
	$(BIN)/exportwatch demo

run: setup ## as demo, and keeps serving until ctrl-C
	$(BIN)/exportwatch demo --keep-serving

test: setup ## every test, the ones on a real broker included
	$(BIN)/python -m pytest

clean: ## remove what was made here (environments, caches, build)
	rm -rf $(VENV) $(LINT) .cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
