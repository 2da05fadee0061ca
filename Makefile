# Two commands are all a newcomer needs: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: run setup test check format bench year frames history lock screenshot

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

# Figures and answers of a county with five years of records: about three million attendance rows, minutes to write.
history: $(VENV)/.test
	$(BIN)/python -m bench.history
# Ten thousand frames of DingTalk's stream at full speed into a database; the tests take a thousand.
frames: $(VENV)/.test
	FRAMES=10000 $(BIN)/python -m pytest -q tests/dingtalk/test_stream_house.py

# A year of three hundred branches with downtime, kills and clock steps: nothing lost, nothing doubled, nobody woken.
year: $(VENV)/.test
	BRANCHES=300 DAYS=375 $(BIN)/python -m pytest -s tests/scheduler/test_year.py -k months_with_trouble --durations=1

# Plays a short meeting on the pages and keeps their pictures in docs/; needs chromium.
screenshot: $(VENV)/.test
	$(BIN)/python docs/screenshot.py

# Remakes both locks; the files hold hashes and no address of any index.
lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -c requirements.txt -o requirements-test.txt
