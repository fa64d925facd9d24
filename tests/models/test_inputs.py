"""What a network takes: images as stated, and constants of the shapes that are declared."""

from __future__ import annotations

import pytest

from cilens.errors import InputError
from cilens.models.inputs import check_input, not_stated
from cilens.models.preprocess.record import Preprocess


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
