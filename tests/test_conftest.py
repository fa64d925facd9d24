"""The shared set-up does what tests rely on."""

from __future__ import annotations

import hypothesis
import jaxtyping
import numpy as np
import pytest
from hypothesis import strategies as st

from cilens import coalitions


def test_shapes_are_checked_at_run_time():
    with pytest.raises(jaxtyping.TypeCheckError, match="regions"):
        coalitions.one_out(np.ones(3, dtype=bool))


def test_dtypes_are_checked_at_run_time():
    with pytest.raises(jaxtyping.TypeCheckError, match="regions"):
        coalitions.one_out(np.ones((3, 3)))


def test_other_values_reach_the_code():
    with pytest.raises(TypeError, match="interpreted as an integer"):
        coalitions.everything("three")


def examples() -> list[int]:
    seen = []

    @hypothesis.given(st.integers())
    def collect(number):
        seen.append(number)

    collect()
    return seen


def test_examples_are_the_same_in_every_run():
    first = examples()
    assert len(set(first)) > 10
    assert examples() == first


def test_corner_model_sees_the_corner_alone(corner_model):
    images = np.zeros((3, 4, 6, 1))
    images[1, :2, :3] = 1
    images[2, 2:, 3:] = 1
    np.testing.assert_array_equal(corner_model(images), [[1, 0], [0, 1], [1, 0]])


def test_constant_model_has_no_eyes(constant_model):
    np.testing.assert_array_equal(constant_model(np.ones((2, 3, 3, 1))), [[0.2, 0.3, 0.5]] * 2)
