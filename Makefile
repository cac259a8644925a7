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

.PHONY: help install demo up test lint pytest unit conformance storage e2e faults checks bench record clean

help: ## Show this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

install: .venv/installed node_modules/installed ## Make .venv and node_modules (a second call does nothing)

.venv/installed: requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python isn't there: install 3.11 or newer (or: make install PYTHON=/path/to/python)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) --version 2>&1). Use another: make install PYTHON=python3.11" >&2; exit 1; }
	@echo "Python packages → .venv (about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "python -m venv failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "npm isn't there: install Node.js 20 or newer, https://nodejs.org (Azurite, the local Azure Storage, runs on it)." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node.js 20 or newer is needed, this is $$(node --version)." >&2; exit 1; }
	@echo "Azurite → node_modules (half a minute)"
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

demo: ## Set everything up and show one run collected in each way
	@$(MAKE) --no-print-directory --jobs=2 install
	@exec $(BIN)/python -m local.demo

up: install ## Azurite and host in the foreground: PORT=7071 HOST=dev|func STATE=.state KEYS=keys.json
	@exec $(BIN)/python -m local.up --port "$(PORT)" --host "$(HOST)" --state "$(STATE)" $(if $(KEYS),--keys "$(KEYS)")

test: lint pytest ## Everything that CI runs: lint, then all tests

lint: install ## Style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy .

pytest: install ## All tests, the quick ones first and on all cores
	@$(BIN)/pytest -n auto tests/unit tests/orchestrators
	@$(BIN)/pytest --ignore tests/unit --ignore tests/orchestrators

unit: install ## Unit and orchestrator tests, on all cores: seconds
	@$(BIN)/pytest -n auto tests/unit tests/orchestrators

conformance: install ## devhost against what the genuine extension sent and answered
	@$(BIN)/pytest tests/conformance tests/devhost

storage: install ## The adapters against a real Azurite and hostile receivers
	@$(BIN)/pytest tests/storage tests/receivers

e2e: install ## The whole app over HTTP: HOST=dev|func
	@$(BIN)/pytest tests/e2e --host "$(HOST)"

faults: install ## Storage and hosts taken away
	@$(BIN)/pytest tests/faults

checks: install ## What a type checker knows of flows, and other rules
	@$(BIN)/pytest tests/checks

bench: install ## Ratios measured in one run, and the cost of a cold import
	@$(BIN)/python -m benchmarks

record: install ## Record the example flows' histories and docs/responses.md anew
	@$(BIN)/python -m tests.orchestrators.record
	@$(BIN)/pytest tests/e2e/test_responses.py --record

clean: ## Remove what install and the tools made (not .state)
	@rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
