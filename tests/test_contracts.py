"""Every part keeps its contract, and every check of a contract can fail."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.errors import ModelError
from cilens.parts import KINDS, part_class
from cilens.testing import (
    check_method,
    check_model,
    check_part,
    check_perturbation,
    check_segmenter,
    sample_images,
)
from cilens.types import View

NOISY = sample_images()[0]
GREY, COLOUR = ([im for im in sample_images() if im.shape[2] == n] for n in (1, 3))

SETTINGS = {
    "slic": [{}, {"n_segments": 9, "compactness": 0.3, "sigma": 1.0}],
    "felzenszwalb": [{}, {"scale": 5.0, "sigma": 0.0, "min_size": 2}],
    "quickshift": [{}, {"kernel_size": 1.0, "max_dist": 3.0, "ratio": 1.0}],
    "watershed": [{}, {"n_segments": 4, "compactness": 0.0}],
    "grid": [{}, {"rows": 2, "columns": 5}],
    "constant": [{}, {"value": 1.0}, {"edge_width": 2.0}],
    "image-mean": [{}, {"edge_width": 2.0}],
    "segment-mean": [{}, {"edge_width": 2.0}],
    "blur": [{}, {"sigma": 2.0, "edge_width": 2.0}],
    "noise": [{}, {"low": 0.25, "high": 1.0, "seed": 3, "edge_width": 2.0}],
    "inpaint": [{}, {"edge_width": 2.0}],
    "occlusion": [{}, {"size": 5, "stride": 4, "value": 0.0, "batch_size": 7}],
    "lime": [{"n_samples": 100}, {"n_samples": 60, "kernel_width": 1.0, "seed": 1}],
}
"""The settings each part is checked with; those that need more to be said stand below."""


def settings(kind: str) -> list[object]:
    return [
        part_class(kind, name)(**values)
        for name in KINDS[kind]
        for values in SETTINGS.get(name, [])
    ]


def test_every_part_is_checked() -> None:
    listed = [name for table in KINDS.values() for name in table]
    assert sorted([*SETTINGS, "labels", "picture", "contextual", "random"]) == sorted(listed)


@pytest.mark.parametrize("segmenter", settings("segmenter"), ids=repr)
def test_segmenter(segmenter) -> None:
    check_segmenter(segmenter)


@pytest.mark.parametrize("perturbation", settings("perturbation"), ids=repr)
def test_perturbation(perturbation) -> None:
    check_perturbation(perturbation)


def test_constant_colour() -> None:
    colour = [image for image in COLOUR if image.dtype.kind == "f"]
    check_perturbation(cilens.Constant((0.25, 0.5, 0.75)), colour)
    check_perturbation(cilens.Constant((10, 20, 30)), COLOUR)
    check_perturbation(cilens.Constant((0.25,)), [i for i in GREY if i.dtype.kind == "f"])


@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
def test_picture(tmp_path: Path, images) -> None:
    colour = str(tmp_path / "colour.npy")
    np.save(colour, np.full(images[0].shape[2], 0.5))
    check_perturbation(cilens.Picture(colour), images)
    picture = str(tmp_path / "picture.npy")
    np.save(picture, np.full(images[0].shape, 0.25))
    check_perturbation(cilens.Picture(picture, edge_width=1.0), images[:3])


ODD_LABELS = [
    np.arange(20 * 17).reshape(20, 17) // 60 + 1,
    np.arange(20 * 17).reshape(20, 17) // 60 * 10,
    np.arange(20 * 17).reshape(20, 17) // 60 - 3,
    (np.arange(20 * 17).reshape(20, 17) // 60 * 50).astype(np.uint8),
    (np.arange(20 * 17).reshape(20, 17) // 60 + 2**40).astype(np.int64),
]
SORTS = ["from 1", "with gaps", "negative", "uint8", "large int64"]


@pytest.mark.parametrize("labels", ODD_LABELS, ids=SORTS)
def test_labels(labels) -> None:
    fitting = [image for image in sample_images() if image.shape[:2] == labels.shape]
    assert len(fitting) == 6
    check_segmenter(cilens.Labels(labels), fitting)


def test_labels_from_a_file(tmp_path: Path) -> None:
    PIL.Image.fromarray(ODD_LABELS[3]).save(tmp_path / "labels.png")
    check_segmenter(cilens.Labels(str(tmp_path / "labels.png")), [NOISY])
    check_segmenter(cilens.Labels(tmp_path / "labels.png"), [NOISY])


@pytest.mark.parametrize("labels", ODD_LABELS, ids=SORTS)
def test_method_with_any_labels(labels) -> None:
    check_method(cilens.ContextualImportance(segmenter=cilens.Labels(labels)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"segmenter": cilens.Slic(n_segments=9, compactness=0.3)},
        {"perturbations": (cilens.Constant(1.0), cilens.Blur(2.0), cilens.Noise())},
        {"strategy": "one-in"},
        {"strategy": "one-in", "perturbations": (cilens.Constant(0.0), cilens.ImageMean())},
        {"output_range": (-1.0, 2.0)},
        {"output_range": ((0.0, 0.0, 0.0), (1.0, 2.0, 1.0))},
        {"regions": {"top": (0, 1), "both": (1, 2)}, "segmenter": cilens.Grid(2, 2)},
        {"batch_size": 3},
        {"batch_size": 1000},
    ],
    ids=str,
)
@pytest.mark.parametrize("image", [NOISY, COLOUR[0], COLOUR[1]], ids=["grey", "colour", "float64"])
def test_method(changes, image) -> None:
    check_method(cilens.ContextualImportance(**changes), image)


def test_method_on_integer_pixels() -> None:
    check_method(cilens.ContextualImportance(), (NOISY > 0.5).astype(np.uint8))


@pytest.mark.parametrize("method", settings("method"), ids=repr)
def test_other_method(method) -> None:
    check_method(method)


def test_random_attribution_is_no_explanation() -> None:
    with pytest.raises(AssertionError, match="must find no influence on a class that never"):
        check_method(part_class("method", "random")())


def test_method_of_the_paper() -> None:
    check_method(cilens.ContextualImportance.paper())


def test_models() -> None:
    check_model(cilens.load_model("digits"), cilens.read_image("mnist:4013"))
    check_model(cilens.load_model("imagenet"), cilens.read_image("skimage:chelsea"))


# What follows breaks each promise once.


@dataclass(frozen=True)
class Broken:
    """A segmenter, perturbation or model that does what it is told to."""

    act: object

    def __call__(self, *inputs):
        return self.act(*inputs)

    def __repr__(self) -> str:
        return "Broken(act)"


def fails(check, part, message: str, *arguments) -> None:
    with pytest.raises(AssertionError, match=message):
        check(part, *arguments)


def test_check_part_fails() -> None:
    @dataclass
    class Loose:
        value: int = 0

    @dataclass(frozen=True)
    class Unhashed:
        value: object = 0

        def __hash__(self) -> int:
            return id(self)

    fails(check_part, len, "must be a dataclass")
    fails(check_part, Loose(), "must be frozen; value can be set")
    for part, message in [
        (Different(), "must be equal to its pickled self"),
        (Restless(), "must have the hash of its pickled self"),
        (Pleaser(), "must not be equal to anything else"),
        (Shy(3), "must be equal to what its repr says"),
    ]:
        fails(check_part, part, message)
    with pytest.raises((AttributeError, TypeError)):
        check_part(Unhashed(lambda: 0))  # a lambda does not pickle


@dataclass(frozen=True, eq=False)
class Different:
    value: int = 0


@dataclass(frozen=True)
class Restless:
    value: int = 0

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True)
class Pleaser:
    value: int = 0

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


@dataclass(frozen=True)
class Shy:
    value: int = 0

    def __repr__(self) -> str:
        return "Shy()"


def scribble(image, *rest):
    image[0, 0] = 0
    return np.zeros(image.shape[:2], int)


class Counter:
    """Gives 0, 1, 2, … one for each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


