# Everything a developer runs. `make` alone prints the list.
# On a machine with Python 3.11, make and git each target works on a fresh clone.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install up demo test pytest test-fast test-long replay lint types rules bench bench-open lock format clean

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTEST := $(BIN)/python -m pytest -p tests.seconds_per_folder

# `make test ARGS="-x tests/domain"` and the like
ARGS ?=
# every top-level package and module, so that a new one is typed without a change here
TYPED := $(addprefix -p ,$(filter-out tests,$(patsubst %/__init__.py,%,$(wildcard */__init__.py)))) \
         $(addprefix -m ,$(patsubst %.py,%,$(wildcard *.py))) \
         -p tests.architecture -p tests.deploy -m tests.rules_report -m tests.seconds_per_folder
UNIT := $(wildcard tests/domain tests/paygate tests/administration tests/architecture tests/deploy tests/activities)

# runs a command and says how long it took
PART = @part() { name=$$1; shift; start=$$(date +%s); "$$@"; status=$$?; \
       echo "== $$name: $$(($$(date +%s) - start)) s"; return $$status; }; part

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## Create .venv from the hashed lock, with the command .venv/bin/holdfast

$(STAMP): requirements-dev.lock pyproject.toml
	@python=; \
	for candidate in $(PYTHON) python3.11 python3 python; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Holdfast needs Python 3.11 or later; install it, or name yours: make install PYTHON=<command>." >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  echo "Your $$python has no venv module; install it (on Debian and Ubuntu the package python3-venv)." >&2; exit 1; fi; \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	  echo "Creating $(VENV) ..."; "$$python" -m venv --clear $(VENV); fi
	@echo "Installing what the lock names into $(VENV) ..."
	@$(PIP) install -qq --require-hashes -r requirements-dev.lock
	@$(PIP) install -qq --no-deps --no-build-isolation -e .
	@touch $@

up: install ## Start everything here, play the demo orders, stay until Ctrl-C
	@$(BIN)/holdfast up

demo: install ## Play the demo orders, print what became of each, and end
	@$(BIN)/holdfast demo

test: install ## Check all that must hold: lint, types, rules, every test that is not long
	@$(MAKE) --no-print-directory --keep-going lint types rules pytest

# Half of a run is waiting for timers and processes, so two files of tests run side by side, in the order of their names.
SIDE_BY_SIDE ?= -n 2 --dist loadfile --no-loadscope-reorder

# Tests on real processes share two cores with whatever else runs there: what fails is run once more by itself, and
# only what fails again counts. The first failure stays in the output.
pytest: install
	$(PART) pytest $(PYTEST) -m "not long" --durations=15 $(SIDE_BY_SIDE) $(ARGS) || \
	  { [ $$? = 1 ] && echo "== once more: the tests that failed" && \
	    part "pytest, once more" $(PYTEST) -m "not long" --last-failed --last-failed-no-failures none $(ARGS); }

test-fast: install ## Run the tests that need no server
	$(PART) test-fast $(PYTEST) -m "not long" $(UNIT) $(ARGS)

test-long: install ## Run what make test leaves out for its length
	$(PART) test-long $(PYTEST) -m long $(ARGS)

replay: install ## Replay the saved histories against the workflows as they are now
	$(PART) replay $(PYTEST) tests/replay $(ARGS)

lint: install ## Check style, format and the direction of imports
	$(PART) "ruff check" $(BIN)/ruff check .
	$(PART) "ruff format" $(BIN)/ruff format --check .
	$(PART) "lint-imports" env NO_COLOR=1 $(BIN)/lint-imports

types: install ## Check types, strictly
	$(PART) types $(BIN)/mypy $(TYPED)

rules: install ## Print each rule with its tests (WRITE=1 rewrites docs/rules.md)
	$(PART) rules $(BIN)/python -m tests.rules_report $(if $(WRITE),--write)

bench: install ## Measure orders, polls and delays with 5,000 open orders, and a night of HOLDS=300 holds, as ratios (10 minutes)
	$(PART) bench $(BIN)/python -m bench $(ARGS)
	$(PART) "bench of holds" $(BIN)/python -m bench.holds $(or $(HOLDS),300)

bench-open: install ## Measure what N=500 idle orders cost and what waking one costs (3 minutes)
	$(PART) bench-open $(BIN)/python -m bench.idle $(or $(N),500) $(ARGS)

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
           --no-emit-index-url --no-header --no-annotate pyproject.toml

lock: install ## Write the locks anew from pyproject.toml (UPGRADE=1 takes the newest versions)
	@$(COMPILE) --all-extras $(if $(UPGRADE),--upgrade) --output-file requirements-dev.lock
	@$(COMPILE) --extra sandboxes --extra build --constraint requirements-dev.lock --output-file requirements.lock

format: install ## Write the code in the house's format
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

clean: ## Remove .venv and every cache; what runs have stored in var/ stays
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
