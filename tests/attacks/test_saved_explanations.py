"""A saved explanation of anybody's: bombs, pickles, lies in headers, numbers that cannot be."""

from __future__ import annotations

import contextlib
import io
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

import made
from cilens.errors import FileError
from cilens.explanation import Explanation
from support.damage import damaged
from support.saved_files import rewritten, saved_files, texts, with_members

pytestmark = pytest.mark.usefixtures("unchecked")

PACKED = saved_files()["packed.npz"]


def load(content: bytes, folder: Path, **options) -> Explanation:
    path = folder / "e.npz"
    path.write_bytes(content)
    return Explanation.load(path, **options)


def refused(content: bytes, folder: Path, *messages: str, megabytes: int = 20) -> None:
    """Assert that one line names the file and says why, and that little memory was taken."""
    tracemalloc.start()
    with pytest.raises(FileError) as error:
        load(content, folder)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    text = str(error.value)
    assert "e.npz" in text
    assert "\n" not in text
    assert most < megabytes * 1e6
    for message in messages:
        assert message in text


def member(header: bytes, data: bytes = b"") -> bytes:
    """Return an array's file with any header."""
    padded = header.ljust(-(-(len(header) + 11) // 64) * 64 - 11) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded + data


def header(shape: str, dtype: str = "'<f8'") -> bytes:
    return f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}".encode()


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    for content in saved_files().values():
        assert load(content, tmp_path).model_rows == 5


@pytest.mark.parametrize("source", saved_files())
def test_damage_is_refused_or_harmless(source: str, tmp_path: Path) -> None:
    read = 0
    for _, content in damaged({source: saved_files()[source]}, 400):
        with contextlib.suppress(FileError):
            load(content, tmp_path)
            read += 1
    assert 0 < read < 400


# --- Bombs -------------------------------------------------------------------------------------


def declaring(name: str, size: int, declared: int) -> bytes:
    """Return a saved explanation with a member of so many zeros that declares another size."""
    content, known = with_members(PACKED, {name: bytes(size)}), struct.pack("<L", size)
    assert content.count(known) == 2  # before the member, and in the list at the end
    return content.replace(known, struct.pack("<L", declared))


def test_a_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    bomb = declaring("low.npy", 1_000_003, 1 << 30)
    refused(bomb, tmp_path, "its members unpack to 1,073,7", "the limit is 1,073,741,824")
    honest = with_members(PACKED, {"low.npy": member(header("(25000000,)"), bytes(200_000_000))})
    with pytest.raises(FileError, match=r"unpack to 200,0.* the limit is 100,000,000"):
        load(honest, tmp_path, max_bytes=100_000_000)


def test_the_limit_can_be_set(tmp_path: Path) -> None:
    assert load(PACKED, tmp_path, max_bytes=20_000).model_rows == 5
    with pytest.raises(FileError, match="the limit is 100"):
        load(PACKED, tmp_path, max_bytes=100)


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(1 << 62,)", "(-5, -8)", "(9,)", "()"])
def test_a_header_that_claims_other_bytes_than_there_are(shape: str, tmp_path: Path) -> None:
    spoilt = with_members(PACKED, {"scores.npy": member(header(shape), bytes(16))})
    refused(spoilt, tmp_path, "damaged or not a cilens explanation")


def test_elements_of_no_size_take_no_room(tmp_path: Path) -> None:
    spoilt = with_members(PACKED, {"scores.npy": member(header("(1000000000000,)", "'V0'"))})
    refused(spoilt, tmp_path)


def test_a_member_that_holds_more_than_it_declares_is_not_read_on(tmp_path: Path) -> None:
    refused(declaring("version.npy", 50_000_001, 136), tmp_path)


def test_many_members_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number:08}.npy", b"")
    refused(content.getvalue(), tmp_path, "list of members is longer", megabytes=2)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_to_pack_are_refused(method: int, tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PACKED)) as old, zipfile.ZipFile(content, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    refused(content.getvalue(), tmp_path, "another method than deflate")


def test_encryption_is_refused(tmp_path: Path) -> None:
    content = bytearray(PACKED)
    with zipfile.ZipFile(io.BytesIO(PACKED)) as archive:
        start = archive.start_dir
    content[start + 8] |= 1
    refused(bytes(content), tmp_path, "is encrypted")


def test_deep_texts(tmp_path: Path) -> None:
    def deep(arrays) -> None:
        arrays["texts"] = np.array("[" * 100_000)

    refused(rewritten(PACKED, deep), tmp_path, "recursion")


def test_deep_headers(tmp_path: Path) -> None:
    spoilt = with_members(PACKED, {"scores.npy": member(b"(" * 9_000)})
    refused(spoilt, tmp_path)


# --- Code --------------------------------------------------------------------------------------


class _Touch:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["scores", "texts", "version", "further"])
def test_pickles_are_never_loaded(name: str, tmp_path: Path) -> None:
    payload = pickle.dumps(np.array([_Touch(tmp_path / "ran")], dtype=object))
    bare, framed = payload, member(header("(1,)", "'|O'"), payload)
    for content in (bare, framed):
        refused(with_members(PACKED, {f"{name}.npy": content}), tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_name_that_leads_elsewhere_is_a_name_that_is_not_known(tmp_path: Path) -> None:
    refused(with_members(PACKED, {"../../further.npy": member(header("()"), bytes(8))}), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["e.npz"]


# --- Numbers and texts that no explanation has --------------------------------------------------


def put(name: str, index: tuple[int, ...], value: float):
    def change(arrays) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name][index] = value

    return change


def cast(name: str, dtype: type):
    def change(arrays) -> None:
        arrays[name] = arrays[name].astype(dtype)

    return change


def swap_ranges(arrays) -> None:
    arrays["output_range"] = arrays["output_range"][::-1]


WRONG_ARRAYS = [
    (put("segments", (0, 0), -1), "segments must be labelled 0 … 3"),
    (put("segments", (0, 0), 4), "segments must be labelled 0 … 3"),
    (lambda arrays: arrays.update(segments=np.minimum(arrays["segments"], 2)), "3 is missing"),
    (
        lambda arrays: arrays.update(labels=np.arange(3)),
        "regions must have shape (4, 3); got (4, 4)",
    ),
    (lambda arrays: arrays.update(regions=np.zeros((4, 4), bool)), "at least one segment each"),
    (lambda arrays: arrays.update(image=arrays["image"][..., :0]), "image must not be empty"),
    (put("scores", (0,), np.nan), "scores must be finite"),
    (put("scores", (0,), 2.0), "scores must lie in the output range"),
    (put("influence", (0, 0), 7.0), "influence must be in [-1, 1]; got"),
    (put("importance", (0, 0), 1.5), "importance must be in [0, 1]"),
    (put("importance", (0, 0), -0.5), "importance must be in [0, 1]"),
    (put("utility", (0, 0), 1.5), "utility must be in [0, 1]"),
    (put("utility", (0, 0), np.inf), "utility must be finite"),
    (put("margin", (0, 0), -0.5), "margin must be 0 or more"),
    (put("margin", (0, 0), np.nan), "margin must be finite"),
    (put("low", (1, 1), 0.9), "low must not be above high; not so at [1, 1]"),
    (put("image", (0, 0, 0), np.inf), "image must be finite"),
    (put("output_range", (1, 0), np.inf), "output_range must be finite"),
    (put("output_range", (1, 0), 0.0), "output_range must have absmin < absmax"),
    (swap_ranges, "output_range must have absmin < absmax"),
    (cast("regions", np.uint8), "Explanation.regions must be"),
    (cast("segments", np.float64), "Explanation.segments must be"),
    (cast("scores", np.complex128), "Explanation.scores must be"),
    (cast("influence", str), "Explanation.influence must be"),
]


@pytest.mark.parametrize(("change", "message"), WRONG_ARRAYS)
def test_arrays_are_checked_as_those_of_a_new_one(change, message: str, tmp_path: Path) -> None:
    refused(rewritten(PACKED, change), tmp_path, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_rows": 0}, "Explanation.model_rows must be above 0"),
        ({"model_rows": "5"}, "Explanation.model_rows must be a whole number"),
        ({"model_rows": 1e400}, "Explanation.model_rows must be finite"),
        ({"method": ["a"]}, "Explanation.method must be text"),
        ({"method": None}, "'method'"),
        ({"box": [0, 0, 6]}, "Explanation.box must be (a number, a number, a number, a number)"),
        ({"box": [0, 0, 6, float("nan")]}, "Explanation.box must be"),
        ({"box": [6, 0, 0, 6]}, "box must be (top, left, bottom, right)"),
        ({"region_names": ["0"]}, "region_names must be 4, one for each region; got 1"),
        ({"region_names": "0123"}, "Explanation.region_names must be (text, …)"),
        ({"class_names": ["a", 1]}, "Explanation.class_names must be (text, …)"),
        ({"class_names": ["a"]}, "class_names must be 2, one for each class; got 1"),
        ({"scores": [0.5, 0.5]}, "multiple values for keyword argument 'scores'"),
        ({"pixel_range": [255, 0, "uint8"]}, "pixel_range must have black < white"),
        ({"pixel_range": [0, float("nan"), "uint8"]}, "pixel_range must be finite"),
        ({"pixel_range": [0, 255, "object"]}, "pixel_range must have black < white"),
        ({"pixel_range": [0, 255]}, "dtype"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_texts_are_checked(changes: dict, message: str, tmp_path: Path) -> None:
    refused(texts(PACKED, **changes), tmp_path, message)


@pytest.mark.parametrize("text", ["3", "[]", "null", '"a"', "{}", "NaN", '[["a", 1]]', "1" * 5000])
def test_texts_that_are_no_object(text: str, tmp_path: Path) -> None:
    def change(arrays) -> None:
        arrays["texts"] = np.array(text)

    refused(rewritten(PACKED, change), tmp_path)


def test_the_first_format_is_read(tmp_path: Path) -> None:
    def change(arrays) -> None:
        arrays["version"] = np.array(1)
        del arrays["margin"]

    assert load(rewritten(PACKED, change), tmp_path).margin is None


def test_signs_beyond_unicode(tmp_path: Path) -> None:
    path = tmp_path / "e.npz"
    made.explanation([0.5]).save(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    told = arrays["texts"].reshape(1).copy()
    inside = str(told[0]).index('"method": "') + len('"method": "')
    told.view(np.uint32)[inside] = 0x120000
    np.savez(path, **(arrays | {"texts": told.reshape(())}))
    with pytest.raises(FileError, match=r"e\.npz"):
        Explanation.load(path)
