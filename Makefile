# What one can do here. `make help` prints a line for each target.
PYTHON ?= python3
VENV := .venv
LINT := .venv-lint
BENCH := .venv-bench
OPS := .venv-ops
SBOM := .venv-sbom
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup lint-setup bench-setup ops-setup lint ops-lint ops package dashboards-pictures demo run
.PHONY: test test-outages check
.PHONY: bench capacity sbom lock clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.installed ## make .venv from the hash-locked requirements
$(VENV)/.installed: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
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

# Tests on a broker mostly wait: three processes, each with a Kafka of its own, on two cores. A file stays in one.
test: setup ## every test but the outages, the ones on a real broker included; about nine minutes on two cores
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not outages"

test-outages: setup ## workers and brokers killed again and again under load; about four minutes
	$(BIN)/python -m pytest -n 3 --maxschedchunk 1 -m outages

lint: lint-setup ## ruff, mypy, import contracts, yamllint
	$(LINT)/bin/ruff check --no-cache .
	$(LINT)/bin/ruff format --no-cache --check .
	$(LINT)/bin/mypy
	PYTHONPATH=services:schemas $(LINT)/bin/lint-imports --cache-dir .cache/import-linter
	git ls-files -z '*.yaml' '*.yml' | xargs -0 $(LINT)/bin/yamllint --strict

check: setup lint ## lint, and what no linter knows: house rules, schema drift and compatibility, metrics, licenses; each check shown to bite
	$(BIN)/python checks/house.py
	$(BIN)/python -m exportwatch_events.export --check
	$(BIN)/python -m exportwatch.broker.asyncapi --check
	$(BIN)/python checks/compatibility.py
	$(BIN)/python checks/promtool.py
	$(BIN)/python deploy/grafana/generate.py --check
	$(BIN)/python checks/licenses.py
	$(BIN)/python -m pytest -q checks

bench-setup: $(BENCH)/.installed ## make .venv-bench, the environment of the peers of make bench
$(BENCH)/.installed: requirements/bench.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

bench: setup bench-setup ## speed: the service beside its peers, the pure core, alert latency; about seven minutes
	$(BIN)/python tests/bench

# 500 MB and a minute or two; the schemas of custom resources need Go, Java 17 and Maven.
ops-setup: setup $(OPS)/.installed ## make .venv-ops, the tools and schemas that check deploy/
	$(BIN)/python checks/ops/fetch.py
$(OPS)/.installed: requirements/ops.txt
	$(PYTHON) -m venv $(OPS)
	$(OPS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/ops.txt
	@touch $@

ops-lint: ops-setup ## deploy/ held against the tools that read it: hadolint, kustomize, schemas, checkov, compose
	$(BIN)/python checks/ops/strimzi.py --check
	$(BIN)/python checks/ops/monitoring.py --check
	$(BIN)/python checks/ops/lint.py

DEBIAN := promtool=prometheus prometheus=prometheus amtool=prometheus-alertmanager
ops: ops-setup ops-lint package sbom ## all that operations rest on: deploy/, rules, dashboards, rights, upgrade; about fifteen minutes
	$(BIN)/python checks/debian.py $(DEBIAN)
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/ops

package: setup ## build the wheel, install it by hash where nothing else is, and try it as an unprivileged user
	$(BIN)/python checks/ops/package.py

dashboards-pictures: ops-setup ## docs/dashboards/*.png from what real workers tell a real Prometheus; four minutes
	$(BIN)/python -m pytest -q tests/ops/test_dashboard_queries.py
	$(OPS)/bin/python deploy/grafana/pictures.py

capacity: setup ## memory, disk and recovery for docs/capacity.md, and what a number of documents a day needs
	$(BIN)/python tests/bench/capacity.py

# An environment of its own: the tools that check deploy/ hold the library of it at an older version.
$(SBOM)/.installed: requirements/sbom.txt
	$(PYTHON) -m venv $(SBOM)
	$(SBOM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/sbom.txt
	@touch $@

sbom: setup $(SBOM)/.installed ## what is installed, as a CycloneDX bill of materials: build/sbom.cdx.json
	$(BIN)/python checks/sbom.py $(SBOM)/bin/python

# ICU's Python binding comes as source only, and all that asks for it is rigour's text cleaning, which we do not use.
LEFT_OUT := pyicu normality banal chardet
COMPILE := .cache/lock/bin/pip-compile --quiet --generate-hashes --no-header --no-emit-index-url \
  --no-emit-find-links --no-strip-extras $(LEFT_OUT:%=--unsafe-package=%)
lock: ## renew requirements/*.txt from pyproject.toml and requirements/*.in
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.5.1
	$(COMPILE) -o requirements/run.txt pyproject.toml requirements/tests.in
	$(COMPILE) -c requirements/run.txt -o requirements/service.txt pyproject.toml
	$(COMPILE) -c requirements/run.txt -o requirements/build.txt requirements/build.in
	$(COMPILE) -o requirements/ops.txt requirements/ops.in
	$(COMPILE) -o requirements/bench.txt requirements/bench.in
	$(COMPILE) -o requirements/lint.txt requirements/lint.in
	$(filter-out --unsafe-package=%,$(COMPILE)) -o requirements/sbom.txt requirements/sbom.in

clean: ## remove what was made here (environments, caches, build)
	rm -rf $(VENV) $(LINT) $(BENCH) $(OPS) $(SBOM) .cache build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
