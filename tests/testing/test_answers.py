"""Each promise of a model and of a method is broken once, and it is noticed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import cilens
import made
from broken import Counter, fails
from cilens.errors import ModelError
from cilens.testing import check_method, check_model, sample_images
from cilens.types import View

NOISY = sample_images()[0]


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
            image[0, 0] = 1
        if self.spoil == "uncounted":
            np.asarray(model(image[None]))
        silent = None if self.spoil == "silent" else progress
        method = cilens.ContextualImportance(segmenter=cilens.Grid(2, 2))
        explanation = method(model, image, progress=silent)
        return made.unchecked(explanation, **{"method": repr(self)} | self.changes(explanation))

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
        ("uncounted", "must count its model rows, those that check the model aside: 8 were asked"),
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
