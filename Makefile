# make setup   the environment of a demo; make dev, that of the tests as well
# make demo    sets everything up, trains a policy, measures it and writes a report
# make test    sets everything up and runs the tests
# make quick   the contract and the truth of every task, on fewer problems
# make soak    the tests that take minutes by their nature
# make check   what CI holds the code to, besides the tests
# make catalogue   certifies every task and writes docs/certificates.json and docs/catalogue.md
# make problems  certifies every programming problem by the tests that are shipped (about ten minutes)
# make wheel   builds the distributions and tries the wheel alone; make site, the documentation as pages
# make bench   the benchmarks, side by side with the peers
#
# Variables: PYTHON (the interpreter), VENV (the environment's folder), JOBS (test processes), TORCH_INDEX (a package
# index with the PyTorch build for this machine, where pip's own would bring another one).

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
JOBS ?= 2
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.PHONY: setup dev demo test quick soak check catalogue problems wheel site bench

setup: $(STAMP)

# PyTorch first and alone: only it may come from TORCH_INDEX.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch
	$(PIP) --editable ".[train]"
	touch $@

# What the tests and the linters need besides.
dev: $(STAMP)-dev

$(STAMP)-dev: $(STAMP)
	$(PIP) --editable ".[dev]"
	touch $@

demo: setup
	$(BIN)/whetstone train recipes/quickstart.toml --overwrite
	$(BIN)/whetstone eval runs/quickstart
	$(BIN)/whetstone report runs/quickstart

test: dev
	$(BIN)/python -m pytest -n $(JOBS)

quick: dev
	$(BIN)/python -m pytest -n $(JOBS) --quick tests/envs/test_conformance.py tests/truth

soak: dev
	$(BIN)/python -m pytest -n $(JOBS) -m soak

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python -m pytest tests/test_imports.py

catalogue: dev
	$(BIN)/whetstone check --all --out docs/certificates.json
	$(BIN)/python -m whetstone.catalogue

problems: setup
	$(BIN)/whetstone problems check --all

wheel:
	.ci/wheel dist

site:
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable ".[docs]"
	$(BIN)/mkdocs build

bench: setup
	$(PIP) --editable ".[dev,bench]"
	set -e; for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python $$file; done
