# Everything that people and CI do here. `make help` explains; nothing else is needed than Python 3.11+, git and make.

PY ?= python3
VENV := .venv/$(notdir $(PY))
BIN := $(VENV)/bin
RUN := $(VENV)/.run-ready
DEV := $(VENV)/.dev-ready
FLOOR := .venv/floor
INSTALL := python -m pip --disable-pip-version-check install --quiet
PIP := $(BIN)/$(INSTALL)
ARGS ?=
CORES ?= 2
# Tests wait a lot, for processes, browsers and disks: one more at a time than there are cores.
AT_ONCE := $(shell expr $(CORES) + 1)
COMPILE := .venv/lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
  --no-annotate --no-emit-package dayjob --python-version 3.11 --upgrade
CRASHTEST := $(BIN)/pytest tests/crash -v --numprocesses $(CORES) --dist worksteal --report bench/crashtest.json
FLOORTEST := $(FLOOR)/bin/pytest tests/dayjob/web --ignore tests/dayjob/web/test_generated.py \
  --numprocesses $(CORES) --dist worksteal
timed = @began=$$(date +%s); $(2) && echo "== $(1): $$(( $$(date +%s) - began )) s"

.DEFAULT_GOAL := help
.PHONY: help run demo test check ci floor campaign crashtest simulate mutants bench format lock clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(RUN) ## start stashwork (with a demo Stash unless STASH_URL is set), sync, keep serving
	@$(BIN)/stashwork serve --sync $(ARGS)

demo: $(RUN) ## sync, analyse, apply and undo on the demo; status 0 only if every number is right
	@$(BIN)/stashwork serve --sync --once --demo-scenes 1000 $(ARGS)

test: check ## lint, types, import contracts and tests, of the crash campaign its smokes; PY=python3.13 takes another Python
	@$(BIN)/pytest --numprocesses $(AT_ONCE) --dist worksteal -m "not campaign" --hypothesis-seed 1 $(ARGS)

check: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 20

ci: check $(FLOOR)/.ready ## what CI runs, within an hour: tests, oldest FastAPI, mutants, generated requests, crash campaign, 10,000 seeds
	$(call timed,the tests,$(BIN)/pytest --numprocesses $(CORES) --dist worksteal --hypothesis-seed 1 --ignore tests/crash)
	$(call timed,the oldest FastAPI,$(FLOORTEST))
	$(call timed,the mutants,$(BIN)/python -m tests.mutants)
	$(call timed,the generated requests,$(BIN)/pytest tests/dayjob/web/test_generated.py -s --cases 5000)
	$(call timed,the crash campaign,$(CRASHTEST) --scale medium)
	$(call timed,the simulation,$(BIN)/python -m tests.simulation --seeds 10000)

floor: $(FLOOR)/.ready ## the tests of the web part on the oldest FastAPI that is supported
	@$(FLOORTEST) $(ARGS)

campaign: $(DEV) ## hours: the crash campaign and the simulation at their largest scale
	$(call timed,the crash campaign,$(CRASHTEST) --scale long --seed random)
	$(call timed,the simulation,$(BIN)/python -m tests.simulation --seeds 200000)

simulate: $(DEV) ## the engine in virtual time under seeded faults; ARGS="--seeds 20000", or "--seed 7" for one with its trace
	@$(BIN)/python -m tests.simulation $(ARGS)

mutants: $(DEV) ## plant known bugs in a copy, and see that the tests notice each
	@$(BIN)/python -m tests.mutants $(ARGS)

crashtest: $(DEV) ## kill, stop, starve: ARGS="--scale short|medium|long --seed N"; writes bench/crashtest.json
	@$(CRASHTEST) --seed random $(ARGS)

bench: $(DEV) ## measure; prints a table and writes bench/results.json
	@$(BIN)/python -m bench $(ARGS)

format: $(DEV) ## format and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## renew the pinned, hashed requirements (needs a package index)
	@$(PY) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@$(COMPILE) requirements/build.in app/pyproject.toml -o requirements/run.txt
	@$(COMPILE) requirements/build.in app/pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	@$(COMPILE) requirements/build.in requirements/floor.in -o requirements/floor.txt

clean: ## remove what was built and installed; data/ is kept
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PY) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "dayjob needs Python 3.11 or newer, and $(PY) is " + sys.version.split()[0] + ". Try: make PY=python3.12 ...")'
	@echo "Setting up $(VENV) (once) ..."
	@$(PY) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

$(RUN): requirements/run.txt pyproject.toml app/pyproject.toml | $(VENV)/bin/python
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e . -e ./app
	@touch $@

$(FLOOR)/.ready: requirements/floor.txt pyproject.toml
	@echo "Setting up $(FLOOR) (once) ..."
	@$(PY) -m venv --clear $(FLOOR)
	@$(FLOOR)/bin/$(INSTALL) --require-hashes -r requirements/floor.txt
	@$(FLOOR)/bin/$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
