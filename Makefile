# Everything happens in .venv, which `make demo` and `make test` share: the first installs what
# explaining needs, the second adds what the checks need. A stamp remembers each, so that neither
# installs again until pyproject.toml or constraints.txt changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONSTRAINTS := constraints.txt
VISION := .venv-vision
SHELL := bash
# Seconds of processor time that a test may take which is not marked slow.
MOST := 30
# The two processes of pytest have a core each: a second thread would only wait for the first.
test quick: export OMP_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help demo quick test test-vision fuzz types-js bench format

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.base ## explain two mistakes: a shortcut, and an astronaut; into demo/
	$(BIN)/cilens explain shapes:circle-with-tag shapes:circle --model shapes --out demo
	$(BIN)/cilens explain skimage:astronaut --model imagenet --out demo
	@echo "Look at demo/. Then yours: $(BIN)/cilens explain photo.jpg --model net.onnx"

test: $(VENV)/.test ## run every check, pytest last
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q -n 2 --cov --most-seconds $(MOST)

quick: $(VENV)/.test ## check work in progress, without slow tests and frameworks
	$(BIN)/ruff check .
	$(BIN)/pytest -q -n 2 -x --quick tests

test-vision: $(VISION)/.test ## explain networks of torchvision, timm and Hugging Face
	$(VISION)/bin/pytest -q tests_vision

fuzz: $(VENV)/.test ## damage files of every kind, and watch their readers: GROUPS=images,onnx INPUTS=1000 SEED=2
	PYTHONPATH=tests $(BIN)/python -m fuzz $(if $(GROUPS),--groups $(GROUPS)) \
		$(if $(INPUTS),--inputs $(INPUTS)) $(if $(SEED),--seed $(SEED))

types-js: ## check the types of the page's script, where npm is
	@command -v npx >/dev/null || { echo "types-js: skipped, as there is no npm"; exit 0; } && \
		npx --yes --package typescript@5 tsc --noEmit --allowJs --checkJs --strict --target es2022 \
		--module esnext --lib es2023,dom,dom.iterable src/cilens/view/assets/*.js

gallery: $(VENV)/.test ## draw the pictures of the README and of docs/gallery anew: look at each
	$(BIN)/python docs/gallery/pictures.py
	$(BIN)/python docs/gallery/page.py

bench: $(VENV)/.test ## measure time and memory, into benchmarks/results/
	$(BIN)/python benchmarks/speed.py

format: $(VENV)/.test ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# $(call install,PACKAGES): pip, with the name of each package as it comes and nothing else.
define install
set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check \
	--constraint $(CONSTRAINTS) $(1) | while read -r word name _; do case "$$word $$name" in \
	Collecting*) printf '%s ' "$${name%%[<>=!~;[]*}" ;; \
	Processing*) name=$${name##*/}; printf '%s ' "$${name%%-*}" ;; \
	"Installing collected") printf '\nunpacking …\n' ;; esac; done
endef

$(VENV)/.base: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "cilens needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
			"Name another: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing cilens and what it needs into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(call install,--editable .)
	@touch $@

# torch comes first and alone, so that nothing else decides which build of it to take.
$(VENV)/.test: $(VENV)/.base
	@echo "Installing what the checks need into $(VENV)"
	@$(call install,torch)
	@$(call install,--editable '.[test]')
	@touch $@

# torchvision wants a build of torch of its own, several GB of it: these checks stand apart.
$(VISION)/.test: BIN := $(VISION)/bin
$(VISION)/.test: CONSTRAINTS := $(VISION)/constraints.txt
$(VISION)/.test: pyproject.toml constraints.txt constraints-vision.txt
	@echo "Installing torchvision, timm and Hugging Face's transformers into $(VISION)"
	@$(PYTHON) -m venv $(VISION)
	@{ grep -v '^torch==' constraints.txt; cat constraints-vision.txt; } > $(CONSTRAINTS)
	@$(call install,--editable '.[vision]')
	@touch $@
