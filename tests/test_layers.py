"""The import contracts of pyproject.toml can be broken, each by one line."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


PROGRAM = "from importlinter.cli import lint_imports_command as run; run()"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the copy of cilens in a folder against the project's contracts."""
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--no-logo"]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    skip = shutil.ignore_patterns("data", "__pycache__")
    shutil.copytree(ROOT / "src" / "cilens", tmp_path / "cilens", ignore=skip)
    return tmp_path


def test_contracts_are_kept(copy):
    run = lint(copy)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("image/array.py", "from cilens import scoring", "Imports go down only"),
        ("text/places.py", "from cilens.plot import panels", "Imports go down only"),
        ("types.py", "if TYPE_CHECKING:\n    import cilens.explanation", "Imports go down only"),
        ("followup/search.py", "import cilens.evaluation.compare", "What judges over images"),
        ("models/names.py", "import cilens.methods.random", "Methods may know models"),
        ("segmentation/grid.py", "import cilens.perturbation", "The question's rooms"),
        ("errors.py", "import cilens.files", "Files and settings"),
        ("helpers.py", "", "Imports go down only"),
        ("methods/other.py", "import cilens.methods.contextual", "No method knows another"),
        ("scoring.py", "import torch", "torch stands"),
        ("models/torch/model.py", "import onnxruntime", "onnxruntime stands"),
        ("models/onnx/model.py", "import onnx", "onnx stands"),
        ("methods/random.py", "import sklearn", "scikit-learn stands"),
        ("methods/random.py", "import captum", "captum stands"),
        ("explanation.py", "import matplotlib.pyplot", "matplotlib stands"),
        ("perturbation.py", "from PIL import Image", "Pillow stands"),
        ("image/decode.py", "import tifffile", "Each package that decodes"),
        ("methods/random.py", "import pyarrow", "Arrow stands"),
        ("parts/shown.py", "from rich.table import Table", "The terminal belongs"),
    ],
)
def test_contract_can_be_broken(copy, file, line, broken):
    with (copy / "cilens" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    run = lint(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    assert any(shown.startswith(broken) and "BROKEN" in shown for shown in run.stdout.splitlines())


circles = runpy.run_path(str(ROOT / "benchmarks" / "house.py"))["circles"]


def test_no_files_import_each_other_in_a_circle() -> None:
    """Not for type checking either, nor by way of a package's face."""
    assert circles(ROOT / "src" / "cilens") == 0


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "import cilens.printable\nimport cilens.files"),
        ("types.py", "if TYPE_CHECKING:\n    from cilens.explanation import Explanation"),
        ("findings/request/option.py", "from cilens.findings.request import Request"),
    ],
)
def test_a_circle_is_found(copy: Path, file: str, line: str) -> None:
    with (copy / "cilens" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    assert circles(copy / "cilens") == 1


def test_one_file_of_the_answer_reaches_up() -> None:
    """`Explanation.plot` and its like ask the rooms above by name, in one place."""
    files = (ROOT / "src" / "cilens" / "explanation").glob("*.py")
    assert [one.name for one in files if "import_module" in one.read_text()] == ["faces.py"]
