# Everything a newcomer needs: `make demo` and `make test`. Each target builds .venv first if it is missing or stale.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check lint bench lock clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("MageBooks needs Python 3.11 or newer; this is %d.%d. Try: make PYTHON=python3.11" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Building .venv (once, about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	@$(BIN)/magebooks demo

test: setup
	@$(BIN)/python -m pytest

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint
	@$(BIN)/python -m pytest --cov --cov-report=
	@$(BIN)/coverage report --skip-covered
	@$(BIN)/coverage report --include='mappings/*' --fail-under=98 --format=total >/dev/null || { echo "mappings: less than 98 % covered"; exit 1; }
	@$(BIN)/coverage report --include='state/*' --fail-under=98 --format=total >/dev/null || { echo "state: less than 98 % covered"; exit 1; }

bench: setup
	@$(BIN)/python -m tests.bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .coverage*
