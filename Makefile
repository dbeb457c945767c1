# Kölapp. `make` or `make help` lists what there is.
#
# Each step leaves a stamp, so that nothing is done twice: Python packages are installed again
# only when pyproject.toml or constraints.txt changed, Node packages only when package-lock.json
# did, the screens are built only when their sources changed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two steps that install into the same folder must not run at once, `make -j` or not.
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt
# Node and npm come with a Python package, so the scripts npm runs must find them there first.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --no-fund --no-audit --no-update-notifier

PYTHON_INSTALLED := $(VENV)/.installed
TESTS_INSTALLED := $(VENV)/.installed-tests
NODE_INSTALLED := node_modules/.installed
SCREENS := queueapp/static/built/manifest.json

# Folders are in the list too: their time changes when a file in them is removed.
SCREEN_SOURCES := $(shell find look kiosk display room pages -not -path '*/node_modules*' 2>/dev/null) \
	$(wildcard vite.config.ts tsconfig.json)
CATALOGUES := $(shell find queueapp/translations -name '*.po' 2>/dev/null)

# Debian's names. The tests start their own; the packages' own services are not used. What the PDFs
# are made with (libpango…, libharfbuzz-subset0) and read again with (poppler-utils) comes last.
TEST_SERVERS := postgresql redis-server nginx chromium \
	libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils

# A test waits for servers and browsers half of its time; more than two at once would take it from
# those that look at what happens within seconds.
TESTS_AT_ONCE ?= 2

.PHONY: help
help: ## This list
	@echo "Kölapp: make TARGET"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort \
		| awk 'BEGIN {FS = ":.*## "} {printf "  %-10s %s\n", $$1, $$2}'

# --- Install -----------------------------------------------------------------

.PHONY: install
install: $(PYTHON_INSTALLED) $(SCREENS) $(CATALOGUES:.po=.mo) ## Everything needed to run, into .venv and node_modules

$(BIN)/python:
	@echo "Making $(VENV)"
	@tools/make-venv $(VENV)

$(PYTHON_INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Python packages"
	@$(PIP) -e '.[build]'
	@touch $@

$(TESTS_INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Python packages, and those that only the tests need"
	@$(PIP) -e '.[build,test]'
	@touch $@ $(PYTHON_INSTALLED)

$(NODE_INSTALLED): package.json package-lock.json | $(PYTHON_INSTALLED)
	@echo "Installing Node packages"
	@$(NPM) ci --loglevel=error
	@touch $@

$(SCREENS): $(SCREEN_SOURCES) $(NODE_INSTALLED)
	@echo "Building the screens"
	@$(NPM) run --silent build -- --logLevel=warn
	@touch $@

%.mo: %.po | $(PYTHON_INSTALLED)
	@$(BIN)/pybabel --quiet compile -i $< -o $@

# --- Run ---------------------------------------------------------------------

# A first look must work at any hour: in trial the offices count as open and every page says so.
run demo: export QUEUEAPP_TRIAL ?= 1

.PHONY: run
run: install ## Start Kölapp on QUEUEAPP_HOST:QUEUEAPP_PORT (127.0.0.1:8000), as a trial
	@$(BIN)/queueapp init
	@exec $(BIN)/queueapp run

.PHONY: demo
demo: install ## Invented visitors and staff, through the API of the Kölapp that runs
	@exec $(BIN)/queueapp demo

# --- Check -------------------------------------------------------------------

.PHONY: test
test: $(TESTS_INSTALLED) install ## Every test; installs PostgreSQL, Redis, Chromium and Pango where it may
	@tools/system-packages $(TEST_SERVERS) \
		|| echo "Tests that need what is missing will be skipped (with CI=true they fail)." >&2
	@$(NPM) test --if-present
	@$(BIN)/python -m pytest --numprocesses=$(TESTS_AT_ONCE) --dist=loadfile $(PYTEST_ARGS)

.PHONY: lint
lint: $(TESTS_INSTALLED) ## Style of the Python code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: types
types: $(TESTS_INSTALLED) $(NODE_INSTALLED) ## Types: mypy and tsc
	@$(BIN)/mypy
	@$(NPM) run --silent typecheck

.PHONY: bench
bench: $(TESTS_INSTALLED) install ## Measure against the machine's own ceilings (some minutes)
	@tools/system-packages $(TEST_SERVERS)
	@$(BIN)/python -m bench

# --- Deliver -----------------------------------------------------------------

.PHONY: wheel
wheel: install ## dist/: Kölapp as a wheel, screens included, and the wheels it needs
	@rm -rf dist build
	@$(BIN)/pip wheel --quiet --disable-pip-version-check -c constraints.txt -w dist .
	@ls dist/queueapp-*.whl

# --- Keep --------------------------------------------------------------------

.PHONY: lock
lock: ## Renew constraints.txt: newest allowed versions of the Python packages
	@tools/lock

.PHONY: clean
clean: ## Remove all that was installed or built; var/ (the data) stays
	rm -rf $(VENV) node_modules queueapp/static/built build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find queueapp -name '*.mo' -delete
