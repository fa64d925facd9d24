"""A zip archive is looked over by what it declares; whatever a library raises is one error."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import CilensError, FileError, InputError
from cilens.files import reading
from cilens.models.archive import ALLOWANCE, EXPANSION, copied, opened_zip


@pytest.mark.parametrize(
    "error", [MemoryError(), RecursionError("deep"), BaseException("panic"), KeyError("\udc80\nb")]
)
def test_whatever_is_raised_is_told_with_the_file(error: BaseException) -> None:
    with (
        pytest.raises(FileError, match=r"^a\.pt cannot be loaded: ") as caught,
        reading("a.pt", "cannot be loaded", CilensError),
    ):
        raise error
    assert "\n" not in str(caught.value)
    str(caught.value).encode()


@pytest.mark.parametrize("error", [InputError("said well"), KeyboardInterrupt(), SystemExit(1)])
def test_what_is_said_well_and_a_wish_to_stop_pass(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, reading("a.pt", "cannot be loaded", CilensError):
        raise error
    assert caught.value is error


def test_what_the_system_says_is_told_in_its_words(tmp_path: Path) -> None:
    with (
        pytest.raises(FileError, match="cannot be read: Is a directory"),
        opened_zip(str(tmp_path), "is none"),
    ):
        pass


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]+(/[a-z]+)?", fullmatch=True), st.binary(max_size=9), max_size=4
    )
)
def test_a_copy_holds_what_it_was_given(entries: dict[str, bytes]) -> None:
    with zipfile.ZipFile(copied(iter(entries.items()))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == entries


def test_a_file_may_unpack_to_ten_times_its_size_and_an_allowance(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for size in (ALLOWANCE, 2 * ALLOWANCE):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", bytes(size))
        assert EXPANSION * path.stat().st_size < ALLOWANCE
        if size == ALLOWANCE:
            with opened_zip(str(path), "is none") as archive:
                assert archive.namelist() == ["a"]
    with pytest.raises(FileError, match="at most"), opened_zip(str(path), "is none"):
        pass
