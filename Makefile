# Each command does all its own set-up: make demo and make test work on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WAREHOUSE ?= demo.duckdb
TRAINING ?= training
FAULT_ROUNDS ?= 5

.PHONY: demo test lint bench faults bundled-model screenshots chromium clean

demo: $(VENV)/.program
	$(BIN)/clip-warehouse demo --warehouse $(WAREHOUSE)

test: $(VENV)/.tools chromium
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.tools
	$(BIN)/python tests/benchmarks/words.py
	$(BIN)/python tests/benchmarks/loader.py
	$(BIN)/python tests/benchmarks/expanded_weights.py
	$(BIN)/python tests/benchmarks/features.py
	$(BIN)/python tests/benchmarks/pictures.py
	$(BIN)/python tests/benchmarks/pages.py

# Random faults, counted: FAULT_ROUNDS times fifteen of them; ends with rows lost and rows doubled.
faults: $(VENV)/.tools
	PYTHONPATH=.:tests $(BIN)/python tests/faults.py $(FAULT_ROUNDS)

# Every page, light and dark, into docs/pictures/, over the demo's warehouse, which is made when it is missing.
screenshots: $(VENV)/.tools chromium
	test -f $(WAREHOUSE) || $(BIN)/clip-warehouse demo --warehouse $(WAREHOUSE)
	$(BIN)/python tests/screenshots.py $(WAREHOUSE)

# Some four hours on two cores, by its rate; stopped, the same command goes on from the last checkpoint. TRAINING is the
# working folder; OPTIONS='--minutes 60' makes it shorter (python -m ingest.bundled.training.train --help tells all).
bundled-model: $(VENV)/.program
	$(BIN)/pip install --quiet --editable '.[training]'
	mkdir -p $(TRAINING)/npm
	npm install --no-audit --no-fund --prefix $(TRAINING)/npm $$($(BIN)/python -m ingest.bundled.training.packages)
	$(BIN)/python -m ingest.bundled.training.train $(TRAINING) $(OPTIONS)
	$(BIN)/python -m ingest.bundled.training.asset $(TRAINING)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.program: pyproject.toml | $(VENV)/bin/python
	@echo "Installing; PyTorch makes it several minutes the first time."
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.tools: pyproject.toml | $(VENV)/bin/python
	@echo "Installing; PyTorch makes it several minutes the first time."
	$(BIN)/pip install --quiet --editable '.[dev,ray]'
	@touch $@ $(VENV)/.program

# The tests open the pages in a real browser.
chromium:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; }

clean:
	rm -rf $(VENV) dist build demo.duckdb*
