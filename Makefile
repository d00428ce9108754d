# The same commands that CI calls.
# The first Python of 3.11 or later that really runs: a version manager may offer names that do not.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
    $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test proof check bench install conformance conformance-peers conformance-harness

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Rhizome needs Python 3.11 or later; none was found."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	touch $@

run: install
	$(BIN)/rhizome serve --demo

check: install
	$(BIN)/python tests/check.py

test: install
	$(BIN)/python -m pytest -n auto

# What takes long: 200 kills under load, bodies of 2 GiB, every published vocabulary, and an hour of live updates.
proof: install
	RHIZOME_CRASH_ROUNDS=200 RHIZOME_LARGE_BODY=2048 RHIZOME_VOCABULARIES=all $(BIN)/python -m pytest \
	    tests/system/test_crashes.py tests/system/test_large_bodies.py tests/system/test_real_rdf.py
	$(BIN)/python -m tests.bench.soak --minutes 60

bench: install
	$(BIN)/python -m tests.bench

# The harness of the Solid community, which is no part of this: docs/operate/conformance.md says how to get it.
conformance-harness: install
	$(BIN)/python -m conformance.harness --harness "$(HARNESS)" --tests "$(TESTS)" --report build/harness $(OPTIONS)

# Every case against a server of two people that is started for it; the last line counts.
conformance: install
	$(BIN)/python -m conformance.local --report build/conformance

# The same cases against Community Solid Server from npm, and all servers side by side.
conformance-peers: install
	$(BIN)/python -m conformance.peers --report build/peers
