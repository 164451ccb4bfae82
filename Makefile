# The two commands that a fresh machine needs: `make demo`, `make test`.
# They want make and Python 3.12 or newer, and bring uv themselves where it is missing.

SHELL := /bin/sh
.DEFAULT_GOAL := help

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 12))
PYTHON := $(shell for name in python3.12 python3 python3.13 python3.14 python; do \
	  "$$name" -c '$(NEW_ENOUGH)' 2>/dev/null && { "$$name" -c 'import sys; print(sys.executable)'; break; }; \
	done)
FOUND_UV := $(shell command -v uv 2>/dev/null)
UV := $(or $(FOUND_UV),.tools/bin/uv)
RUN := $(UV) run --quiet

export UV_PYTHON = $(PYTHON)
export UV_PYTHON_DOWNLOADS = never
export UV_SYSTEM_CERTS = true

.PHONY: help setup demo test test-slow check fmt lint types walls bench bench-scaling bench-latency bench-resume bench-targets bench-query bench-formats bench-http bench-cache lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.tools/bin/uv:
	@test -n "$(PYTHON)" || { echo "error: Python 3.12 or newer is needed; install it and run make again." >&2; exit 1; }
	@echo "uv is not installed: putting one into .tools/" >&2
	@"$(PYTHON)" -m venv .tools || { echo "error: this Python has no venv module (on Debian: apt install python3-venv)." >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv

setup: $(if $(FOUND_UV),,.tools/bin/uv) ## install the project and its tools into .venv
	@test -n "$(PYTHON)" || { echo "error: Python 3.12 or newer is needed; install it and run make again." >&2; exit 1; }
	@$(UV) sync --quiet

demo: setup ## collect, store and query NFTs from a sandbox: no key, no internet
	@$(RUN) app demo

test: setup ## the tests, in about ten minutes on two cores
	@$(RUN) pytest -q -n auto -m "not slow"

test-slow: setup ## the longer proofs
	@$(RUN) pytest -q -n auto -m slow

check: setup lint types walls ## everything that is checked without running it

lint:
	@$(RUN) ruff check src tests benchmarks examples
	@$(RUN) ruff format --check src tests benchmarks examples
	@$(RUN) codespell README.md CHANGELOG.md CONTRIBUTING.md examples src tests/unit benchmarks

types:
	@$(RUN) mypy

walls:
	@$(RUN) lint-imports --no-logo 2>/dev/null || $(RUN) lint-imports

fmt: setup ## format and mend what can be mended
	@$(RUN) ruff check --fix src tests benchmarks examples
	@$(RUN) ruff format src tests benchmarks examples

bench: setup ## measure against what a user would write instead (10 minutes)
	@UV_PROJECT_ENVIRONMENT=.tools/scrapy $(UV) sync --quiet --only-group scrapy
	@SCRAPY_PYTHON=.tools/scrapy/bin/python $(UV) run --quiet --group bench python benchmarks/run.py --write

bench-scaling: setup ## time, memory and disk from 1,000 to 366,000 NFTs (10 minutes)
	@$(UV) run --quiet --group bench python benchmarks/scaling.py --write

bench-latency: setup ## what 50 ms of latency leave of what 64 requests at once allow (5 minutes)
	@$(UV) run --quiet --group bench python benchmarks/latency.py --write

bench-resume: setup ## what a run asks again after kill -9 (1 minute)
	@$(UV) run --quiet --group bench python benchmarks/resume.py --write

bench-targets: setup ## what a target costs where there are 1,000 and 10,000 (15 minutes)
	@$(UV) run --quiet --group bench python benchmarks/many_targets.py --write

bench-query: setup ## what a query costs, next to DuckDB over the same files and native tables (10 minutes)
	@$(UV) run --quiet --group bench python benchmarks/query_latency.py --write

bench-formats: setup ## what 10 million rows cost in each format of app query (5 minutes)
	@$(UV) run --quiet --group bench python benchmarks/query_formats.py --write

bench-http: setup ## CPU of a request, next to other clients, over HTTP/1.1, TLS and HTTP/2 (5 minutes)
	@$(UV) run --quiet --group bench python benchmarks/http_engines/run.py

bench-cache: setup ## CPU of a cache hit, next to other caches and the raw stores (2 minutes)
	@$(UV) run --quiet --group bench python benchmarks/cache_hits/run.py

lock: setup ## pin the image's packages by version and hash
	@$(UV) export --quiet --no-dev --no-emit-project --no-header --no-annotate --format requirements-txt --output-file requirements.lock
	@$(UV) export --quiet --only-group build --no-emit-project --no-header --no-annotate --format requirements-txt --output-file requirements-build.lock

clean: ## remove what the commands above made
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
