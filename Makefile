# Two commands on a machine with python3 (with venv), make and git: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# uv installs the locks faster where it is at hand; pip does the same otherwise.
UV := $(shell command -v uv 2>/dev/null)
ifeq ($(UV),)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
else
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
endif
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
       --custom-compile-command "make lock" --quiet

.PHONY: demo test lint bench lock install docs clean

## demo: crawl the miniature web over its twelve months on loopback, fill an archive, write the report
demo: $(VENV)/run.stamp
	$(BIN)/openweb demo -o demo-out

## test: the style and type checks, the layer contracts, then every test, file by file on up to four cores
test: lint
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

## lint: ruff, mypy (strict) and the layers of the house
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

## bench: measure against the peers and floors of docs/benchmarks.md; takes minutes and wants a quiet machine
bench: $(VENV)/dev.stamp
	for bench in tests/bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

## docs: write the pages that are made from the code
docs: $(VENV)/dev.stamp
	$(BIN)/python -m reports.describe docs

## install: the environment alone
install: $(VENV)/run.stamp

## lock: choose the versions anew (needs uv); everything is pinned by hash, no address is written
lock:
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) --group build -o requirements/build.txt
	$(LOCK) pyproject.toml --extra media --group test --group lint -o requirements/dev.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# The project itself is installed editable and from the lock alone: no build environment is fetched for it.
$(VENV)/run.stamp: requirements/run.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	$(INSTALL) --require-hashes -r requirements/run.txt
	$(INSTALL) --require-hashes -r requirements/build.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(INSTALL) --require-hashes -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) build dist demo-out .pytest_cache .mypy_cache .ruff_cache .hypothesis
