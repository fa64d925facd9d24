"""One rule for pixels: the same picture in any units has one explanation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cilens
from cilens.errors import InputError
from cilens.followup.highlight import check_highlight
from cilens.methods import Recommended
from cilens.metrics.flipping import Flipping
from cilens.metrics.stability import Stability
from cilens.models.wrappers.canvas import CanvasModel
from cilens.pixels import as_shares, find_range, to_shares, to_units, whole
from cilens.types import RangedImage

UNITS = {
    "float16": ("f2", None),
    "float32": ("f4", None),
    "float64": ("f8", None),
    "big-endian floats": (">f4", None),
    "uint8": ("u1", None),
    "uint16": ("u2", None),
    "big-endian uint16": (">u2", None),
    "uint32": ("u4", None),
    "uint64": ("u8", None),
    "0 to 255": ("f4", (0, 255)),
    "-1 to 1": ("f8", (-1, 1)),
    "CT": ("i2", (-1000, 3080)),
    "int64": ("i8", (0, 65280)),
    "normalised": ("f4", (-2.1179, 2.64)),
}
FILLS = (cilens.Constant(0.5), cilens.Blur(2.0), cilens.Noise(), cilens.Inpaint(edge_width=1.0))


def shares_of(images, black, white):
    return (images.astype(np.float64) - black) / (white - black)


def picture(side=24, channels=3):
    """Return whole numbers in 0 … 255 with structure, so that units other than bytes hold them."""
    noise = np.random.default_rng(3).integers(0, 60, (side, side, channels))
    noise[4 : side // 2, 6:-4] += 190
    return noise


def in_units(whole_numbers, name):
    """Return the picture in units, their black and white, and what `explain` must be told."""
    dtype, stated = UNITS[name]
    kind = np.dtype(dtype)
    ends = stated or (0, np.iinfo(kind).max if kind.kind == "u" else 1)
    scaled = [int(end) for end in ends] if kind.kind in "iu" else ends
    if kind.kind in "iu":
        step = (scaled[1] - scaled[0]) // 255
        return (whole_numbers.astype(object) * step + scaled[0]).astype(dtype), ends, stated
    return (whole_numbers / 255 * (ends[1] - ends[0]) + ends[0]).astype(dtype), ends, stated


def seen_by(ends, asked=None):
    """Return a model of what is seen in shares, and keep what it was asked."""

    def model(images):
        if asked is not None:
            asked.append(images.copy())
        shares = shares_of(images, *ends)
        half = shares.shape[2] // 2
        left, right = shares[:, :, :half].mean((1, 2, 3)), shares[:, :, half:].mean((1, 2, 3))
        return np.stack([left, right**2], axis=1).clip(0, 1)

    return model


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("channels", [1, 3])
def test_one_picture_has_one_explanation_in_any_units(name, channels):
    numbers = picture(channels=channels)
    usual = cilens.explain(seen_by((0, 1)), (numbers / 255).astype(np.float32))
    image, ends, stated = in_units(numbers, name)
    asked = []
    found = cilens.explain(seen_by(ends, asked), image, pixel_range=stated)
    np.testing.assert_array_equal(found.segments, usual.segments)
    assert found.method == usual.method
    rough = 2e-3 if image.dtype.itemsize <= 2 else 2e-5  # the middle of 0 … 255 is 128
    np.testing.assert_allclose(found.influence, usual.influence, atol=rough)
    np.testing.assert_allclose(found.image, usual.image, atol=5e-4)
    assert {batch.dtype for batch in asked} == {image.dtype.newbyteorder("=")}
    np.testing.assert_array_equal(asked[0][0], image)


@pytest.mark.parametrize(
    ("dtype", "stated"),
    [("f4", (-2.1179, 2.64)), ("f2", (-2.1179, 2.64)), ("f4", (0.1, 0.7)), ("f4", (-0.1, 0.3))],
)
def test_a_range_holds_its_own_ends_rounded(dtype, stated):
    pixels = np.array(stated).astype(dtype).reshape(1, 2, 1)
    shares = to_shares(pixels, find_range(pixels, stated))
    assert 0 <= shares.min() <= shares.max() <= 1
    np.testing.assert_allclose(shares.ravel(), [0, 1], atol=1e-6 if dtype == "f4" else 1e-3)
    beyond = np.nextafter(pixels, np.array([-9, 9], dtype).reshape(1, 2, 1))
    beyond = np.nextafter(beyond, np.array([-9, 9], dtype).reshape(1, 2, 1))
    with pytest.raises(InputError, match="pixels must lie in"):
        find_range(beyond, stated)


def test_a_range_beyond_half_precision_stays_as_stated():
    found = find_range(np.ones((1, 1, 1), np.float16), (0.0, 65535.0))
    assert (found.black, found.white) == (0.0, 65535.0)
    assert find_range(np.ones((1, 1, 1), np.float32), (1.0, 1.0 + 1e-12)).white > 1.0


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(sorted(UNITS)),
    st.sampled_from(FILLS),
    st.integers(0, 99),
    st.sampled_from([1, 2, 3, 5]),
)
def test_kept_pixels_come_back_bit_by_bit(name, fill, seed, channels):
    numbers = np.random.default_rng(seed).integers(0, 256, (7, 8, channels))
    image, ends, stated = in_units(numbers, name)
    asked = []
    method = cilens.SampledImportance((cilens.Grid(3, 3),), (fill,), 25, seed)
    ranged = image if stated is None else RangedImage(image, stated)
    found = method(seen_by(ends, asked), ranged)
    usual = method(seen_by((0, 1)), (numbers / 255).astype(np.float32))
    rough = 6e-3 if image.dtype.itemsize <= 2 else 1e-4
    np.testing.assert_allclose(found.influence, usual.influence, atol=rough)
    batch = np.concatenate(asked)
    shares = shares_of(batch, *ends)
    assert -1e-6 <= shares.min() <= shares.max() <= 1 + 1e-6
    kept = np.isclose(shares, shares_of(image, *ends), rtol=0, atol=1e-12)
    assert kept.mean() > 0.2
    assert (batch == image)[kept].all()


@pytest.mark.parametrize("name", ["uint8", "0 to 255", "CT", "float16"])
def test_metrics_ask_again_in_the_units_given(name, tmp_path):
    image, ends, stated = in_units(picture(), name)
    asked = []
    model, plain = seen_by(ends, asked), seen_by((0, 1))
    one = cilens.explain(model, image, pixel_range=stated)
    one.save(tmp_path / "one.npz")
    one = cilens.Explanation.load(tmp_path / "one.npz")
    other = cilens.explain(plain, (picture() / 255).astype(np.float32))
    pairs = [
        (Flipping()(model, one), Flipping()(plain, other)),
        (check_highlight(model, one)[4:7], check_highlight(plain, other)[4:7]),
    ]
    stable = Stability(runs=1)(model, one, method=Recommended())
    assert stable["rank_correlation"] == pytest.approx(
        Stability(runs=1)(plain, other, method=Recommended())["rank_correlation"], abs=0.02
    )
    for mine, usual in pairs:
        values = (mine.values(), usual.values()) if isinstance(mine, dict) else (mine, usual)
        np.testing.assert_allclose(*(np.array(list(each), float) for each in values), atol=5e-3)
    assert {batch.dtype for batch in asked} == {image.dtype}


def test_wrappers_of_a_function_pass_the_units_on():
    image = picture(side=28, channels=1).astype(np.uint8)
    asked = []
    model = seen_by((0, 255), asked)
    grouped = cilens.Grouped(model, {"any": [0, 1]}, combine="max", n_classes=2)
    canvas = CanvasModel(model, window=(28, 28))
    for wrapped in (grouped, canvas):
        found = cilens.explain(wrapped, image)
        assert found.pixel_range == (0.0, 255.0, "uint8")
    assert {batch.dtype for batch in asked} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(asked[0][0], image)


def test_a_detector_is_shown_the_pixels_given():
    image = np.zeros((8, 8, 1), np.uint8)
    image[2:4, 4:8] = 250

    def detect(shown):
        assert shown.dtype == np.uint8
        rows, columns = np.nonzero(shown[..., 0] > 200)
        if not len(rows):
            return [], [], []
        return [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)], ["spot"], [0.8]

    method = cilens.ContextualImportance(cilens.Grid(4, 4))
    found = method(cilens.detector(detect, image), image)
    assert found.influence[4:8, 0].tolist() == [0.0, 0.0, 0.4, 0.4]


def test_adapters_take_photographs_of_bytes():
    model, digit = cilens.load_model("digits"), cilens.read_image("mnist:0")
    whole_numbers = np.rint(digit * 255).astype(np.uint8)
    one, other = cilens.explain(model, digit), cilens.explain(model, whole_numbers)
    np.testing.assert_array_equal(one.influence, other.influence)
    assert other.pixel_range is None


@pytest.mark.parametrize(
    ("image", "stated", "message"),
    [
        (
            np.array([[0.0, 255.0]]),
            None,
            r"pixels must lie in 0 … 1; got float64 in 0 … 255: state",
        ),
        (np.array([[-1.0, 1.0]]), None, "got float64 in -1 … 1: state what black and white are"),
        (np.array([[0, 1]]), None, r"signed integers \(int64\) have no known range"),
        (np.array([[-2000]]), (-1000, 3000), "in -2000 … -2000: state a range that holds them all"),
        (np.array([[7]], np.uint8), (0, 5), "pixels must lie in 0 … 5; got uint8 in 7 … 7"),
        (np.array([[0.5]]), (1, 0), r"must be \(black, white\), two numbers that rise"),
        (np.array([[0.5]]), (0, float("nan")), "two numbers that rise"),
        (np.array([[0.5]]), (0, 1, 2), "two numbers that rise"),
    ],
)
def test_pixels_without_a_known_range_are_refused(image, stated, message, unchecked):
    with pytest.raises(InputError, match=message):
        cilens.explain(seen_by((0, 1)), image, pixel_range=stated)


def test_floats_in_the_unit_range_are_not_copied():
    image = np.random.default_rng(0).random((9, 8, 3), np.float32)
    view = whole(image)
    assert view.image is image
    assert view.given is image
    assert to_units(image, view.pixel_range) is image
    assert whole(view) is view


@given(st.sampled_from(["u1", "u2", "i2"]), st.integers(-30000, 30000), st.integers(1, 35000))
def test_integers_come_back_exactly(dtype, black, span):
    info = np.iinfo(dtype)
    black = max(black, info.min)
    white = min(black + span, info.max)
    if black >= white:
        return
    pixels = np.unique(np.linspace(black, white, 99).astype(dtype))[None, :, None]
    found = find_range(pixels, (black, white))
    np.testing.assert_array_equal(to_units(to_shares(pixels, found), found), pixels)


def test_bytes_are_shared_out_as_files_are():
    pixels = np.arange(256, dtype=np.uint8)[None]
    np.testing.assert_array_equal(as_shares(pixels)[..., 0], pixels / np.float32(255))
    assert as_shares(pixels).dtype == np.float32
