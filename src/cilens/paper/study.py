"""What a reproduction is about: one network, the images it is asked about, and what else is there.

What several steps need is computed once and kept; a step that is already done needs none of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Integer

from cilens.datasets.mnist import CLASSES, DigitLabels, Digits, load_mnist
from cilens.errors import FileError, InputError
from cilens.explanation import Explanation
from cilens.methods.contextual import ContextualImportance
from cilens.methods.lime import Lime
from cilens.models import load_model, model_names
from cilens.paper.forest import grow
from cilens.scoring import score_images
from cilens.scoring.explain import explain_each
from cilens.segmentation import Quickshift, Slic
from cilens.types import AnyImage, ImageModel, Model

PAPER = ContextualImportance.paper()

NINE = Slic(n_segments=9, compactness=0.3)
"""The paper's segments, for other methods too."""

LIME, TUTORIAL = Lime(NINE), Lime(Quickshift(kernel_size=1.0, max_dist=200.0, ratio=0.2))
"""LIME on the paper's segments, and as in its own MNIST tutorial; hidden in black."""

TEST_IMAGES = 10_000
"""Of MNIST: as many images can be looked at."""

AUTHORS_ACCURACY = 0.8395
"""Of the authors' network on MNIST's test split: by this it is recognised."""

_TRAIN = "train-images-idx3-ubyte"


@dataclass(frozen=True, eq=False)
class Study:
    """A network and the images it is asked about.

    Attributes
    ----------
    model : ImageModel
        Looks at 28 x 28 grey images, tells ten classes apart.
    name : str
        What the model is called: "digits", or the name of its file.
    file : Path
        Where it is.
    count : int
        How many test images are looked at, spread evenly over the test split.
    train : (images, labels) or None
        MNIST's training split, where there is one.
    golden : mapping or None
        The numbers of the authors' code, where they are there.
    """

    model: ImageModel
    name: str
    file: Path
    count: int
    train: tuple[Digits, DigitLabels] | None = None
    golden: Mapping[str, Any] | None = None

    @cached_property
    def test(self) -> tuple[Float32[np.ndarray, "images 28 28 1"], Integer[np.ndarray, " images"]]:
        """All test images in [0, 1], and their digits."""
        images, labels = load_mnist()
        return unit(images), labels.astype(np.intp)

    @cached_property
    def chosen(self) -> Integer[np.ndarray, " images"]:
        """Which test images are looked at: the two halves of the split differ in difficulty."""
        chosen: Integer[np.ndarray, " images"] = np.arange(self.count) * TEST_IMAGES // self.count
        return chosen

    @cached_property
    def images(self) -> tuple[AnyImage, ...]:
        """The test images looked at."""
        return tuple(self.test[0][self.chosen])

    @cached_property
    def scores(self) -> Float[np.ndarray, "10000 10"]:
        """The network's scores for all test images."""
        return np.stack(list(score_images(self.model, self.test[0], batch_size=256)))

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """The images looked at, explained with the paper's settings."""
        return tuple(explain_each(PAPER, self.model, self.images))

    @cached_property
    def limes(self) -> tuple[Explanation, ...]:
        """The same images by LIME, on the same segments."""
        return tuple(explain_each(LIME, self.model, self.images))

    @cached_property
    def is_authors(self) -> bool:
        """Whether this is the network that the authors have published."""
        return abs(float(self.right.mean()) - AUTHORS_ACCURACY) <= 0.002

    @cached_property
    def right(self) -> Bool[np.ndarray, " 10000"]:
        """Which test images the network gets right."""
        right: Bool[np.ndarray, " 10000"] = self.scores.argmax(axis=1) == self.test[1]
        return right

    @cached_property
    def example(self) -> int:
        """A test image to show: the first that the network gets right with a score below 0.7."""
        return self._first_unsure(1)

    @cached_property
    def even_example(self) -> int:
        """The same, of the images that the random forest is judged on."""
        return self._first_unsure(2)

    @cached_property
    def forest(self) -> Model:
        """A random forest that has learnt half of the test split, or the training split."""
        images, labels = self.test[0][1::2], self.test[1][1::2]
        if self.train is not None:
            images, labels = unit(self.train[0]), self.train[1].astype(np.intp)
        return grow(images, labels)

    def _first_unsure(self, step: int) -> int:
        unsure = self.right & (self.scores.max(axis=1) < 0.7)
        found = np.flatnonzero(unsure[::step]) * step
        return int(found[0]) if len(found) else 18

    @cached_property
    def sha256(self) -> str:
        """Of the network's file."""
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def settings(self) -> dict[str, Any]:
        """Return what the numbers depend on beside the code."""
        golden = None
        if self.golden is not None:
            text = json.dumps(self.golden, sort_keys=True)
            golden = hashlib.sha256(text.encode()).hexdigest()
        return {
            "model": {"name": self.name, "sha256": self.sha256},
            "images": self.count,
            "training_split": self.train is not None,
            "golden": golden,
        }


