"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.errors import FileError
from cilens.files import whole_file


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
