# Each command does all its own set-up: make demo and make test work on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet
comma := ,
WAREHOUSE ?= demo.duckdb
TRAINING ?= training
FAULT_ROUNDS ?= 5
# The versions that everything was tested with; CONSTRAINTS= takes the newest of everything.
CONSTRAINTS ?= constraints.txt
# As many processes as keep two cores busy, as tests wait for a third of their time; WORKERS=0 runs them in one.
WORKERS ?= 3
PROGRAM := $(VENV)/.program$(if $(CONSTRAINTS),,-newest)
TOOLS := $(VENV)/.tools$(if $(CONSTRAINTS),,-newest)

.PHONY: demo test lint pytest docs bench faults bundled-model screenshots constraints chromium clean

demo: $(PROGRAM)
	$(BIN)/clip-warehouse demo --warehouse $(WAREHOUSE)

test: $(TOOLS) chromium
	$(MAKE) --no-print-directory --jobs 2 lint pytest

pytest: $(TOOLS)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# docs/commands.md and docs/relations.md, from the command line's help and the files of sql/.
docs: $(PROGRAM)
	$(BIN)/python docs/tables.py

bench: $(TOOLS)
	$(BIN)/python tests/benchmarks/words.py
	$(BIN)/python tests/benchmarks/loader.py
	$(BIN)/python tests/benchmarks/expanded_weights.py
	$(BIN)/python tests/benchmarks/effects.py
	$(BIN)/python tests/benchmarks/features.py
	$(BIN)/python tests/benchmarks/pictures.py
	$(BIN)/python tests/benchmarks/pages.py

# Random faults, counted: FAULT_ROUNDS times fifteen of them; ends with rows lost and rows doubled.
faults: $(TOOLS)
	PYTHONPATH=.:tests $(BIN)/python tests/faults.py $(FAULT_ROUNDS)

# Every page, light into docs/pictures/, dark into build/pictures/, over the demo's warehouse (made when it is missing)
# with names, matches, and effects of trained and untrained weights. Its path stands in learning.png: take a plain one.
PAIRS := --upper 2/2/5,4/2/5 --lower 1/2/6,2/1/6,2/3/6,3/2/6,3/5/6,4/0/8,4/1/6,4/2/3
screenshots: $(TOOLS) chromium
	test -f $(WAREHOUSE) || $(BIN)/clip-warehouse demo --warehouse $(WAREHOUSE)
	$(BIN)/clip-warehouse ingest names --warehouse $(WAREHOUSE)
	$(BIN)/clip-warehouse ingest pictures --pretrained random --warehouse $(WAREHOUSE)
	$(BIN)/clip-warehouse ingest weights $(PAIRS) --pretrained random --warehouse $(WAREHOUSE)
	set -e; for tag in random bundled; do \
		$(BIN)/clip-warehouse ingest weights $(PAIRS) --gates pictures --pretrained $$tag --warehouse $(WAREHOUSE); \
		$(BIN)/clip-warehouse ingest effects $(PAIRS) --lower-units 24 --pictures 32 --pretrained $$tag \
			--warehouse $(WAREHOUSE); \
	done
	$(BIN)/clip-warehouse ingest matches emoji-rn50 --other-pretrained random --count 2000 --warehouse $(WAREHOUSE)
	$(BIN)/python tests/screenshots.py $(WAREHOUSE)

# Some four hours on two cores, by its rate; stopped, the same command goes on from the last checkpoint. TRAINING is the
# working folder; OPTIONS='--minutes 60' makes it shorter (python -m ingest.bundled.training.train --help tells all).
bundled-model: $(PROGRAM)
	$(BIN)/pip install --quiet --editable '.[training]'
	mkdir -p $(TRAINING)/npm
	npm install --no-audit --no-fund --prefix $(TRAINING)/npm $$($(BIN)/python -m ingest.bundled.training.packages)
	$(BIN)/python -m ingest.bundled.training.train $(TRAINING) $(OPTIONS)
	$(BIN)/python -m ingest.bundled.training.asset $(TRAINING)

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

# A machine may have constraints of its own (pip config get global.constraint): where both cannot hold, its own do.
define install
	@echo "Installing; PyTorch makes it several minutes the first time."
	@rm -f $(VENV)/.program* $(VENV)/.tools*
	$(if $(CONSTRAINTS),$(PIP) --constraint $(CONSTRAINTS) --editable '$(1)' || \
		echo "Not with the versions of $(CONSTRAINTS) (see above): taking what this machine has.")
	$(PIP) $(if $(CONSTRAINTS),,--upgrade --upgrade-strategy eager) --editable '$(1)'
endef

$(PROGRAM): pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(call install,.)
	@touch $@

$(TOOLS): pyproject.toml $(CONSTRAINTS) | $(VENV)/bin/python
	$(call install,.[dev$(comma)ray])
	@touch $@ $(PROGRAM)

# Writes down what is installed, when make test CONSTRAINTS= was green. PyTorch and its libraries have other versions on
# other processors, so their lines hold on x86_64; those of aarch64 are kept.
constraints:
	$(BIN)/pip freeze --exclude-editable > $(VENV)/frozen
	{ sed -E '/^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z]+)==/s/$$/; platform_machine == "x86_64"/' $(VENV)/frozen; \
		grep aarch64 constraints.txt; } > $(VENV)/renewed
	mv $(VENV)/renewed constraints.txt

# The tests open the pages in a real browser.
chromium:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } \
		|| { echo "The tests open the pages in Chromium, and none is here: install it so that the command chromium is found" \
		"(sudo apt install chromium, dnf install chromium, pacman -S chromium, brew install chromium), then make again." >&2; exit 1; }

clean:
	rm -rf $(VENV) dist build demo.duckdb*
