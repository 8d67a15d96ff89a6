# `make` shows what there is. Everything needs git, make and a Python of 3.11 or newer; the rest
# is installed by hack/bootstrap.py, which does only what is missing.

PYTHON ?= python3
BOOTSTRAP := $(PYTHON) hack/bootstrap.py
VENV := .venv/bin
COMPILE := $(VENV)/uv pip compile --quiet --universal -p 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help demo down test check bench lock generate

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: ## Start everything and show a tenant served and billed
	@$(BOOTSTRAP) --for demo
	@$(VENV)/python -m hack.demo

down: ## End what the demo left running
	@test ! -x $(VENV)/python || $(VENV)/python -m hack.stack down

test: ## Run all tests against real servers
	@$(BOOTSTRAP) --for test
	@PYTHONHASHSEED=0 $(VENV)/pytest -n auto --maxprocesses 4 --dist loadfile

check: ## Lint, format, types, imports, generated files
	@$(BOOTSTRAP) --for check
	@$(VENV)/ruff check
	@$(VENV)/ruff format --check
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/python -m ispalier.api.generate --check
	@$(VENV)/python -m hack.charts --check
	@$(VENV)/python -m hack.monitoring --check

bench: ## Measure speed against the machine's floor
	@$(BOOTSTRAP) --for bench
	@PYTHONHASHSEED=0 $(VENV)/python -m hack.bench

generate: ## Write anew what comes from models and values
	@$(BOOTSTRAP) --for check
	@$(VENV)/python -m ispalier.api.generate
	@$(VENV)/python -m hack.charts
	@$(VENV)/python -m hack.monitoring

lock: ## Choose the newest versions that pyproject.toml allows
	@$(BOOTSTRAP) --for check
	$(COMPILE) --upgrade --group dev --extra traces pyproject.toml -o requirements.lock
	$(COMPILE) --upgrade hack/controlplane/go.in -o hack/controlplane/go.lock
