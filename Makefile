# `make help` lists the targets. Each one makes its own environment from the lock first.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# The locks name everything, so nothing is resolved: a release of tomorrow cannot break an install.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: help install scrape test check format torture bench docs lock serve clean

help:  ## List the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 10

install: $(INSTALLED)  ## Make .venv from the lock; the command is .venv/bin/scraper.

scrape: install  ## Fetch the embedded sample site over HTTP and publish a release.
	$(BIN)/scraper scrape --site sample

test: install  ## Run the tests, with coverage of branches.
	rm -f .coverage .coverage.*
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered
	rm -f .coverage.*

check: install  ## Format, lint and strict types.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: install  ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

torture: install  ## Run the long form of the tests: kills, hostile pages, bit flips.
	$(BIN)/python -m pytest -m torture

bench: install  ## Measure speed and memory side by side, see bench/.
	$(PIP) --require-hashes -r bench/requirements.lock
	$(BIN)/python -m bench

docs: install  ## Make the generated pages of docs/ anew.
	$(BIN)/python docs/generate.py

lock: install  ## Resolve the dependencies anew and write both locks with hashes.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
		--custom-compile-command "make lock" --constraint requirements.lock --extra bench pyproject.toml \
		-o bench/requirements.lock

serve: install  ## Serve the sample site on http://127.0.0.1:8642/ until Ctrl-C.
	$(BIN)/scraper sample serve

clean:  ## Remove the environment and caches; raw/ and output/ stay.
	rm -rf $(VENV) .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-build-isolation --editable .
	@touch $@
