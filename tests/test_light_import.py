"""Importing cilens, and asking for help, loads nothing that is heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "ai_edge_litert", "captum", "jinja2", "keras", "lime", "matplotlib", "onnx", "onnxruntime",
    "ray", "scipy", "skimage", "shap", "sklearn", "torch",
}  # fmt: skip


def modules(statement: str) -> set[str]:
    """Return the modules a fresh interpreter has after a statement."""
    program = f"{statement}\nimport sys\nprint(*sorted(sys.modules), sep='\\n', file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(run.stderr.split())


def loaded(statement: str) -> set[str]:
    """Return their packages."""
    return {name.partition(".")[0] for name in modules(statement)}


@pytest.fixture(scope="module")
def after_import() -> set[str]:
    return loaded("import cilens")


@pytest.fixture(scope="module")
def after_help() -> set[str]:
    return loaded(
        "from cilens.cli import main\n"
        "import sys\n"
        "sys.argv = ['cilens', '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code"
    )


def test_import_is_light(after_import):
    assert "cilens" in after_import
    assert after_import & HEAVY == set()


def test_import_does_not_even_load_numpy(after_import):
    assert "numpy" not in after_import


def test_help_is_light(after_help):
    assert "typer" in after_help
    assert after_help & (HEAVY | {"numpy"}) == set()


@pytest.mark.parametrize("module", ["matplotlib", "skimage"])
def test_the_check_can_fail(module):
    assert module in loaded(f"import cilens, {module}") & HEAVY


def test_a_name_loads_only_what_it_needs():
    assert loaded("import cilens; cilens.InputError") & (HEAVY | {"numpy"}) == set()
    assert loaded("import cilens; cilens.Slic") & HEAVY >= {"skimage"}


def test_explaining_loads_no_more_than_it_needs():
    found = modules("from cilens.cli import main\nassert main(['explain', 'mnist:0']) == 0")
    slow = {"jinja2", "matplotlib", "scipy.optimize", "scipy.stats", "sklearn", "torch"}
    assert "scipy.ndimage" in found
    assert found & slow == set()
