PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test test-slow faults test-hostile test-recipes test-clients chromium test-browser test-openapi fuzz lint-openapi check format fixtures schema
.PHONY: bench-import bench-renaming bench bench-5m bench-settings bench-smoke bench-starving lock audit sbom

help:
	@echo "make run        start the service: http://127.0.0.1:8000/ (PORT and HOST choose)"
	@echo "make test       run the tests"
	@echo "make test-slow  run the tests that take their time: imports, killed and at once, of real data"
	@echo "make test-hostile  ask every endpoint, by every parameter and header, what nobody should"
	@echo "make faults     break database, network, disk and processes under load, one after another; 10 minutes"
	@echo "make test-recipes  run what docs/recipes.md shows, with pandas, geopandas and duckdb"
	@echo "make test-clients  generate clients in TypeScript and Python, and ask a service with them"
	@echo "make chromium   install the browser that test-browser needs, where apt and the user allow it"
	@echo "make test-browser  use the pages of a service in Chromium; UPDATE_PICTURES=1 takes those of docs/ anew"
	@echo "make test-openapi  all that tries the document: clients, browser, a short fuzz"
	@echo "make fuzz       ask a service EXAMPLES=200 made-up questions for each operation"
	@echo "make lint-openapi  a second opinion on openapi.yaml, by Redocly"
	@echo "make check      format, lint, types, import contracts, migrations, OpenAPI, fixtures"
	@echo "make format     put the code in its format"
	@echo "make fixtures   build fixtures/built from fixtures/source"
	@echo "make schema     write openapi.yaml"
	@echo "make bench-import  measure imports against bulk_create and serializers; takes minutes"
	@echo "make bench-renaming  measure how soon a new name is in all events that show it; a minute or two"
	@echo "make bench      measure reading over HTTP against peers; takes long"
	@echo "make bench-5m   the same, of 5,000,000 events"
	@echo "make bench-settings  the service by itself, with other threads, workers and connections"
	@echo "make bench-smoke  see that all that bench measures starts and agrees; a minute"
	@echo "make bench-starving  see whether files and heavy questions keep others waiting; minutes"
	@echo "make lock       write requirements*.txt from pyproject.toml"
	@echo "make audit      ask for known vulnerabilities of what is locked; needs the network"
	@echo "make sbom       list what the service is made of, as CycloneDX, in sbom.cdx.json"

# $(1): what is installed, by the name of its requirements file. It names all there is: asked for what that
# depends on, older pips look for newer releases, which have no hash here.
define install
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed; name one: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Python has no venv module here: apt install python3-venv"; rm -rf .venv; exit 1; }
	@echo "Installing $(1), once; this takes about half a minute."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1)
	@touch $@
endef

.venv/.run: requirements.txt
	$(call install,requirements.txt)

.venv/.dev: requirements-dev.txt
	$(call install,requirements-dev.txt)

.venv/.recipes: .venv/.dev requirements-recipes.txt
	$(call install,requirements-recipes.txt)

.venv/.bench: requirements-bench.txt .venv/.dev
	$(call install,requirements-bench.txt)

.venv/.audit: .venv/.dev requirements-audit.txt
	$(call install,requirements-audit.txt)

# What npm brings to try the document with; where there is no npm, tests say that they are skipped.
MODULES := $(if $(shell command -v npm),tests/clients/node_modules/.package-lock.json)

tests/clients/node_modules/.package-lock.json: tests/clients/package-lock.json
	@npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

# A browser, where it may be installed. Tests that find none say that they are skipped.
chromium:
	@command -v chromium >/dev/null || ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ] || \
		{ apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium >/dev/null; } || \
		echo "Chromium could not be installed."

# Two processes, each with a database of its own and with whole files of tests.
TWO := -n 2 --dist loadfile

run: .venv/.run
	@exec $(BIN)/python manage.py up

test: .venv/.dev
	@$(BIN)/python -m pytest $(TWO)

