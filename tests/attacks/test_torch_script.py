"""TorchScript that tries to harm: PyTorch alone runs it, cilens does not.

Every payload would leave a file behind. The bare library is tried too, so that an attack that has
stopped working is noticed and not taken for a defence.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from support.torch_files import bare_script, recode, refused, rewrite, script, works


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


# ---- TorchScript


class Saves(torch.nn.Module):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        torch.save(images, self.path)
        return images.flatten(1)


class Maps(Saves):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        written = torch.from_file(self.path, shared=True, size=10).copy_(torch.zeros([10]))
        return images.flatten(1) + written.sum()


class Inner(torch.nn.Module):
    """Hides an operator in a branch of a part."""

    def __init__(self, part: torch.nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if images.shape[0] == 1:
            for _ in range(1):
                self.part(images)
        return images.flatten(1)


class Forks(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.jit.wait(torch.jit.fork(torch.relu, images)).flatten(1)


class Prints(torch.nn.Module):
    def forward(self, images: torch.Tensor) -> torch.Tensor:
        print("\x1b[2J")  # noqa: T201
        return images.flatten(1)


@pytest.mark.parametrize("make", [Saves, Maps, lambda path: Inner(Saves(path))])
def test_operators_that_write(tmp_path: Path, mark: Path, make: Callable) -> None:
    path = script(tmp_path / "net.ts", make(str(mark)))
    works(bare_script, path, mark)
    refused(path, r"has the operator 'aten::(save|from_file)', which is not on the list")
    assert not mark.exists()


@pytest.mark.parametrize(("make", "name"), [(Forks, "prim::fork"), (Prints, "prim::Print")])
def test_operators_that_reach_out(tmp_path: Path, make: Callable, name: str) -> None:
    refused(script(tmp_path / "net.ts", make()), f"has the operator '{name}'")


def mapped(mark: Path) -> str:
    """Return a number, computed by writing a file."""
    return f'torch.numel(torch.from_file("{mark}", True, 10))'


def test_a_default_that_runs_at_loading(tmp_path: Path, mark: Path) -> None:
    path = recode(tmp_path / "net.ts", "times: int=1", f"times: int={mapped(mark)}")
    works(bare_script, path, mark)
    refused(path, r"would run code while it is loaded \(code/__torch__/.*\.py, line \d+\)")
    assert not mark.exists()


def test_a_constant_that_runs_at_loading(tmp_path: Path, mark: Path) -> None:
    new = f"in_features : Final[int] = {mapped(mark)}"
    path = recode(tmp_path / "net.ts", "in_features : Final[int] = 192", new)
    works(bare_script, path, mark)
    refused(path, "would run code while it is loaded")
    assert not mark.exists()


def test_a_state_that_runs_at_loading(tmp_path: Path) -> None:
    new = "  def __setstate__(self, state: Tensor) -> None:\n    pass\n  def forward"
    path = recode(tmp_path / "net.ts", "  def forward", new)
    refused(path, "would run code while it is loaded")


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("'", "is not written as PyTorch writes TorchScript"),
        ("# comment\n    layer = self.layer", "is not written as PyTorch writes TorchScript"),
        ('"""a"""\n    layer = self.layer', "is not written as PyTorch writes TorchScript"),
        ("layer = self.layer; b = 3", "is not written as PyTorch writes TorchScript"),
        ("layer = __torch__.torch.classes.a.B()", "would run code while it is loaded"),
        ("layer = (" * 500 + ")" * 500, "is not a PyTorch file, or a damaged one"),
    ],
)
def test_code_that_is_read_in_two_ways(tmp_path: Path, new: str, message: str) -> None:
    refused(recode(tmp_path / "net.ts", "layer = self.layer", new), message)


def test_code_without_a_forward(tmp_path: Path) -> None:
    refused(recode(tmp_path / "net.ts", "def forward", "def backward"), "no attribute|without a")


def repickle(path: Path, old: bytes, new: bytes) -> Path:
    def changed(name: str, data: bytes) -> bytes:
        if name == "data.pkl":
            assert old in data
            return data.replace(old, new, 1)
        return data

    return rewrite(script(path), changed)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b".", b"r\0\0\0\x20.", r"does what no TorchScript needs \(LONG_BINPUT\)"),
        (b"M@\x02t", b"J\0\0\0\x10t", "declares 268435456 elements in '0', which has 2,304 bytes"),
        (b"K\x03K\xc0\x86", b"J\0\0\0\x01K\xc0\x86", "reaches to element 3,221,225,472 of the 576"),
        (b"ccollections\nOrderedDict\n", b"cos\nsystem\n", r"names 'os\.system', which no"),
        (b"ctorch._utils\n_rebuild_tensor_v2\n", b"c__torch__.torch\nclasses.a.B\n", "names"),
        (b".", b"\x85" * 100_000 + b".", "is not a PyTorch file, or a damaged one"),
        (b".", b"", "is not a PyTorch file, or a damaged one"),
    ],
)
def test_pickles_that_ask_for_more(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = script(tmp_path / "net.ts")
    with zipfile.ZipFile(path) as file:
        data = file.read(next(name for name in file.namelist() if name.endswith("/data.pkl")))
    if old not in data:  # the numbers are written in one of two ways
        old = old.replace(b"\x86", b"t").replace(b"K\x03", b"(K\x03")
        new = new.replace(b"\x86", b"t").replace(b"J\0", b"(J\0")
    last = data.rfind(old) if old == b"." else data.find(old)
    assert last >= 0
    worse = data[:last] + new + data[last + len(old) :]
    refused(rewrite(path, lambda name, data: worse if name == "data.pkl" else data), message)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from the system")
def test_a_place_in_a_memo_is_a_bomb_for_pytorch_alone(tmp_path: Path) -> None:
    """2 kB that take 2 GB; with larger places 64 GB. In a separate process, within a limit."""
    path = repickle(script(tmp_path / "net.ts"), b"q\x00)", b"r\0\0\0\x08)")
    code = (
        "import resource, sys, torch; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, -1))\n"
        "torch.jit.load(sys.argv[1])"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, path], capture_output=True, check=False
    )
    assert b"bad_alloc" in ran.stderr or b"memory" in ran.stderr.lower()
    refused(path, r"does what no TorchScript needs \(LONG_BINPUT\)")
