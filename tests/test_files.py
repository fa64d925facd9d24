"""Files appear whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cilens import files
from cilens.errors import FileError
from cilens.files import locked, read_text, reading, whole_file


def test_a_file_appears_with_its_directory(tmp_path):
    with whole_file(tmp_path / "a" / "b.txt") as draft:
        draft.write_text("new")
        assert not (tmp_path / "a" / "b.txt").exists()
        assert draft.suffix == ".txt"
    assert (tmp_path / "a" / "b.txt").read_text() == "new"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "b.txt").write_text("old")

    def fail():
        with whole_file(tmp_path / "b.txt") as draft:
            draft.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (tmp_path / "b.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_a_file_error_and_leaves_nothing(tmp_path):
    def fill():
        with whole_file(tmp_path / "b.txt") as draft:
            draft.write_text("x")
            Path("/dev/full").write_text("x" * 100)

    with pytest.raises(FileError, match=r"b\.txt cannot be written: No space left on device"):
        fill()
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_directorys_place_is_a_file_error(tmp_path):
    (tmp_path / "a").write_text("in the way")
    with pytest.raises(FileError, match="cannot be written"), whole_file(tmp_path / "a" / "b"):
        pass


WRITER = """
import os, signal, sys
import subprocess
import sys
from pathlib import Path
from cilens.files import read_text, reading, whole_file
with whole_file(sys.argv[1]) as draft:
    draft.write_text("half")
    print(draft.name, flush=True)
    sys.stdin.readline()
"""
AGAIN = """
import sys
from cilens.files import read_text, reading, whole_file
with whole_file(sys.argv[1]) as draft:
    draft.write_text("whole")
"""


def run(code: str, path: Path) -> subprocess.Popen:
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code, path], stdin=pipe, stdout=pipe, text=True)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_next_process_sweeps_the_draft_of_a_killed_one_and_no_other(tmp_path):
    kept = [".cilens-settings.txt", ".seven.original.txt", "cilens-abcdefgh.txt"]
    for name in kept:
        (tmp_path / name).write_text("somebody's own")
    (tmp_path / ".cilens-draft-elsewher.txt").symlink_to(tmp_path / "cilens-abcdefgh.txt")
    kept.append(".cilens-draft-elsewher.txt")
    with run(WRITER, tmp_path / "a.txt") as killed, run(WRITER, tmp_path / "b.txt") as alive:
        left, held = killed.stdout.readline().strip(), alive.stdout.readline().strip()
        killed.kill()
        killed.wait()
        assert {left, held} <= set(names(tmp_path))
        subprocess.run([sys.executable, "-c", AGAIN, tmp_path / "c.txt"], check=True)
        assert names(tmp_path) == sorted([*kept, held, "c.txt"])
        alive.communicate("\n")
    assert names(tmp_path) == sorted([*kept, "b.txt", "c.txt"])


def test_names_as_long_as_a_file_system_takes(tmp_path):
    for suffix in (".npz", ".against.png", "." + 200 * "x"):
        path = tmp_path / ((255 - len(suffix)) * "n" + suffix)
        with whole_file(path) as draft:
            draft.write_text("whole")
        assert path.read_text() == "whole"


def test_a_draft_within_a_draft_is_the_draft(tmp_path):
    with whole_file(tmp_path / "a.txt") as outer, whole_file(outer) as inner:
        assert inner == outer
        inner.write_text("whole")
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    "error", [RecursionError, MemoryError, RuntimeError, AttributeError, AssertionError, KeyError]
)
def test_whatever_a_reader_raises_names_the_file(error):
    damaged = r"a\.npz is damaged or not a file: "
    with pytest.raises(FileError, match=damaged), reading("a.npz", "is damaged or not a file"):
        raise error
    with pytest.raises(KeyboardInterrupt), reading("a.npz", "is damaged or not a file"):
        raise KeyboardInterrupt


def test_a_text_file_is_read_as_far_as_its_limit(tmp_path):
    (tmp_path / "a.txt").write_text("12345")
    assert read_text(tmp_path / "a.txt", "text", 5) == "12345"
    with pytest.raises(FileError, match=r"a\.txt must be text; it has over 4 bytes"):
        read_text(tmp_path / "a.txt", "text", 4)
    with pytest.raises(FileError, match=r"/dev/zero must be text; it has over 1,000 bytes"):
        read_text("/dev/zero", "text", 1000)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a handle has no name")
def test_a_durable_file_is_on_the_disk_before_and_after_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, list[str]]] = []

    def fsync(handle: int) -> None:
        there = Path(f"/proc/self/fd/{handle}").resolve()
        synced.append((there.name, [one.name for one in tmp_path.iterdir()]))

    monkeypatch.setattr(files.os, "fsync", fsync)
    with whole_file(tmp_path / "a.txt", durable=True) as draft:
        draft.write_text("all")
    assert synced == [(draft.name, [draft.name]), (tmp_path.name, ["a.txt"])]
    with whole_file(tmp_path / "b.txt") as draft:
        draft.write_text("all")
    assert len(synced) == 2


def test_a_lock_is_held_until_its_block_ends(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    for _ in range(2):
        with (
            locked(path, "taken"),
            pytest.raises(FileError, match="taken"),
            locked(path, "taken"),
        ):
            raise AssertionError
    with pytest.raises(FileError, match="cannot be written"), locked(path / "below", "taken"):
        raise AssertionError
