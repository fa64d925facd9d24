"""`--factory` names a function in the current directory, whose network takes the weights."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

OWN = """
from torch import nn

def make():
    return nn.Sequential(nn.AvgPool2d(7), nn.Flatten(), nn.Linear(16, 3))
"""
PREPROCESS = ("--preprocess", "size=28x28,channels=1")
FACTORY = ("--factory", "nets_of_this_test:make")


@pytest.fixture(autouse=True)
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place])
    monkeypatch.delitem(sys.modules, "nets_of_this_test", raising=False)
    Path("nets_of_this_test.py").write_text(OWN)
    torch.manual_seed(0)
    tensors = {"2.weight": torch.rand(3, 16), "2.bias": torch.rand(3)}
    save_file(tensors, "net.safetensors")


def test_explain(run: Callable, digit: Path) -> None:
    ran = run(
        "explain", digit, "--model", "net.safetensors", *FACTORY, *PREPROCESS, "--activation",
        "softmax", "--json",
    )  # fmt: skip
    (record,) = json.loads(ran.out)
    assert record["model"] == "net.safetensors"
    assert record["predicted"]["index"] in range(3)


def test_calibrate_saves_no_factory(run: Callable, digit: Path) -> None:
    assert run("calibrate", "net.safetensors", digit, *FACTORY, *PREPROCESS).code == 0
    assert "factory" not in Path("net.safetensors.cilens.toml").read_text()
    assert run("explain", digit, "--model", "net.safetensors", *FACTORY).code == 0


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ((), "state the function of yours that makes it"),
        (("--factory", "nets_of_this_tes:make"), "there is no module 'nets_of_this_tes' in"),
        (("--factory", "nets_of_this_test:mak"), "did you mean 'make'?"),
    ],
)
def test_refusals(run: Callable, digit: Path, factory: tuple, message: str) -> None:
    run("explain", digit, "--model", "net.safetensors", *factory, *PREPROCESS).refused(message)


def test_no_place_is_added_where_no_factory_is_named(run: Callable, digit: Path) -> None:
    run("explain", digit)
    assert str(Path.cwd()) not in sys.path
