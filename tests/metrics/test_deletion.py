"""Deletion and insertion against areas one can write down."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.methods import ContextualImportance
from cilens.metrics.deletion import Deletion, Insertion
from cilens.metrics.flipping import Flipping
from cilens.perturbation import Blur, Constant
from cilens.segmentation import Grid


def one_pixel(images):
    """Return the brightness of one pixel, and of another one."""
    return np.stack([images[:, 1, 1, 0], images[:, 3, 3, 0]], axis=1)


EXPLANATION = ContextualImportance(Grid(4, 4))(one_pixel, np.ones((4, 4, 1)))


@given(st.integers(1, 16))
def test_the_right_pixel_goes_first_and_comes_first(steps):
    assert Deletion(steps=steps)(one_pixel, EXPLANATION) == {
        "deletion": pytest.approx(1 / (2 * steps))
    }
    assert Insertion(Constant(0.0), steps)(one_pixel, EXPLANATION) == {
        "insertion": pytest.approx(1 - 1 / (2 * steps))
    }


def test_the_target_is_the_callers():
    def unlike(images):  # the second class looks at the last pixel, and is half as sure
        return one_pixel(images) * np.array([1.0, 0.5])

    explanation = ContextualImportance(Grid(4, 4))(unlike, np.ones((4, 4, 1)))
    assert Deletion(steps=16)(unlike, explanation, 1)["deletion"] == pytest.approx(1 / 64)
    assert Insertion(Constant(0.0), 16)(unlike, explanation, 1)["insertion"] == pytest.approx(
        0.5 - 1 / 64
    )


def test_the_canvas_is_insertions_own():
    grey = Insertion(Constant(0.5), 16)(one_pixel, EXPLANATION)
    assert grey["insertion"] == pytest.approx(1 - 1 / 64)
    assert Insertion(Blur(2.0))(one_pixel, EXPLANATION)["insertion"] == pytest.approx(1.0)
    assert Deletion(Constant(0.5), 16)(one_pixel, EXPLANATION)["deletion"] == pytest.approx(
        0.5 + 1 / 64
    )


@pytest.mark.parametrize("fill", [Constant(0.2), Blur(1.0)], ids=repr)
def test_they_are_the_halves_of_flipping(fill):
    image = np.random.default_rng(0).uniform(size=(8, 8, 1))
    model = lambda images: (images**2).mean(axis=(1, 2))  # noqa: E731
    explanation = ContextualImportance(Grid(3, 3))(model, image)
    whole = Flipping(fill, 8)(model, explanation)
    assert Deletion(fill, 8)(model, explanation)["deletion"] == whole["mif"]
    assert Insertion(fill, 8)(model, explanation)["insertion"] == whole["lif"]
    assert whole["srg"] == whole["lif"] - whole["mif"]


@pytest.mark.parametrize("kind", [Deletion, Insertion, Flipping])
def test_steps_are_positive(kind):
    with pytest.raises(InputError, match=f"{kind.__name__}.steps must be above 0; got 0"):
        kind(steps=0)
