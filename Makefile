# nianbao's two commands for a fresh machine: `make demo` and `make test`.
#
# uv installs the locked packages. Where it is not on the PATH it is put into .uv/, from the package
# registry that pip is configured for.

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON := python3
BIN := .venv/bin

# One more than there are processors, for many tests wait for servers and processes of their own.
TEST_PROCESSES = $$(( $$(nproc) + 1 ))

# Registries behind a company's proxy are trusted as the system trusts them.
export UV_SYSTEM_CERTS := 1

.PHONY: demo test accuracy localisation benchmark clean uv
.DEFAULT_GOAL := demo

demo: .venv/.synced  ## Set everything up and run nianbao on the sample portals.
	@$(BIN)/nianbao demo

test: .venv/.synced  ## Set everything up and run all checks and tests.
	@sh .ci/install-chromium
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

accuracy: .venv/.synced  ## Measure how many cells are read right; writes docs/accuracy.md.
	$(BIN)/python benchmarks/accuracy.py

localisation: .venv/.synced  ## Measure whether seeded errors are found; writes docs/seeded_errors.md.
	$(BIN)/python benchmarks/seeded_errors.py

benchmark: .venv/.synced  ## Measure what everything costs; writes docs/performance.md. Takes an hour or two.
	$(UV) run --frozen --group benchmark python benchmarks/performance.py

clean:  ## Remove what the build made; data/ is kept.
	rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

.venv/.synced: pyproject.toml uv.lock | uv
	$(UV) sync --frozen --quiet
	@touch $@

uv:
	@command -v $(UV) >/dev/null 2>&1 || sh .ci/install-uv $(PYTHON) $(UV_VERSION)
