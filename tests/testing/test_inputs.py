"""Each promise of a part, a segmenter and a perturbation is broken once, and it is noticed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import cilens
from broken import Counter, fails
from cilens.testing import check_part, check_perturbation, check_segmenter


@dataclass(frozen=True)
class Broken:
    """A segmenter, perturbation or model that does what it is told to."""

    act: object

    def __call__(self, *inputs):
        return self.act(*inputs)

    def __repr__(self) -> str:
        return "Broken(act)"


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
