# Two commands do it all on a fresh machine: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INPUTS := setup.cfg pyproject.toml constraints.txt

.PHONY: demo test test-slow test-deploy lint format clean

demo: $(VENV)/.base
	$(BIN)/python main.py

# Two processes: most tests use one core. Files stay together, for what they share.
test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.test
	$(BIN)/python -m pytest -m slow --timeout 3600

# Programs in C, C++ and JavaScript that serve a bundle, the unit tests for CMSSW, and
# throw-away environments with the runtimes of old reconstruction software.
DEPLOYED := tests/export/clients tests/export/cmssw_kit/test_unit_tests.py \
	tests/export/test_old_runtimes.py
test-deploy: $(VENV)/.test
	$(BIN)/python -m pytest -m slow --timeout 3600 -rs $(DEPLOYED)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The environment grows by need: the demo wants less than the tests do.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(INPUTS) | $(VENV)/bin/python
	$(PIP) -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(PIP) -c constraints.txt -e '.[test,simulation]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
