# nianbao's two commands for a fresh machine: `make demo` and `make test`.
#
# uv installs the locked packages. Where it is not on the PATH it is put into .uv/, from the package
# registry that pip is configured for.

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON := python3
RUN := $(UV) run --frozen

.PHONY: demo test check clean
.DEFAULT_GOAL := demo

demo: .venv/.synced  ## Set everything up and run nianbao on the sample portals.
	@$(RUN) --no-sync nianbao demo

test: .venv/.synced  ## Set everything up and run all checks and tests.
	$(RUN) --no-sync ruff check
	$(RUN) --no-sync ruff format --check
	$(RUN) --no-sync mypy
	$(RUN) --no-sync pytest

clean:  ## Remove what the build made; data/ is kept.
	rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

.venv/.synced: pyproject.toml uv.lock | uv
	$(UV) sync --frozen --quiet
	@touch $@

.PHONY: uv
uv:
	@command -v $(UV) >/dev/null 2>&1 || sh .ci/install-uv $(PYTHON) $(UV_VERSION)
