# Each target works alone on a fresh clone with Python >= 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PHI ?= max(x,0)
OUT ?= out

.PHONY: demo test deep lint format docs clean

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/installed-lint: $(VENV)/installed
	$(BIN)/python -m pip install --quiet '.[lint]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(BIN)/python -m pip install --quiet '.[docs]'
	@touch $@

# The main job on any activation: make demo PHI="x*Phi(x)"
demo: $(VENV)/installed
	@mkdir -p $(OUT)
	$(BIN)/widetheory derive "$(PHI)" --steps --verify --latex $(OUT)/demo.tex

test: $(VENV)/installed
	$(BIN)/python -m pytest -n 2 --dist worksteal

# Every activation of the catalogue to 50 digits against independent methods; tens of minutes.
deep: $(VENV)/installed
	$(BIN)/python -m pytest -n 2 --dist worksteal -m deep tests/deep

lint: $(VENV)/installed-lint
	$(BIN)/ruff check theory numerics tests benchmarks docs
	$(BIN)/ruff format --check theory numerics tests benchmarks docs
	$(BIN)/mypy

format: $(VENV)/installed-lint
	$(BIN)/ruff check --fix theory numerics tests benchmarks docs
	$(BIN)/ruff format theory numerics tests benchmarks docs

# The documentation as HTML in out/docs; a warning is an error.
docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx -q -W --keep-going -d $(OUT)/doctrees docs $(OUT)/docs

clean:
	rm -rf $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache
