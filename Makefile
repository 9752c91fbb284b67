# Six words: run, test, fix, slow, bench, lock. The first use installs what it needs into .venv.
SHELL := /bin/sh
PY := .venv/bin/python
export PYTHONPATH := src
.DEFAULT_GOAL := run
.PHONY: run test fix slow bench lock browser lint

run: .venv/run.ok
	$(PY) -m streamlit run app.py --server.address localhost

test: lint
	$(PY) -m pytest -n 2 --cov --cov-report=term-missing:skip-covered -q

lint: .venv/dev.ok
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports

fix: .venv/dev.ok
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

browser: .venv/dev.ok
	$(PY) -m pytest -m browser -q tests/browser

slow: .venv/slow.ok
	$(PY) scripts/calibration
	$(PY) -m pytest -m slow -q --ignore=tests/calibration

bench: .venv/dev.ok
	$(PY) benchmarks/run.py

lock: .venv/dev.ok
	scripts/lock

.venv/run.ok: requirements.txt scripts/bootstrap
	scripts/bootstrap requirements.txt
	touch $@

.venv/dev.ok: .venv/run.ok requirements-dev.txt
	scripts/bootstrap requirements.txt requirements-dev.txt
	touch $@

.venv/slow.ok: .venv/dev.ok requirements-slow.txt
	scripts/bootstrap requirements.txt requirements-dev.txt requirements-slow.txt
	touch $@
