"""What is tried on every reader alike: pickles, members and links that lead elsewhere, pipes."""

from __future__ import annotations

import io
import os
import pickle
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from cilens.errors import CilensError
from cilens.models.sidecar import read_stated, stated_path
from fuzz.readers import GROUPS
from support import attack
from support.attack import memory_below, refusal

NAMES = {
    "images": "picture.png",
    "labels": "labels.npy",
    "explanations": "seven.npz",
    "statements": "net.toml",
    "names": "names.txt",
    "onnx": "net.onnx",
    "tflite": "net.tflite",
    "keras": "net.keras",
    "safetensors": "net.safetensors",
    "pt2": "net.pt2",
    "torchscript": "net.ts",
}
ARCHIVES = ("explanations", "keras", "pt2", "torchscript")
archives = pytest.mark.parametrize("group", ARCHIVES)


@cache
def archive_of(group: str) -> dict[str, bytes]:
    """Return the members of a valid file."""
    with zipfile.ZipFile(io.BytesIO(next(GROUPS[group].seeds())[1])) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, members: dict[str, bytes], mode: int = 0) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, content)


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_every_group_is_attacked():
    assert set(NAMES) == set(GROUPS)


@pytest.mark.parametrize("group", NAMES)
def test_a_pickle_under_any_name_is_not_read(group, tmp_path):
    mark, path = tmp_path / "unpickled", tmp_path / NAMES[group]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path.write_bytes(pickle.dumps(attack.Evil(mark), protocol))
        with suppress(CilensError):
            GROUPS[group].use(path)
        assert not mark.exists()


@archives
def test_a_pickle_in_an_archive_is_not_read(group, tmp_path):
    mark, path = tmp_path / "unpickled", tmp_path / NAMES[group]
    evil = {"pkl": attack.pickle_of(mark), "npy": attack.pickled_npy(mark)}
    top = next(iter(archive_of(group))).partition("/")[0]
    for kind, content in evil.items():
        for name in (
            f"more.{kind}",
            f"data.{kind}",
            f"{top}/data.{kind}",
            f"{top}/constants.{kind}",
        ):
            pack(path, archive_of(group) | {name: content})
            with suppress(CilensError):
                GROUPS[group].use(path)
        for name in archive_of(group):
            pack(path, archive_of(group) | {name: content})
            with suppress(CilensError):
                GROUPS[group].use(path)
            assert not mark.exists(), name


@archives
@pytest.mark.parametrize("start", ["../", "../../", "/", "C:\\", "a/../../"])
def test_members_that_lead_elsewhere_write_nothing(group, start, tmp_path):
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    path = folder / NAMES[group]
    target = f"{tmp_path}/" if start == "/" else start
    pack(path, archive_of(group) | {f"{target}{n}": c for n, c in archive_of(group).items()})
    before = everything(tmp_path)
    with suppress(CilensError):
        GROUPS[group].use(path)
    pack(path, {f"{target}{name}": content for name, content in archive_of(group).items()})
    with suppress(CilensError):
        GROUPS[group].use(path)
    assert everything(tmp_path) == before


@archives
def test_members_that_are_links_are_not_followed(group, tmp_path):
    path, secret = tmp_path / NAMES[group], tmp_path / "secret"
    secret.write_text("secret")
    pack(path, dict.fromkeys(archive_of(group), str(secret).encode()), mode=0o120777)
    assert "secret" not in refusal(lambda: GROUPS[group].use(path)).replace(str(secret), "")
    assert everything(tmp_path) == {path.name, "secret"}


def test_a_statement_that_is_no_file_is_not_waited_for(tmp_path):
    """What lies beside a model was perhaps unpacked with it, and nobody named it."""
    model = tmp_path / "net.onnx"
    model.write_bytes(b"")
    beside = stated_path(model)
    beside.symlink_to("/dev/zero")
    with in_time(), memory_below(64 << 20):
        refusal(lambda: read_stated(model))
    beside.unlink()
    os.mkfifo(beside)
    with in_time():
        refusal(lambda: read_stated(model))


@contextmanager
def in_time() -> Iterator[None]:
    """Interrupt a reader that waits or reads on and on."""

    def interrupt(*_: object) -> None:
        raise TimeoutError("the reader was not done")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("group", [name for name in NAMES if name != "statements"])
def test_a_directory_is_no_file(group, tmp_path):
    folder = tmp_path / NAMES[group]
    folder.mkdir()
    refusal(lambda: GROUPS[group].use(folder))
