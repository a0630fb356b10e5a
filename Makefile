# The course's habits. `make` alone lists them. Each sets up all that it needs, in a virtual environment of
# this folder; when that is up to date, this costs no time.
#
#   make test PYTHON=python3.13     with another Python, in an environment of its own
#
# Paths are relative throughout, and what is not stands in the environment or is quoted: the folder's own path
# may hold whatever a path may, except a colon.

PYTHON ?= python3
VENV := .venv$(addprefix -,$(filter-out python3,$(lastword $(subst /, ,$(value PYTHON)))))
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/.ready
RUN := $(BIN)/python -m
# Notebooks call `temporal` and `python` by name.
# `value`: a dollar sign in it is one, also in a make that a make has started.
export PATH := $(CURDIR)/$(BIN):$(value PATH)
# No question about versions, no hint to upgrade.
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# An environment that was moved or copied along with the folder points to where it was made: make it anew.
$(shell [ ! -e $(READY) ] || [ "$$(cat $(READY))" = "$$(pwd -P)" ] || rm -rf $(VENV))

.DEFAULT_GOAL := help
.PHONY: help setup lab test lint hooks bench refresh claims lock clean $(addprefix check-,lint rooms unit notebooks browser)

help: ## list these habits
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

lab: setup ## open the course in JupyterLab; Ctrl-C stops everything
	@$(RUN) tutorial_lib.cli lab

setup: $(READY) ## install what is needed into .venv
	@:

# ---- checks ------------------------------------------------------------------------------------------

CHECKS := lint unit notebooks browser
PYTEST := $(RUN) pytest -p no:cacheprovider

test: setup ## all checks, up to the first group that fails, with the time of each
	@status=0; table=; begin=$$(date +%s); \
	for check in $(CHECKS); do \
	  printf '\n=== %s\n' "$$check"; start=$$(date +%s); \
	  $(MAKE) --no-print-directory check-$$check || status=$$?; \
	  [ $$status = 0 ] && word=passed || word=FAILED; \
	  table="$$table$$(printf '  %-10s %-7s %4d s' "$$check" "$$word" $$(($$(date +%s) - start)))|"; \
	  [ $$status = 0 ] || break; \
	done; \
	printf '\n%s\n' '=== summary'; printf '%s' "$$table" | tr '|' '\n'; \
	printf '  %-18s %4d s\n' "$$($(BIN)/python --version)" $$(($$(date +%s) - begin)); \
	exit $$status

lint: check-lint ## ruff, mypy, the import contract, and oxlint for JavaScript

# What `lint-imports` is, without its script, which names its Python by a path of a machine.
LINT_IMPORTS := PYTHONPATH=. $(BIN)/python -c 'from importlinter.cli import lint_imports_command as go; go()' --no-logo --no-cache

check-lint: $(READY)
	@$(RUN) ruff check tutorial_lib tests
	@$(RUN) ruff format --check tutorial_lib tests
	@$(RUN) mypy
	@$(LINT_IMPORTS)
	@$(BIN)/oxlint --config .oxlintrc.json --deny-warnings tutorial_lib

check-rooms: # of the hook: no $(READY), as a commit is no time to install something
	@$(LINT_IMPORTS)

# These tests wait more than they compute: for servers, kernels and deadlines. Four at a time took 144 s on two
# cores, two at a time 233 s.
check-unit: $(READY)
	@$(PYTEST) tests -m 'not browser' --ignore tests/bench -n 4 --dist loadfile

check-notebooks: $(READY)
	@$(RUN) tutorial_lib.cli author validate -p no:cacheprovider -n 2

check-browser: $(READY)
	@$(PYTEST) tests/browser -n 2 --dist loadfile

# ---- the course's upkeep -----------------------------------------------------------------------------

hooks: $(if $(filter .venv,$(VENV)),setup) ## check each commit before it is made: ruff, notebooks in their committed form, imports, JavaScript
ifeq ($(VENV),.venv)
	@$(RUN) pre_commit install
else
	@echo "The hooks run the programs of .venv; with PYTHON= they would be in $(VENV): make hooks, without it" >&2; exit 1
endif

bench: setup ## measure, each figure beside its goal; minutes (BENCH_ROUNDS=1: a quick look)
	@$(PYTEST) tests/bench -s -o faulthandler_timeout=0

refresh: setup ## execute the notebooks (NB=06: one); refuses changed outputs (ACCEPT=1 takes them)
	@$(RUN) tutorial_lib.cli author refresh$(if $(NB), $(NB))$(if $(ACCEPT), --accept)

claims: setup ## each statement of the course's notes, with the cell that shows it
	@$(RUN) tutorial_lib.cli author claims

