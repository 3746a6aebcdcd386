# `make` alone lists what there is to do.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
MESSAGES := $(wildcard translations/*/LC_MESSAGES/*.po)
COMPILED := $(MESSAGES:.po=.mo)

# Two workers suit two cores; a test that a busy neighbour could disturb does not measure time.
# At the end stands which tests were left out, and why.
TEST := $(BIN)/pytest -n 2 --dist worksteal -rs

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help install install-dev run test test-quick test-wall test-browser check format check-format lint \
        types floors templates dependencies translations update-translations bench soak-reads chromium \
        slapd lock clean prove prove-input prove-edge prove-matrix prove-sessions prove-unknown prove-canaries \
        prove-proofs prove-jobs prove-history prove-rebuild prove-figures \
        prove-deadlines prove-calendar prove-clocks prove-due prove-forgetting prove-year

help:  ## list what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- to use

install: .venv/installed $(COMPILED)  ## make .venv from the hashed lock

run: install  ## serve a demonstration province on 127.0.0.1:5000; kept from one start to the next
	@$(BIN)/vetting init --demonstration
	@exec $(BIN)/vetting serve

# ---------------------------------------------------------------- to build

install-dev: .venv/installed-dev $(COMPILED) chromium slapd  ## add what tests and checks need

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing; as root, 'apt-get install python3-venv' brings it."; exit 1; }
	@echo "Installing into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing what tests and checks need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

%.mo: %.po | .venv/installed
	@$(BIN)/pybabel --quiet compile --use-fuzzy --input-file $< --output-file $@

chromium:
	@set -e; \
	fonts() { ! command -v fc-list >/dev/null || [ -n "$$(fc-list :lang=vi)" ]; }; \
	if [ -x /usr/bin/chromium-headless-shell ] && fonts; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and fonts with Vietnamese letters ..."; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq; \
		apt-get install -qq -y --no-install-recommends chromium-headless-shell fontconfig \
			fonts-liberation2 fonts-dejavu-core >/dev/null; \
	else \
		echo "Chromium or a font with Vietnamese letters is missing; as root," \
			"'apt-get install chromium-headless-shell fonts-liberation2' brings them."; exit 1; \
	fi

# A directory to sign in with; the tests start one of their own, so the package's is not started.
slapd:
	@set -e; \
	if [ -x /usr/sbin/slapd ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing OpenLDAP's slapd ..."; \
		export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
		apt-get update -qq; \
		echo "slapd slapd/no_configuration boolean true" | debconf-set-selections; \
		apt-get install -qq -y --no-install-recommends slapd >/dev/null || \
			echo "slapd cannot be installed here; the tests that need it are left out."; \
	else \
		echo "slapd is missing; as root, 'apt-get install slapd' brings it." \
			"The tests that need it are left out."; \
	fi

# ---------------------------------------------------------------- to check

check: check-format lint types floors templates dependencies test  ## all of it, as before every merge

test: install-dev  ## every test: both databases, and a real browser
	@$(TEST)

test-quick: .venv/installed-dev $(COMPILED)  ## the tests that need neither PostgreSQL nor a browser
	@$(BIN)/pytest -m "not postgresql and not browser"

test-wall: install-dev  ## the tests of pages and acts on PostgreSQL, behind its guard of the rows
	@VETTING_TEST_WALL=1 $(TEST) tests/web tests/usecases tests/house

test-browser: install-dev  ## the tests in a real browser; VETTING_SCREENSHOTS=1 keeps pictures
	@VETTING_EVERY_ROLE=1 $(BIN)/pytest tests/browser

translations: .venv/installed-dev  ## is every sentence translated?
	@$(BIN)/pytest tests/house/test_translations.py

check-format: .venv/installed-dev  ## is the code in form?
	@$(BIN)/ruff format --check
	@$(BIN)/djlint templates --check

lint: .venv/installed-dev  ## what ruff finds
	@$(BIN)/ruff check

types: .venv/installed-dev  ## what mypy finds
	@$(BIN)/mypy

floors: .venv/installed-dev  ## do imports go down only?
	@$(BIN)/lint-imports --no-logo

templates: .venv/installed-dev  ## what djlint finds
	@$(BIN)/djlint templates --lint

dependencies: .venv/installed-dev  ## is each library declared, and each declared one used?
	@$(BIN)/deptry .

format: .venv/installed-dev  ## bring the code and the templates into form
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/djlint templates --reformat --quiet

# ---------------------------------------------------------------- to prove, in full

prove: prove-input prove-edge prove-matrix prove-sessions prove-unknown prove-canaries prove-forgetting prove-history prove-jobs  ## every proof in full; the tests try a slice of each

prove-input: .venv/installed-dev $(COMPILED)  ## every wrong answer in every field of every form
	@VETTING_EVERY_FIELD=1 $(BIN)/pytest -n 2 tests/house/test_bad_input.py

prove-edge: .venv/installed-dev $(COMPILED)  ## forged forms on every route, headers on every answer
	@$(BIN)/python -m tests.proofs.edge

prove-matrix: .venv/installed-dev $(COMPILED)  ## who may do what: every visitor, address and method
	@$(BIN)/python -m tests.proofs.matrix

prove-sessions: .venv/installed-dev $(COMPILED)  ## whatever ends a session ends it in every process
	@$(BIN)/python -m tests.proofs.ended_sessions

prove-unknown: .venv/installed-dev $(COMPILED)  ## what is not yours answers as what is nowhere
	@$(BIN)/python -m tests.proofs.unknown

prove-canaries: .venv/installed-dev $(COMPILED)  ## nobody is given a word that is not theirs
	@$(BIN)/python -m tests.proofs.canaries

prove-forgetting: .venv/installed-dev  ## dispose of cases and search the bytes of both databases for a word about them
	@$(BIN)/python -m tests.proofs.forgetting

prove-jobs: .venv/installed-dev  ## 900 jobs, each once, while three workers are killed and stopped
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.proofs.jobs

prove-history: .venv/installed-dev  ## every bit, every attack on the structure, the file, the witness
	@$(BIN)/python -m tests.proofs.tampering

prove-rebuild: .venv/installed-dev  ## verify and rebuild a million entries of 100,000 cases; SIZE="1000 10000"
	@$(BIN)/python -m tests.proofs.large_history $(SIZE)

prove-deadlines: .venv/installed-dev  ## a million dates counted twice, with days declared afterwards (5 minutes); SIZE=50000
	@$(BIN)/python -m tests.proofs.dates $(SIZE)

prove-calendar: .venv/installed-dev  ## put months together among 1,000 and among 8,000 open cases, each day as its case has it; SIZE=2000
	@$(BIN)/python -m tests.proofs.many_dates $(SIZE)

prove-clocks: .venv/installed-dev  ## 10,000 histories under clocks that go wrong: no order, no day disturbed
	@$(BIN)/python -m tests.proofs.clocks

prove-year: .venv/installed-dev  ## a year of a province, with kills, leavers and dissolved bodies: nothing lost, doubled or stuck; SIZE=800 ON=postgresql
	@$(if $(ON),$(BIN)/python -m tests.postgres -- )$(BIN)/python -m tests.proofs.year $(SIZE)

prove-due: .venv/installed-dev  ## find what is due among 1,000 and among 1,000,000 open answers; SIZE=10000
	@$(BIN)/python -m tests.proofs.what_is_due $(SIZE)

prove-figures: .venv/installed-dev  ## count a report over 100,000 cases twice, in bounded memory; SIZE=10000
	@$(BIN)/python -m tests.proofs.many_figures $(SIZE)

# ---------------------------------------------------------------- now and then

update-translations: .venv/installed-dev  ## bring new sentences into the catalogues
	@$(BIN)/python -m tests.catalogues

soak-reads: .venv/installed-dev $(COMPILED)  ## read every page from a server that is killed; READS=100000 KILLS=200
	@$(BIN)/python -m tests.house.reading_soak

bench: install-dev  ## measure, on SQLite and on a PostgreSQL of our own
	@$(BIN)/python -m tests.postgres -- \
		sh -c '$(BIN)/vetting bench --postgresql "$$VETTING_TEST_POSTGRESQL" $(BENCH)'

prove-proofs: .venv/installed-dev  ## show a million forged proofs to both verifiers (10 minutes)
	@$(BIN)/python -m tests.forging 1000000

lock:  ## resolve the libraries anew; UPGRADE=--upgrade takes the newest of each
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools"; "$$tools/bin/pip" --quiet install uv; \
	resolve() { "$$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-header $(UPGRADE) "$$@" pyproject.toml; }; \
	resolve --group build --output-file requirements.lock; \
	resolve --group build --group dev --extra ldap --extra oidc --constraints requirements.lock \
		--output-file requirements-dev.lock

clean:  ## remove what was made, but no database
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis screenshots
	@rm -f $(COMPILED)
