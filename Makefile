# Everything a person types. Needs make and Python 3.11 or later; the rest is put into .venv.
# Settings come from the environment or .env (see .env.example): PORT=9000 make run

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP := $(PY) -m pip --disable-pip-version-check -qq
# One test process more than cores: they wait a lot, for browsers, servers and limits. Whoever is done takes from others.
PROCESSES ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); n=$$((n + 1)); \
  [ $$n -lt 3 ] && n=3; [ $$n -gt 5 ] && n=5; echo $$n)
# What a check must not pick up from the shell or touch on the disk.
CLEAN := env -u DATABASE_URL -u DATABASE_ADMIN_URL -u REDIS_URL -u SECRET_KEY -u PORT -u DEBUG \
  CSUITE_ENV_FILE=/dev/null CSUITE_HOME=$(CURDIR)/$(VENV)/no-home

.DEFAULT_GOAL := help
.PHONY: help install run test test-all check coverage bench vendor lock clean

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install: $(VENV)/.ready ## make .venv and install what csuite runs on

run: $(VENV)/.ready ## start csuite with its database, and a demo company the first time
	@exec $(PY) manage.py up

test: $(VENV)/.ready-dev ## run the tests (under 8 minutes)
	@.ci/tools
	@$(PY) -m pytest -n $(PROCESSES) --dist worksteal -m "not long" $(ARGS)

test-all: $(VENV)/.ready-dev ## run the tests and the long loops
	@.ci/tools
	@$(PY) -m pytest -n $(PROCESSES) --dist worksteal $(ARGS)

check: $(VENV)/.ready-dev ## format, lint, types, layers, Django's own checks
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports
	@$(CLEAN) CSUITE_PUBLIC_URL=https://csuite.example $(PY) manage.py check --deploy --fail-level WARNING
	@$(CLEAN) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

coverage: $(VENV)/.ready-dev ## measure what the tests reach, with branches (the processes they start included)
	@.ci/tools
	@rm -f .coverage .coverage.*
	@$(PY) -m coverage run -m pytest -n $(PROCESSES) --dist worksteal -m "not long" $(ARGS)
	@$(PY) -m coverage combine -q
	@$(PY) -m coverage report

bench: $(VENV)/.ready-dev ## measure streaming against a bare consumer, and calls against other clients
	@$(PY) -m bench $(ARGS)

vendor: ## copy the browser files from npm into the tree (the only thing that needs Node)
	npm ci --ignore-scripts
	node vendor.mjs

lock: $(VENV)/.ready-dev ## write requirements*.txt from requirements*.in, with hashes and without addresses
	@for name in requirements requirements-dev bench/peers; do \
	  $(PY) -m uv pip compile --quiet --generate-hashes --no-strip-extras --no-emit-index-url --python-version 3.11 --universal \
	    $$name.in -o $$name.txt || exit 1; done

clean: ## remove what can be made again; data in ./var stays
	rm -rf $(VENV) .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage \
	  node_modules
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# A stamp is written last, so an interrupted install is simply done again.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "csuite needs Python 3.11 or later; install it and try again" >&2; exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "this Python cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	@echo "installing what csuite runs on (once)"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PY) -c 'import pathlib, sysconfig; \
	  pathlib.Path(sysconfig.get_path("purelib"), "csuite.pth").write_text("$(CURDIR)\n")'
	@touch $@

$(VENV)/.ready-dev: requirements-dev.txt $(VENV)/.ready
	@echo "installing what tests and checks need (once)"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
