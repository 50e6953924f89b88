# One virtual environment, .venv, is made on first use and follows the locks in requirements/.
# Works with a POSIX shell and GNU make 3.81 or newer; nothing but Python 3.11 or newer has to be there.

# The Python to make .venv with, if the first one found is not the one you want: make run PYTHON=python3.12
PYTHON ?=
# More words for the program or for pytest: make test ARGS='-k questions -x'
ARGS ?=
# make lock LOCK_FLAGS=--upgrade takes newer releases; without it what is locked stays where it can.
LOCK_FLAGS ?=

PY := .venv/bin/python
UV := .tools/bin/uv
UV_VERSION := 0.13.9
PIP_INSTALL := -m pip install --disable-pip-version-check --no-input --quiet

.DEFAULT_GOAL := help
.PHONY: help run trellis test soak check format words promises settings lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Start Trellis; with nothing set, in your browser
	@$(call follow,run)
	@exec $(PY) -m bot run $(ARGS)

trellis: ## Run any command of the program (ARGS=check)
	@$(call follow,run)
	@exec .venv/bin/trellis $(ARGS)

test: ## Run the tests (ARGS='-k word' picks some)
	@$(call follow,test)
	@exec $(PY) -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

soak: ## Run what takes long: ten thousand examples of each property
	@$(call follow,test)
	@exec $(PY) -m pytest --numprocesses=auto --hypothesis-profile=soak -m 'hypothesis or soak' $(ARGS)

check: ## Check style, types and who imports whom
	@$(call follow,test)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

format: ## Put the code into its usual form
	@$(call follow,test)
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

words: ## Find what is to be translated, and write it into bot/text/locale
	@$(call follow,test)
	@$(PY) -m tests.words $(ARGS)

promises: ## Find which test shows each new message (ARGS='tests/cogs/test_polls.py' looks in some)
	@$(call follow,test)
	@$(PY) -m pytest -p tests.recording -m 'not soak and not hypothesis' $(ARGS)

settings: ## Write config/example.env and the tables of docs/configuration.md from config/
	@$(call follow,test)
	@$(PY) -m tests.settings

lock: ## Write requirements/*.txt anew from pyproject.toml
	@$(find_python); test -x $(UV) || { echo 'Fetching uv ...'; "$$python" -m venv --clear .tools; }
	@.tools/bin/python $(PIP_INSTALL) uv==$(UV_VERSION)
	@echo 'Locking requirements/run.txt ...'
	@$(lock) -o requirements/run.txt
	@echo 'Locking requirements/test.txt ...'
	@$(lock) --group test --group check --constraint requirements/run.txt -o requirements/test.txt

clean: ## Remove .venv and every cache
	@rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call follow,NAME): .venv holds what requirements/NAME.txt says. A copy of the lock is left beside it when it does, so
# that a start with nothing to do costs one comparison. The command "trellis" in .venv runs the program from this folder.
define follow
test -x $(PY) && cmp -s requirements/$(1).txt .venv/$(1).lock || { \
  $(call usable,$(PY)) || { \
    $(find_python); \
    echo "Making .venv with $$("$$python" --version) ..."; \
    "$$python" -m venv --clear .venv || exit 1; \
  }; \
  echo 'Installing requirements/$(1).txt ...'; \
  $(PY) $(PIP_INSTALL) --require-hashes -r requirements/$(1).txt || { \
    echo 'The packages could not be installed: the lines above say why. Then run make $@ again.' >&2; exit 1; \
  }; \
  cp requirements/$(1).txt .venv/$(1).lock; \
}; test -x .venv/bin/trellis || { \
  printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" -P -m bot "$$@"\n' '$(CURDIR)' '$(CURDIR)/$(PY)' >.venv/bin/trellis && \
  chmod +x .venv/bin/trellis; \
}
endef

# Succeeds if $(1) is a Python that runs, is new enough, and can make a virtual environment. (A name found in PATH is not
# enough: version managers put names there that only run in some folders.)
usable = $(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && \
  $(1) -c 'import ensurepip, venv' >/dev/null 2>&1

# Sets the shell variable "python", or ends with one sentence that says what is missing.
define find_python
python=; found=; \
for each in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3); do \
  if $(call usable,"$$each"); then python=$$each; break; fi; \
  if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$each; fi; \
done; \
if test -z "$$python"; then \
  if test -n "$$found"; then \
    echo "Trellis needs Python's venv module, which $$found lacks: on Debian and Ubuntu, run 'sudo apt install python3-venv'." >&2; \
  else \
    echo "Trellis needs Python 3.11 or newer$(if $(PYTHON),$(,) and $(PYTHON) is not): on Debian and Ubuntu$(,) run 'sudo apt install python3 python3-venv'; elsewhere$(,) see python.org." >&2; \
  fi; \
  exit 1; \
fi
endef

# No --index-url, --find-links or command line is written down: the locks read the same wherever they were made.
lock = $(UV) pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(LOCK_FLAGS) pyproject.toml

, := ,
