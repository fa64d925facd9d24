"""Any image is cut into about as many segments as are asked for, or it is said."""

from __future__ import annotations

import warnings

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.datasets.shipped import PHOTOGRAPHS
from cilens.errors import CilensWarning
from cilens.methods import recommended
from cilens.pixels import whole
from cilens.scoring.question import cut
from cilens.segmentation import Grid, Labels, Slic, SteadySlic, segment

RANDOM = np.random.default_rng(0)
PICTURE = cilens.read_image("skimage:chelsea")[60:220, 100:300]
BLACK = cilens.Constant(0.0)


def clipped(pixels):
    return np.clip(pixels, 0, 1).astype(np.float32)


def checkerboard(side, height, width):
    rows, columns = np.indices((height, width)) // side
    return np.repeat(((rows + columns) % 2)[..., None], 3, axis=2)


BAD = {
    "noise of 0.2": PICTURE + RANDOM.normal(0, 0.2, PICTURE.shape),
    "noise of 0.3": PICTURE + RANDOM.normal(0, 0.3, PICTURE.shape),
    "speckle": PICTURE * (1 + RANDOM.normal(0, 0.5, PICTURE.shape)),
    "dithering": RANDOM.random(PICTURE.shape) < PICTURE,
    "salt and pepper": np.where(
        RANDOM.random(PICTURE.shape) < 0.3, RANDOM.integers(0, 2, PICTURE.shape), PICTURE
    ),
    "blocks": np.kron(RANDOM.integers(0, 2, (13, 17, 3)), np.ones((12, 12, 1))),
    "one colour": np.full((120, 160, 3), 0.3),
    "ramp": np.tile(np.linspace(0, 1, 200)[None, :, None], (150, 1, 3)),
    "checkerboard": checkerboard(1, 120, 160),
    "large checkerboard": checkerboard(16, 120, 160),
    "tiny": RANDOM.random((5, 5, 3)),
    "long": RANDOM.random((28, 2000, 3)),
    "thin": RANDOM.random((1, 300, 3)),
    "two rows": RANDOM.integers(0, 2, (2, 300, 3)),
    "black and white halves": np.kron([[0, 1]], np.ones((100, 80)))[..., None].repeat(3, axis=2),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("grey", [False, True])
def test_the_default_cuts_any_image_into_about_what_it_plans_for(name, grey):
    image = clipped(BAD[name])
    image = image.mean(axis=2, keepdims=True) if grey else image
    method = recommended(image)
    areas = np.bincount(segment(method.segmenters[0], image)[0].ravel())
    assert len(areas) >= min(areas.sum(), 40) / 2
    assert areas.max() <= 0.6 * areas.sum()
    assert recommended(image) == method


@pytest.mark.parametrize("sort", ["uniform", "binary", "digit"])
def test_small_noise_is_cut_too(sort):
    digit = cilens.read_image("mnist:0")
    noise = np.random.default_rng(1)
    image = {
        "uniform": noise.random((28, 28, 1)),
        "binary": noise.random((28, 28, 1)) < 0.5,
        "digit": digit + noise.normal(0, 0.3, digit.shape),
    }[sort]
    image = clipped(image)
    assert segment(recommended(image).segmenters[0], image)[0].max() >= 20


def test_a_grid_stands_in_where_smoothing_does_not_help(monkeypatch):
    calls = []

    def stubborn(self, image):
        calls.append(self.sigma)
        return np.zeros(image.shape[:2], int)

    monkeypatch.setattr(Slic, "__call__", stubborn)
    with pytest.warns(CilensWarning, match=r"1 of 50 segments.*Grid\(rows=4, columns=12\)"):
        found = SteadySlic(50)(np.zeros((40, 120, 3)))
    np.testing.assert_array_equal(found, Grid(4, 12)(found[..., None]))
    assert calls == [0.0, 1.0, 2.0, 4.0, 8.0]


def test_ordinary_pictures_keep_the_cut_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for image in (PICTURE, PICTURE.mean(axis=2, keepdims=True), cilens.read_image("mnist:3")):
            segment(recommended(image).segmenters[0], image)
        np.testing.assert_array_equal(SteadySlic(9)(PICTURE), Slic(9)(PICTURE))


def test_smoothing_is_said():
    image = clipped(BAD["noise of 0.3"])
    with pytest.warns(CilensWarning, match=r"of 50 segments, as it does noise; Slic\(.*sigma=1"):
        segment(recommended(image).segmenters[0], image)


def test_the_papers_preset_cuts_colour_as_it_cuts_grey():
    paper, counts = cilens.ContextualImportance.paper(), {1: [], 3: []}
    largest = []
    for name in PHOTOGRAPHS:
        image = cilens.read_image(f"skimage:{name}", channels=3)[::2, ::2]
        for channels, shown in ((1, image.mean(axis=2, keepdims=True)), (3, image)):
            areas = np.bincount(segment(paper.segmenter, shown)[0].ravel())
            counts[channels].append(len(areas))
            largest.append(areas.max() / areas.sum() if channels == 3 else 0)
    assert np.median(counts[1]) - np.median(counts[3]) <= 1
    assert np.median(counts[3]) >= 7
    assert sum(share > 0.6 for share in largest) <= 2  # 7 of 14 were one region with 0.3


@pytest.mark.parametrize(
    ("segmenter", "words"),
    [
        (Slic(9, 0.3), r"cut the image into 1 of 9 segments, and one has 100% of what varies"),
        (lambda image: np.zeros(image.shape[:2], int), "into 1 segments, and one has 100%"),
    ],
)
def test_a_cut_that_can_tell_little_says_so(segmenter, words):
    noisy = whole(clipped(BAD["noise of 0.3"]))
    with pytest.warns(CilensWarning, match=words):
        cut(noisy, segmenter, BLACK)
    with pytest.warns(CilensWarning, match=words):
        cilens.ContextualImportance(segmenter)(lambda images: images.mean(axis=(1, 2)), noisy.image)


def test_a_digit_in_a_segment_of_its_own_is_no_fault():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for index in range(20):
            digit = cilens.read_image(f"mnist:{index}")
            cut(whole(digit), cilens.ContextualImportance.paper().segmenter, BLACK)


@pytest.mark.parametrize("segmenter", [Grid(1, 1), Labels(np.zeros((160, 200), int)), Slic(1)])
def test_what_was_asked_for_is_no_surprise(segmenter):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cut(whole(clipped(BAD["noise of 0.3"])), segmenter, BLACK)


def test_what_does_not_change_when_hidden_does_not_count():
    image = np.zeros((40, 40, 1), np.float32)
    image[8:16, 8:16] = image[24:32, 24:32] = 1
    squares = np.zeros((40, 40), int)
    squares[8:16, 8:16], squares[24:32, 24:32] = 1, 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cut(whole(image), lambda _: squares, BLACK)  # the black around has 92 % of the image
    with pytest.warns(CilensWarning, match="one has 92%"):
        cut(whole(image), lambda _: squares, cilens.Constant(0.5))


def test_large_images_are_cut_on_a_smaller_copy(monkeypatch):
    import cilens.segmentation.slic as module

    image = np.kron(RANDOM.random((4, 6, 3)), np.ones((300, 300, 1))).astype(np.float32)
    seen, slic = [], module.skimage.segmentation.slic

    def watched(pixels, **settings):
        seen.append(pixels.shape)
        return slic(pixels, **settings)

    monkeypatch.setattr(module.skimage.segmentation, "slic", watched)
    segments = Slic(24, 10.0)(image)
    assert segments.shape == (1200, 1800)
    assert np.prod(seen[0][:2]) <= 1.01 * 2**20
    for row in range(4):
        for column in range(6):
            inside = segments[
                row * 300 + 9 : row * 300 + 291, column * 300 + 9 : column * 300 + 291
            ]
            assert len(np.unique(inside)) <= 3


def test_the_command_line_says_it_once_in_a_line(tmp_path, capsys):
    from cilens.cli import main

    noise = (clipped(BAD["noise of 0.3"]) * 255).astype(np.uint8)
    PIL.Image.fromarray(noise).save(tmp_path / "noise.png")
    settings = ["--segmenter", "slic:n_segments=9,compactness=0.3", "--method", "contextual"]
    code = main(
        ["explain", str(tmp_path / "noise.png"), "--model", "imagenet", *settings, "--json"]
    )
    said = capsys.readouterr().err
    assert code == 0
    assert said.count("cut the image into") == 1
    assert said.startswith("cilens: Slic(n_segments=9")
