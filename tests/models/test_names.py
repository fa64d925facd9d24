"""Class names are read by the index that they carry, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.errors import FileError, InputError
from cilens.models.names import check_names, read_names_file


@pytest.mark.parametrize("names", ["cat", [1, 2], ("cat", None)])
def test_names_are_a_sequence_of_texts(names: object) -> None:
    with pytest.raises(InputError, match="class_names must be a sequence of texts"):
        check_names(names)


def test_a_file_of_names(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("\ufeffcrane\r\n  mail box \r\ncrane\r\nœuf\r\n\r\n\r\n".encode())
    assert read_names_file(file) == ("crane", "mail box", "crane", "œuf")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "one class name a line; it has none"),
        (b" \n\n", "one class name a line; it has none"),
        (b"cat\n\ndog\n", "line 2 is empty"),
        (b"\xff\xfe\x00", "must be UTF-8 text"),
    ],
)
def test_a_file_of_names_that_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    with pytest.raises(FileError, match=message):
        read_names_file(file)


def test_a_file_of_names_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"names\.txt cannot be read: No such file"):
        read_names_file(tmp_path / "names.txt")