# Beside what pyproject.toml asks for: the installer itself and what an editable install needs. Left out:
# an optional part of jsonschema that builds a parser at import, 1.8 s of CPU in JupyterLab, nbclient and nbval
# alike, to check IRIs that nothing here has.
lock: setup ## write requirements.lock anew, from pyproject.toml (UPGRADE=1: newest versions)
	@echo "rfc3987-syntax; python_version < '3'" > $(VENV)/left-out.txt
	@printf '%s\n' uv 'hatchling>=1.27' editables | $(RUN) uv pip compile pyproject.toml - --group test --group author --group browser \
	  --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url \
	  --no-emit-find-links --override $(VENV)/left-out.txt $(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock
	@! grep -nE '://|^/|[ =@]/' requirements.lock

clean: ## remove the environments and everything generated
	rm -rf .venv .venv-* .tutorial .mypy_cache dist
	find . -type d \( -name .git -prune -o \
	  \( -name __pycache__ -o -name .ipynb_checkpoints -o -name .ruff_cache -o -name .pytest_cache -o -name '*.egg-info' \) \
	  -prune -exec rm -rf {} + \)

# ---- set-up ------------------------------------------------------------------------------------------

# Prints the full path of a Python that is new enough: the one that is wanted; if nobody wants a certain one and
# python3 is too old, one that has its version in its name. A pyenv shim refuses a version that is installed but
# not switched on, unless the version is named.
define FIND_PYTHON
is() { "$$@" -c 'import sys; print(sys.executable) if sys.version_info >= (3, 11) else sys.exit(1)' 2>/dev/null; }; \
set -- "$$wanted"; [ "$$wanted" != python3 ] || set -- python3 python3.13 python3.12 python3.11; \
for each; do \
  version="$${each##*/}"; version="$${version#python}"; \
  ! is "$$each" && ! (PYENV_VERSION=$$version; export PYENV_VERSION; is "$$each") || exit 0; \
done; \
version="$${wanted##*/}"; is "$$(uv python find "$${version#python}" 2>/dev/null)"
endef

# PATH is a list with colons between its folders, and packages in place are listed one a line.
define NEWLINE


endef
ifneq ($(OS),Windows_NT)
BAD := $(if $(findstring :,$(CURDIR)),colon)$(if $(findstring $(NEWLINE),$(CURDIR)),line break)
endif

$(VENV)/pyvenv.cfg:
	@[ -z '$(BAD)' ] || { printf '%s\n' 'No environment works in a folder with a $(BAD) in its path:' "  $$(pwd -P)" \
	  'Nothing was installed. Move or rename the folder that has it, then run this again.' >&2; exit 1; }
	@wanted='$(subst ','\'',$(value PYTHON))'; python=$$($(FIND_PYTHON)) || { \
	  echo "'$$wanted' is no Python 3.11 or newer that runs here; name one: make setup PYTHON=/path/to/python3" >&2; exit 1; }; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv $(VENV) || { \
	  rm -rf $(VENV); echo "It cannot make environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# Where the environment notes that this folder is installed. Python reads it in the terminal's encoding and does
# not even start where that is ASCII (LC_ALL=C) and the folder's path is not: so it is told from there.
# Told before anything runs as well: pip, without make, may have noted the path.
PLACE := $(VENV)/lib/python3*/site-packages/*temporal_tutorial.pth
TELL_PLACE := for file in $(PLACE); do [ ! -e "$$file" ] || echo ../../../.. > "$$file"; done

# uv installs in a fifth of pip's time; pip fetches it, with its hash from the lock. What is installed is
# what the lock says, and this project itself, in place; compiled here, once, because the SDK reads the code
# of every loaded module for its default build id: a second at each start where Python may not keep bytecode.
$(READY): pyproject.toml requirements.lock | $(VENV)/pyvenv.cfg
	@echo "Installing into $(VENV)"
	@$(TELL_PLACE)
	@awk '/^[^ ]/ { uv = /^uv==/ } uv' requirements.lock > $(VENV)/uv.lock
	@$(RUN) pip --version >/dev/null 2>&1 || $(RUN) ensurepip >/dev/null
	@$(RUN) pip install -qq --require-hashes --requirement $(VENV)/uv.lock
	@$(RUN) uv pip install --quiet --python $(VENV) --link-mode copy --no-deps --require-hashes \
	  --compile-bytecode --requirement requirements.lock
	@$(RUN) uv pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	@$(TELL_PLACE)
	@$(RUN) compileall -q tutorial_lib
	@printf '%s' "$$(pwd -P)" > $@
