# Every target in one line each: make help. The plain commands behind them are in the README.

SHELL := /bin/bash
# Hosts and workers start many times: without bytecode each start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7071
# Not ?=: some shells export a HOST of their own.
HOST := dev
STATE ?= .state
KEYS ?=

SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# make lock LOCK=--upgrade takes the newest that pyproject.toml allows
LOCK ?=
CODE := function_app.py orchestrators activities tests/app
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --custom-compile-command "make lock" $(LOCK)

.PHONY: help install demo up check test lint pytest unit hosts devhost adapters e2e faults programs lock audit record bench clean

help: ## Show this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

install: .venv/installed node_modules/installed ## Make .venv and node_modules (a second call does nothing)
	@$(BIN)/python -c '' 2>/dev/null || { echo ".venv is broken, its Python is gone: make clean install" >&2; exit 1; }

.venv/installed: requirements-dev.txt pyproject.toml devhost/pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python isn't there: install 3.11 or newer (or: make install PYTHON=/path/to/python)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version 2>&1). Use another: make install PYTHON=python3.11" >&2; exit 1; }
	@echo "Python packages → .venv (about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e ./devhost
	@touch $@

node_modules/installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm isn't there: install Node.js 20 or newer, https://nodejs.org (Azurite, the local Azure Storage, runs on it)." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node.js 20 or newer is needed, this is $$(node --version)." >&2; exit 1; }
	@echo "Azurite → node_modules (half a minute)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

demo: ## Set everything up and show one run collected in each way
	@$(MAKE) --no-print-directory --jobs=2 install
	@exec $(BIN)/python -m raincheck.dev.demo

up: install ## Azurite and host in the foreground: PORT=7071 HOST=dev|func STATE=.state KEYS=keys.json
	@exec $(BIN)/raincheck dev --port "$(PORT)" --host "$(HOST)" --state "$(STATE)" $(if $(KEYS),--keys "$(KEYS)")

check: install ## The app's own gate: style, types, tests and recorded histories of its flows, seconds
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy --config-file tests/app/mypy.ini $(CODE)
	@$(BIN)/pytest -q tests/app

test: lint check pytest ## All that CI runs but the audit, whose answer changes by the day

lint: install ## The framework's style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy .

pytest: install ## All tests: those that start nothing on all cores, then the local host's beside those that start hosts
	@$(MAKE) --no-print-directory unit
	@$(MAKE) --no-print-directory --jobs=2 $(SYNC) devhost hosts

unit: install ## Tests that start nothing, on all cores: seconds
	@$(BIN)/pytest -n auto tests/unit tests/durable tests/checks

hosts: install ## Tests that start Azurite or a host, two files at a time
	@$(BIN)/pytest -n 2 --dist loadfile tests/adapters tests/dev tests/e2e tests/faults

devhost: install ## The local host's own gate, what the genuine extension answered among its tests
	@cd devhost && ../$(BIN)/ruff check . && ../$(BIN)/ruff format --check . && ../$(BIN)/mypy . && ../$(BIN)/lint-imports --no-cache && ../$(BIN)/pytest

adapters: install ## The adapters against a real Azurite and hostile receivers
	@$(BIN)/pytest tests/adapters

e2e: install ## The whole app over HTTP: HOST=dev|func
	@$(BIN)/pytest tests/e2e --host "$(HOST)"

faults: install ## Storage and hosts taken away
	@$(BIN)/pytest tests/faults

programs: install ## raincheck dev, new, upgrade and the demo
	@$(BIN)/pytest tests/dev

lock: install ## Pin anew what pyproject.toml allows: LOCK=--upgrade for the newest
	@$(COMPILE) --extra functions --generate-hashes -o requirements.txt
	@$(COMPILE) --extra functions --extra dev --extra openai --group framework --generate-hashes -c requirements.txt --no-emit-package raincheck-devhost -o requirements-dev.txt
	@$(COMPILE) --extra functions --extra dev --no-annotate -c requirements-dev.txt --no-emit-package raincheck-devhost -o raincheck/dev/templates/constraints.txt

audit: install ## Known holes in what the locks pin, where the databases can be reached
	@$(BIN)/python -m audit

record: install ## Record the example flows' histories and docs/responses.md anew
	@$(BIN)/raincheck record
	@$(BIN)/pytest tests/e2e/test_responses.py --record

bench: install ## Ratios measured in one run, and the cost of a cold import
	@$(BIN)/python -m benchmarks

clean: ## Remove what install and the tools made (not .state)
	@rm -rf .venv node_modules .mypy_cache .ruff_cache */.ruff_cache */*/.ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