def plain(image):
    return np.zeros(image.shape[:2], int)


def test_check_segmenter_fails() -> None:
    count = Counter()
    for act, message in [
        (scribble, "must leave the image as it came"),
        (lambda image: plain(image).tolist(), "must return an array; got <class 'list'>"),
        (lambda image: plain(image)[1:], r"must return one label for each pixel \(20, 17\)"),
        (lambda image: plain(image)[..., None], "must return one label for each pixel"),
        (lambda image: plain(image) * 1.0, "must return integers; got float64"),
        (lambda image: plain(image) + count(), "must return the same labels"),
    ]:
        fails(check_segmenter, act, message)
    check_segmenter(plain)
    with pytest.raises((AttributeError, TypeError, AssertionError)):
        check_segmenter(
            Broken(lambda image: plain(image) + 0)
        )  # a dataclass, but one with a lambda


def hide(image, segments, coalitions):
    return cilens.Constant(0.0)(image, segments, coalitions)


def test_check_perturbation_fails() -> None:
    count = Counter()

    def scribbled(image, segments, coalitions):
        batch = hide(image, segments, coalitions)
        coalitions[0] = False
        return batch

    def touched(image, segments, coalitions):
        return hide(image, segments, coalitions) + np.asarray(1, image.dtype)

    def restless(image, segments, coalitions):
        return cilens.Noise(seed=count())(image, segments, coalitions)

    def together(image, segments, coalitions):
        batch = hide(image, segments, coalitions)
        hidden = ~coalitions[:, segments]
        batch[hidden] = len(coalitions) % 2
        return batch

    for act, message in [
        (scribbled, "must leave its inputs as they came"),
        (lambda *given: hide(*given)[1:], "must return a batch"),
        (lambda *given: hide(*given)[..., 0], "must return a batch"),
        (lambda *given: hide(*given).astype(np.float16), "must return the image's dtype float32"),
        (touched, "must leave kept pixels bitwise as they were"),
        (restless, "must return the same batch for the same inputs"),
        (together, "must treat a coalition alike alone and among others"),
        (lambda image, s, c: np.repeat(image[None], len(c), axis=0), "must change some pixel"),
    ]:
        fails(check_perturbation, act, message)
    check_perturbation(hide)


