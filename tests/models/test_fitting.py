"""Two steps, as libraries of PyTorch take them: resize, then cut whole pixels out of the middle."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.models.preprocess.record import FitError, Preprocess

sides = st.integers(1, 60)


def photograph(*shape: int) -> np.ndarray:
    """Return pixels as they are read from a file: whole 255ths."""
    return (np.random.default_rng(0).integers(0, 256, shape) / 255).astype(np.float32)


@pytest.mark.parametrize("resample", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("shape", [(30, 41, 3), (41, 30, 1)])
def test_whole_numbers_are_resampled_as_pillow_does_it(
    shape: tuple[int, int, int], resample: str
) -> None:
    image = photograph(*shape)
    p = Preprocess((16, 16), shape[2], fit="crop", resize=20, resample=resample, depth="uint8")
    whole = (20, 27) if shape[0] < shape[1] else (27, 20)
    file = PIL.Image.fromarray(np.rint(image * 255).astype(np.uint8).squeeze())
    by_hand = np.atleast_3d(file.resize(whole[::-1], PIL.Image.Resampling[resample.upper()]))
    top, left = (round((side - 16) / 2) for side in whole)
    view = p.view(image)
    wanted = by_hand[top : top + 16, left : left + 16].astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(view.image, wanted)
    assert view.image.dtype == np.float32


def test_whole_numbers_without_a_second_step() -> None:
    image = photograph(30, 41, 3)
    view = Preprocess((16, 16), fit="stretch", resample="bilinear", depth="uint8").view(image)
    file = PIL.Image.fromarray(np.rint(image * 255).astype(np.uint8))
    by_hand = np.asarray(file.resize((16, 16), PIL.Image.Resampling.BILINEAR), dtype=np.float32)
    np.testing.assert_array_equal(view.image, by_hand / np.float32(255))


@pytest.mark.parametrize(
    ("p", "box"),
    [
        # 40 x 60 becomes 20 x 30; 16 out of 20 starts at 2, out of 30 at 7: twice that in pixels
        (Preprocess((16, 16), 1, fit="crop", resize=20), (4.0, 14.0, 36.0, 46.0)),
        # the longer side is 16 * 1.5 = 24; half of 24 - 15 = 9 is 4.5: 4, as it is even
        (Preprocess((16, 15), 1, fit="crop", resize=16), (0.0, 10.0, 40.0, 47.5)),
        # half of 24 - 17 = 7 is 3.5: 4, or 3 where it is cut off
        (Preprocess((16, 17), 1, fit="crop", resize=16), (0.0, 10.0, 40.0, 52.5)),
        (Preprocess((16, 17), 1, fit="crop", resize=16, centre="floor"), (0.0, 7.5, 40.0, 50.0)),
        # 20 x 30 covers 10 x 30
        (Preprocess((8, 8), 1, fit="crop", resize=(10, 30)), (12.0, 22.0, 28.0, 38.0)),
        # 20 x 20, whatever the aspect ratio: 10 out of it is half of the image
        (Preprocess((10, 10), 1, fit="stretch", resize=(20, 20)), (10.0, 15.0, 30.0, 45.0)),
    ],
)
def test_the_box_is_what_is_cut_out(p: Preprocess, box: tuple[float, float, float, float]) -> None:
    image = np.zeros((40, 60, 1), np.float32)
    view = p.view(image)
    assert view.box == pytest.approx(box)
    assert view.image.shape[:2] == p.size


@given(shape=st.tuples(sides, sides), size=st.tuples(sides, sides), more=st.integers(0, 20))
def test_the_view_lies_inside_the_image(
    shape: tuple[int, int], size: tuple[int, int], more: int
) -> None:
    image = np.ones((*shape, 1))
    for fit, resize in (("crop", max(size) + more), ("stretch", (size[0] + more, size[1]))):
        view = Preprocess(size, 1, fit=fit, resize=resize, depth="uint8").view(image)
        top, left, bottom, right = view.box
        assert -1e-9 <= top < bottom <= shape[0] + 1e-9
        assert -1e-9 <= left < right <= shape[1] + 1e-9
        assert view.image.shape == (*size, 1)
        assert (view.image == 1).all()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"fit": "crop", "resize": 200}, "got 224 x 224 to be cut out of 200$"),
        ({"fit": "crop", "resize": (256, 200)}, "got 224 x 224 to be cut out of 256 x 200$"),
        (
            {"fit": "stretch", "resize": 256},
            r"'stretch' needs \(height, width\) as resize; got 256",
        ),
        ({"resize": 256}, "resize is for fit='crop' or 'stretch'; got fit='exact'"),
        ({"size": None, "resize": 256}, "resize is for fit='crop' or 'stretch'; got fit='exact'"),
        ({"fit": "crop", "resize": 0}, "resize must be greater than 0"),
        ({"fit": "crop", "resize": 250.5}, r"resize must be in whole pixels; got 250\.5"),
        ({"fit": "crop", "resize": (1, 2, 3)}, r"resize must be \(height, width\) in whole pixels"),
        ({"fit": "crop", "centre": "half"}, "unknown centre 'half'"),
        ({"fit": "crop", "depth": "uint16"}, "unknown depth 'uint16'; did you mean 'uint8'"),
    ],
)
def test_what_cannot_be(fields: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preprocess(**({"size": (224, 224)} | fields))


@pytest.mark.parametrize(
    ("size", "resize", "shape", "message"),
    [
        ((16, 30), 20, (40, 40, 1), "40 x 40 is resized to 20 x 20, and 16 x 30 cannot be cut out"),
        ((16, 16), 20, (1, 6_000_000, 1), "resized to 20 x 120000000, and .* one of another shape"),
    ],
)
def test_an_image_without_the_middle(
    size: tuple[int, int], resize: int, shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(FitError, match=message):
        Preprocess(size, 1, fit="crop", resize=resize).view(np.zeros(shape, np.float32))


@pytest.mark.parametrize("resize", ["256", "256x320"])
def test_two_steps_as_text(resize: str) -> None:
    text = f"size=224x224,channels=3,fit=crop,resize={resize},centre=floor,depth=uint8"
    assert str(Preprocess.parse(text)) == text
    assert Preprocess.from_json(Preprocess.parse(text).to_json()) == Preprocess.parse(text)
    assert Preprocess.parse("size=8x8,fit=crop,resize=any").resize is None
