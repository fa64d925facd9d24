"""What a model file says of itself is read exactly, or refused with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.errors import FileError, InputError
from cilens.models.metadata import (
    check_input,
    check_names,
    not_stated,
    read_names,
    read_names_file,
    read_preprocess,
)
from cilens.models.preprocess.record import Preprocess


def test_what_is_absent_is_nothing() -> None:
    assert read_preprocess({}, "a.onnx") is None
    assert read_names({}, "a.onnx") == ()


def test_preprocess_is_read_back() -> None:
    p = Preprocess((28, 28), 1, scale=255)
    assert read_preprocess({"cilens.preprocess": p.to_json()}, "a.onnx") == p


@pytest.mark.parametrize("text", ["{", '{"sise": [1, 1]}', "3"])
def test_preprocess_that_is_wrong_names_the_file(text: str) -> None:
    with pytest.raises(FileError, match=r"a\.onnx: cilens\.preprocess in its metadata: "):
        read_preprocess({"cilens.preprocess": text}, "a.onnx")


@pytest.mark.parametrize("text", ["cat,dog", '"cat"', "[1, 2]", "{}"])
def test_names_that_are_wrong_name_the_file(text: str) -> None:
    with pytest.raises(FileError, match=r"a\.onnx: cilens\.class_names .* JSON list of texts"):
        read_names({"cilens.class_names": text}, "a.onnx")


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


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (("n", 1, 28, 28), "size=28x28,channels=1,scale=?,mean=?,std=?,layout=NCHW"),
        ((None, 224, 192, 3), "size=224x192,channels=3,scale=?,mean=?,std=?,layout=NHWC"),
        ((1, 3, "h", "w"), "size=any,channels=3,scale=?,mean=?,std=?,layout=NCHW"),
        ((1, "c", 8, 8), "size=8x8,channels=?,scale=?,mean=?,std=?,layout=NCHW"),
    ],
)
def test_what_to_state_follows_the_shape(shape: tuple[int | str | None, ...], text: str) -> None:
    assert f"Preprocess.parse({text!r})" in str(not_stated("a.onnx", "input 'x'", shape))


@pytest.mark.parametrize(
    ("shape", "preprocess"),
    [
        (("n", 3, 8, 6), Preprocess((8, 6))),
        ((4, 8, 6, 3), Preprocess((8, 6), layout="NHWC")),
        (("n", 3, "h", None), Preprocess((8, 6))),
        (("n", "c", "h", "w"), Preprocess()),
    ],
)
def test_shapes_that_agree(shape: tuple[int | str | None, ...], preprocess: Preprocess) -> None:
    check_input("a.onnx", shape, "float32", preprocess)


@pytest.mark.parametrize(
    ("shape", "preprocess", "message"),
    [
        (("n", 3, 8, 8), Preprocess((8, 6)), r"takes \(n, 3, 8, 8\); got \(n, 3, 8, 6\) from size"),
        (("n", 3, 8, 8), Preprocess((8, 8), 1), r"takes \(n, 3, 8, 8\); got \(n, 1, 8, 8\) from"),
        (("n", 3, 8, 8), Preprocess(), r"takes \(n, 3, 8, 8\); got \(n, 3, \?, \?\) from size=any"),
        ((None, 8, 8, 3), Preprocess((8, 8)), r"takes \(\?, 8, 8, 3\); .*; state layout=NHWC$"),
        ((1, 3, 8, 8), Preprocess((8, 8), layout="NHWC"), r"; state layout=NCHW$"),
    ],
)
def test_shapes_that_disagree_are_both_named(
    shape: tuple[int | str | None, ...], preprocess: Preprocess, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        check_input("a.onnx", shape, "float32", preprocess)


def test_types_that_disagree_are_both_named() -> None:
    with pytest.raises(InputError, match=r"a\.onnx takes uint8; got float32"):
        check_input("a.onnx", ("n", 3, 8, 8), "uint8", Preprocess((8, 8)))
