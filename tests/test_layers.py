"""The import contracts of pyproject.toml can be broken, each by one line."""

from __future__ import annotations

import os
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
        ("segmentation.py", "import cilens.perturbation", "Imports go down only"),
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
        ("parts/shown.py", "from rich.table import Table", "The terminal belongs"),
    ],
)
def test_contract_can_be_broken(copy, file, line, broken):
    with (copy / "cilens" / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    run = lint(copy)
    assert run.returncode == 1, run.stdout + run.stderr
    assert any(shown.startswith(broken) and "BROKEN" in shown for shown in run.stdout.splitlines())
