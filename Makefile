# The same commands that CI calls.
PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check bench install

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

run: install
	$(BIN)/rhizome serve --demo

check: install
	$(BIN)/python tests/check.py

test: install
	$(BIN)/python -m pytest -n auto

bench: install
	$(BIN)/python -m tests.bench
