# Guestlist. `make` alone lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
COMPOSE := docker compose
SHIPPED := schemas guestlist worker tasks console sandbox migrations scripts

.PHONY: help check advisories test demo proof kills chaos model bench up down lock

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.ready ## Watch two sandbox CRMs being kept in step, with proof
	@echo "demo: two sandbox CRMs, a broker and workers on this machine; a list sync, edits, the proof"
	@$(BIN)/guestlist demo

proof: .venv/.ready ## Hold every promise, under load and under kills; about half an hour
	@echo "proof: 20,000 contacts, 20 edits a second on each side for five minutes, then the verdict"
	@$(BIN)/python -m benchmarks.proof
	@echo "proof: every fault has its test, the page of faults is in step; the model and its seeded bugs"
	@$(BIN)/python -m pytest -q -n 2 tests/faults tests/model
	@$(MAKE) --no-print-directory kills

kills: .venv/.ready ## End workers at every step, then hurt everything for a while, on both databases
	@echo "kills: 20 steps, 4 ways to end a worker there, and a short chaos run; about a quarter of an hour"
	@$(BIN)/python -m pytest -q --proof -m proof tests/kill tests/chaos

SECONDS ?= 60
RECORDS ?= 2000
SEED ?= 1
DATABASE ?= sqlite

chaos: .venv/.ready ## Hurt everything: SECONDS= RECORDS= SEED= DATABASE=sqlite|postgresql
	@echo "chaos: $(RECORDS) contacts, people, faults and kills for $(SECONDS) s, seed $(SEED), on $(DATABASE)"
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) --records $(RECORDS) --seed $(SEED) \
	  --database $(DATABASE)

model: .venv/.ready ## Play five thousand new worlds through the model, and find its seeded bugs
	@echo "model: 5,000 worlds of people, faults and crashes, others each time, and bugs seeded one by one"
	@$(BIN)/python -m pytest -q -n 2 tests/model --model-examples 5000

test: .venv/.ready ## Run all tests
	@echo "test: unit, property, contract and integration tests, two at a time"
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup

check: .venv/.ready ## Lint, format check, types, import contracts, weaknesses
	@echo "check: ruff (lint)"
	@$(BIN)/ruff check
	@echo "check: ruff (format)"
	@$(BIN)/ruff format --check --quiet || { \
	  echo "check: not formatted as above; run $(BIN)/ruff format" >&2; exit 1; }
	@echo "check: mypy, strict"
	@$(BIN)/mypy
	@echo "check: import contracts"
	@$(BIN)/lint-imports --no-logo
	@echo "check: bandit"
	@$(BIN)/bandit --quiet --severity-level medium --recursive $(SHIPPED) 2>/dev/null
	@echo "check: advisories on the packages of the lock"
	@$(BIN)/python scripts/advisories.py
	@echo "check: ok"

advisories: .venv/.ready ## Hold the lock against the advisories; no answer is a failure
	@echo "advisories: every package of requirements.lock"
	@$(BIN)/python scripts/advisories.py --required

bench: .venv/.ready ## Measure, and print method and machine with the numbers
	@echo "bench: see benchmarks/README.md for the method"
	@$(BIN)/python -m benchmarks

COMPOSE_THERE = $(COMPOSE) version >/dev/null 2>&1 || { \
  echo "$@: '$(COMPOSE)' does not run; install Docker with its Compose plugin" >&2; exit 69; }

up: ## Start Redis, PostgreSQL, workers, beat and console with Docker Compose
	@echo "up: building the image and starting redis, postgres, migrate, worker, beat, web"
	@$(COMPOSE_THERE)
	@for file in guestlist.toml .env; do test -f $$file || { \
	  echo "up: there is no $$file; docs/quick-start.md says what belongs in it" >&2; exit 78; }; done
	@$(COMPOSE) up --detach --build --wait

down: ## Stop them; data stays in its volumes
	@echo "down: stopping the services, keeping their volumes"
	@$(COMPOSE_THERE)
	@$(COMPOSE) --profile monitor down

lock: ## Renew requirements.lock from pyproject.toml (needs uv)
	@echo "lock: resolving for Python 3.11 and later, every file by its hash"
	@UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile pyproject.toml --quiet --upgrade \
	  --extra demo --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-annotate --no-emit-index-url --output-file requirements.lock

.venv/.ready: requirements.lock scripts/venv
	@scripts/venv