def open_study(
    model: str | Path = "digits", data: str | Path | None = None, count: int = 1000
) -> Study:
    """Load a network and what a reproduction can make use of.

    Parameters
    ----------
    model : str or path
        "digits", or an ONNX file that looks at 28 x 28 grey images and tells ten digits apart.
    data : path, optional
        A directory with MNIST's training split, the authors' ``golden.json``, or both: in it, or
        in its folders ``mnist`` and ``paper``.
    count : int
        How many test images to look at, 1 to 10,000.

    Returns
    -------
    Study

    Raises
    ------
    InputError
        If the network is not one for MNIST, or the number of images is not there.
    FileError
        If a file cannot be read, or the directory has neither of the two.

    Examples
    --------
    >>> len(open_study(count=20).images)
    20
    """
    if not 1 <= count <= TEST_IMAGES:
        raise InputError(f"the number of images must be 1 … {TEST_IMAGES}; got {count}")
    train, golden = (None, None) if data is None else _read_data(Path(data))
    loaded, name, file = load_model(model), str(model), Path(model)
    if name in {shipped.name for shipped in model_names()}:
        file = Path(str(resources.files("cilens.models") / "shipped" / "data" / f"{name}.onnx"))
    study = Study(loaded, Path(name).name, file, count, train, golden)
    _require_digits(study)
    return study


def unit(images: Digits) -> Float32[np.ndarray, "images 28 28 1"]:
    """Return raw digits as `cilens.read_image` gives them, in [0, 1].

    Examples
    --------
    >>> float(unit(np.full((1, 28, 28), 255, np.uint8)).max())
    1.0
    """
    return images[..., None].astype(np.float32) / np.float32(255)


def _require_digits(study: Study) -> None:
    image = study.test[0][0]
    seen = study.model.view(image).image
    (scores,) = score_images(study.model, [image])
    names = study.model.class_names
    digits = tuple(str(digit) for digit in range(CLASSES))
    if seen.shape != image.shape or len(scores) != CLASSES or (names and names != digits):
        raise InputError(
            f"reproducing needs a network of 28 x 28 grey images and the classes 0 … 9; "
            f"{study.name} looks at {' x '.join(map(str, seen.shape))} and has {len(scores)} "
            f"classes{': ' + ', '.join(names[:10]) if names else ''}"
        )


def _read_data(
    directory: Path,
) -> tuple[tuple[Digits, DigitLabels] | None, Mapping[str, Any] | None]:
    train = golden = None
    for folder in (directory, directory / "mnist"):
        if train is None and any((folder / f"{_TRAIN}{end}").is_file() for end in ("", ".gz")):
            train = load_mnist("train", folder)
    for file in (directory / "golden.json", directory / "paper" / "golden.json"):
        if golden is None and file.is_file():
            try:
                golden = json.loads(file.read_bytes())
            except (OSError, ValueError) as error:
                raise FileError(f"{file} cannot be read as JSON: {error}") from error
    if train is None and golden is None:
        raise FileError(
            f"{directory} must hold {_TRAIN} and its labels (or in {directory / 'mnist'}), or "
            f"golden.json (or in {directory / 'paper'}); it has neither"
        )
    return train, golden
