# The developer's manual: `make help`. Works with GNU make 3.81 and newer.

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
COMPILE := uv pip compile -q pyproject.toml --universal --python-version 3.10 --generate-hashes

# Airflow starts twice as fast with bytecode; some images and shells switch it off.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up down airflow-clean psql test cluster-test lint bench chaos released lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: .venv/ready  ## make .venv with everything in it, and the mediawatch command
	@echo "ready: $(BIN)/mediawatch"

demo: .venv/ready  ## run the whole flow on the sample corpus, print the result, stop everything
	@$(BIN)/mediawatch demo

up: .venv/ready  ## start it to stay: Airflow on http://127.0.0.1:8080, Postgres, the sample corpus
	@$(BIN)/mediawatch up

down:  ## stop what `make up` started
	@if [ -x $(BIN)/mediawatch ]; then $(BIN)/mediawatch down; fi

airflow-clean: .venv/ready  ## delete Airflow's own rows and logs older than DAYS (30); `make up` does it daily
	@$(BIN)/mediawatch tidy --days $(or $(DAYS),30)

psql: .venv/ready  ## open psql on the database
	@$(BIN)/mediawatch sql $(if $(SQL),-c "$$SQL")

# A file's tests stay together: its fixtures are dear. Each process has a server of its own.
test: .venv/ready-dev  ## run every test
	@$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

cluster-test: .venv/ready-dev  ## run 5,000 articles through three Celery workers, kill one, count (wants a redis-server)
	@$(BIN)/python bench/cluster.py load

lint: .venv/ready-dev  ## check style, types and import rules
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/ready-dev  ## measure the stages beside their peers; a table each
	@for name in poll fetch stories topics retag refetch insertion pipeline overhead; do $(BIN)/python bench/$$name.py || exit 1; done

chaos: .venv/ready-dev  ## kill -9 at 220 random instants of all stages; a table of what became of each
	@MEDIAWATCH_KILLS=220 $(BIN)/pytest -q -s tests/stages/test_chaos.py

released:  ## note that this version is being released: its last migration, and its SQL and code, which later ones are held against
	@ls sql/migrations | tail -n 1 > sql/RELEASED
	@tar --exclude __pycache__ -cJf tests/store/released.tar.xz sql/RELEASED sql/queries sql/analyst/views.sql sql/analyst/search.sql \
	  sql/analyst/roles.sql plugins/mediawatch

lock:  ## resolve the dependencies of pyproject.toml anew (needs uv)
	$(COMPILE) --upgrade -o requirements.lock
	$(COMPILE) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

clean: down  ## stop everything, delete .venv and caches; the data in .mediawatch stay
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -rf plugins/mediawatch.egg-info

# ---- the environment ----

.venv/ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing the packages of $<; the first time takes some minutes"
	@$(call install,$<)
	@touch $@

.venv/ready-dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "installing the packages of $<; the first time takes some minutes"
	@$(call install,$<)
	@touch $@ .venv/ready

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || \
	  { echo "$(PYTHON) is not Python 3.10 to 3.13; name one: make PYTHON=python3.12"; exit 1; }
ifeq ($(UV),uv)
	@rm -rf .venv && uv venv -q --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
else
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments: apt install python3-venv, or install uv"; exit 1; }
	@rm -rf .venv && $(PYTHON) -m venv .venv
endif

# umask: run by root, PostgreSQL's own account has to read its programs.
ifeq ($(UV),uv)
install = umask 022 && uv pip install -q --python $(BIN)/python --require-hashes -r $(1) && \
  uv pip install -q --python $(BIN)/python --no-deps -e .
else
install = umask 022 && $(BIN)/python -m pip install -q --disable-pip-version-check --no-compile --require-hashes -r $(1) && \
  $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
endif