def brightness(images):
    return images.mean(axis=(1, 2))


@dataclass(frozen=True)
class Named:
    """A model with a view; each promise of it can be broken."""

    class_names: tuple[str, ...] = ("brightness",)
    box: tuple[float, float, float, float] = (0.0, 0.0, 20.0, 17.0)
    shift: object = lambda: 0

    def view(self, image):
        return View(image + np.float32(self.shift()), self.box)

    def __call__(self, images):
        return brightness(images)


@dataclass(frozen=True)
class Scribbler(Named):
    def view(self, image):
        image += 1
        return View(image, self.box)


def test_check_model_fails() -> None:
    count = Counter()

    def scribbled(images):
        scores = brightness(images)
        images[0] = 7
        return scores

    for model, message in [
        (Scribbler(), "must leave the image as it came"),
        (Named(shift=count), "must show an image the same every time"),
        (Named(box=(0, 0, 21, 17)), "must show a part of the image"),
        (Named(box=(5, 0, 5, 17)), "must show a part of the image"),
        (Named(class_names=("a", "b")), "must name all of its 1 classes or none; got 2"),
        (scribbled, "must leave its images as they came"),
        (lambda images: brightness(images) + count(), "must answer the same batch the same"),
        (lambda images: brightness(images) - images.mean(), "alike in a batch of 1 and of 5"),
    ]:
        fails(check_model, model, message, NOISY)
    with pytest.raises(ModelError, match="one row of scores"):
        check_model(lambda images: brightness(images)[1:], NOISY)
    check_model(brightness, NOISY)
    check_model(Named(), NOISY)


@dataclass(frozen=True)
class Wrapped:
    """Contextual importance, spoiled before or after."""

    spoil: str = ""

    def __call__(self, model, image, *, progress=None):
        if self.spoil == "image":
            image[0, 0] = 9
        if self.spoil == "uncounted":
            np.asarray(model(image[None]))
        silent = None if self.spoil == "silent" else progress
        method = cilens.ContextualImportance(segmenter=cilens.Grid(2, 2))
        explanation = method(model, image, progress=silent)
        return dataclasses.replace(
            explanation, **{"method": repr(self)} | self.changes(explanation)
        )

    def changes(self, found) -> dict[str, object]:
        name, _, value = self.spoil.partition("=")
        if value:
            return {name: getattr(found, name) + float(value)}
        noise = np.random.default_rng().random() * 1e-9
        spoiled = {
            "unnamed": {"region_names": found.region_names[1:]},
            "nothing": {"regions": found.regions & False},
            "unsigned": {"method": "magic"},
            "restless": {"box": (noise, 0.0, 1.0, 1.0)},
            "blind": {"influence": found.influence * 0},
            "haunted": {"influence": found.influence + np.array([0, 0, 0.25])},
        }
        return spoiled.get(name, {})


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("image", "must leave the image as it came"),
        ("uncounted", "must count its model rows: 6 were asked"),
        ("silent", "progress was told 0"),
        ("importance=-2", "must keep importance within its bounds"),
        ("importance=2", "must keep importance within its bounds"),
        ("utility=0.6", "must keep utility within its bounds"),
        ("influence=-2", "must keep influence within its bounds"),
        ("low=1", "must keep low within its bounds"),
        ("high=-1", "must keep high within its bounds"),
        ("unnamed", "must name its regions"),
        ("nothing", "each of at least one segment"),
        ("unsigned", "must sign the explanation with its repr"),
        ("restless", "must find the same box every time"),
        ("blind", "must find influence on a class that does change"),
        ("haunted", "must find no influence on a class that never changes"),
    ],
)
def test_check_method_fails(spoil: str, message: str) -> None:
    fails(check_method, Wrapped(spoil), message)


def test_check_method_passes_what_is_not_spoiled() -> None:
    check_method(Wrapped())
