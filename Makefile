# Two commands are all a newcomer needs: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: run setup test check format bench peers growth province year frames history faults replicas lock screenshot fuzz audit

$(VENV)/.run: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements.txt
	touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-test.txt
	touch $@

setup: $(VENV)/.run

run: $(VENV)/.run
	$(BIN)/python -m bot serve --demo

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n auto --dist loadfile

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.test
	$(BIN)/python -m bench

$(VENV)-bench/.peers: requirements-bench.txt
	test -x $(VENV)-bench/bin/python || $(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip --disable-pip-version-check --quiet install --require-hashes -r requirements-bench.txt
	touch $@

# Other bots with the same durable effect, in an environment of their own, by the same load in the same run.
peers: $(VENV)/.test $(VENV)-bench/.peers
	$(BIN)/python -m bench.beside

# Rows and bytes of a branch's year and of a message, and what more branches cost the clock and the figures.
growth: $(VENV)/.test
	$(BIN)/python -m bench.growth

# A province's theme day, simulated over the service times that this machine shows in the same run.
province: $(VENV)/.test
	$(BIN)/python -m bench.province

# Figures and answers of a county with five years of records: about three million attendance rows, minutes to write.
history: $(VENV)/.test
	$(BIN)/python -m bench.history
# Ten thousand frames of DingTalk's stream at full speed into a database; the tests take a thousand.
frames: $(VENV)/.test
	FRAMES=10000 $(BIN)/python -m pytest -q tests/dingtalk/test_stream_house.py

# Seeds of deaths, broken networks and stepping clocks: `FAULT_SEEDS=5000 make faults`; one that failed alone: FAULT_FIRST=NUMBER FAULT_SEEDS=1.
faults: $(VENV)/.test
	$(BIN)/python -m pytest -q -s -n auto --dist loadfile tests/faults

# Two bots on one PostgreSQL and one Redis behind a reverse proxy, without containers.
replicas: $(VENV)/.test
	$(BIN)/python -m pytest -q -s tests/replicas

# A year of three hundred branches with downtime, kills and clock steps: nothing lost, nothing doubled, nobody woken.
year: $(VENV)/.test
	BRANCHES=300 DAYS=366 $(BIN)/python -m pytest -s tests/scheduler/test_year.py -k months_with_trouble --durations=1

# Plays a short meeting on the pages and keeps their pictures in docs/; needs chromium.
screenshot: $(VENV)/.test
	$(BIN)/python docs/screenshot.py

# Ten minutes of hostile bytes for each decoder (FUZZ_SECONDS each): atheris where it has a wheel, else hypothesis. What was
# found lies in var/fuzz/DOOR; `python -m tests.fuzz DOOR FILE` feeds it again.
fuzz: $(VENV)/.test
	$(PIP) install --require-hashes -r requirements-fuzz.txt || echo "no atheris here: hypothesis alone"
	$(BIN)/python -m tests.fuzz

LICENCES := MIT;BSD;Apache;Python Software Foundation;PSF;ISC;MPL;Mozilla;LGPL;Lesser General Public;OFL;HPND;Zope;Unlicense;CC0
# Known holes in what is locked (asks PyPI, so it needs the network and is no part of CI), and the licences of what is shipped.
audit: $(VENV)/.test
	$(PIP) install --require-hashes -r requirements-audit.txt
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt
	$(BIN)/pip-licenses --from=mixed --order=license --packages $$(grep -oE '^[a-z0-9._-]+' requirements.txt) \
		--partial-match --allow-only='$(LICENCES)'

# Remakes the locks; the files hold hashes and no address of any index.
lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -c requirements.txt -o requirements-test.txt
	for group in audit fuzz; do $(BIN)/uv pip compile --group $$group --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -c requirements-test.txt \
		-o requirements-$$group.txt || exit 1; done
	$(BIN)/uv pip compile bench/peers/requirements.in --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements-bench.txt