test-slow: .venv/.dev
	@$(BIN)/python -m pytest $(TWO) -m slow --ignore tests/hostile

# FAULTS names some of them; MEASURE=0.3 is a short run.
faults: .venv/.dev
	@$(BIN)/python -m tests.faults --measure $(or $(MEASURE),1) $(if $(FAULTS),$(FAULTS),--write)

test-hostile: .venv/.dev
	@$(BIN)/python -m pytest $(TWO) -m "slow or not slow" tests/hostile

test-recipes: .venv/.dev .venv/.recipes
	@$(BIN)/python -m pytest -m client -rs tests/test_recipes.py

test-clients: .venv/.dev $(MODULES)
	@$(BIN)/python -m pytest -m client -rs tests/clients/test_typescript.py tests/clients/test_python.py

test-browser: .venv/.dev $(MODULES) chromium
	@$(BIN)/python -m pytest -m client -rs tests/clients/test_browser.py tests/clients/test_explorer.py

test-openapi: .venv/.dev $(MODULES) chromium
	@$(BIN)/python -m pytest -m client -rs tests/clients

fuzz: .venv/.dev
	@EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest -m client -s tests/clients/test_fuzz.py

lint-openapi: $(MODULES)
	@test -n "$(MODULES)" || { echo "Needs npm, which is not here."; exit 1; }
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		tests/clients/node_modules/.bin/redocly lint --config tests/clients/redocly.yaml openapi.yaml

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/python manage.py check --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py buildfixtures --check
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file openapi.yaml
	git diff --exit-code openapi.yaml

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fixtures: .venv/.dev
	$(BIN)/python manage.py buildfixtures

schema: .venv/.dev
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file openapi.yaml

bench-import: .venv/.dev
	$(BIN)/python -m benchmarks.imports

bench-renaming: .venv/.dev
	$(BIN)/python -m benchmarks.renaming

# Databases that are made once: BENCH_DATA is the folder they lie in, a gigabyte for 100,000 events.
BENCH_DATA ?= .dateline/bench
BENCH = $(BIN)/python -m benchmarks.reading

bench: .venv/.bench
	$(BENCH) --events 100000 --data $(BENCH_DATA)/100000
	$(BENCH) --events 1000000 --data $(BENCH_DATA)/1000000 --plot docs/reading.svg

bench-5m: .venv/.bench
	$(BENCH) --events 5000000 --data $(BENCH_DATA)/5000000

bench-settings: .venv/.bench
	$(BIN)/python -m benchmarks.reading.settings --data $(BENCH_DATA)/100000

bench-smoke: .venv/.bench
	$(BENCH) --smoke

bench-starving: .venv/.dev
	$(BIN)/python -m benchmarks.starving --events 1000000 --data $(BENCH_DATA)/1000000

lock: .venv/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev --group clients --group metrics pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraints requirements-dev.txt --group metrics -o requirements-metrics.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraints requirements-dev.txt --group recipes -o requirements-recipes.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group bench --constraint requirements-dev.txt --no-emit-package pip --no-emit-package setuptools pyproject.toml -o requirements-bench.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --constraints requirements-dev.txt --group audit --no-emit-package pip -o requirements-audit.txt

# AUDIT: options of pip-audit, such as another service or --ignore-vuln with a reason in SECURITY.md. A package
# of which the service knows nothing fails, too: there may be no service at all behind a mirror of packages.
audit: .venv/.audit
	@for file in requirements*.txt; do \
		echo "$$file"; \
		$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off $(AUDIT) --requirement $$file || failed="$$failed $$file"; \
	done; \
	test -z "$$failed" || { echo "NOT PASSED:$$failed. Something was found, or the advisories could not be asked for: it says above which."; exit 1; }

SBOM ?= sbom.cdx.json

sbom: .venv/.audit
	@$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --output-file $(SBOM) requirements.txt
