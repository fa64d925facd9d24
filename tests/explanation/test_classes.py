"""A class by its index, its name, or its place among the scores."""

from __future__ import annotations

import numpy as np
import pytest

from cilens.errors import InputError
from cilens.explanation.classes import find_class, runner_up

NAMES = ("cat", "dog", "1")


def test_a_name_goes_before_an_index():
    assert find_class("1", NAMES, 3) == 2
    assert find_class(1, NAMES, 3) == find_class("dog", NAMES, 3) == 1
    assert find_class("1", (), 3) == 1
    assert find_class(np.int64(2), NAMES, 3) == 2


@pytest.mark.parametrize(
    ("wanted", "names", "message"),
    [
        (3, NAMES, "must be in 0 … 2; got 3"),
        ("-1", NAMES, "must be in 0 … 2; got -1"),
        ("dgo", NAMES, "unknown class 'dgo'; did you mean 'dog'?"),
        ("--5", NAMES, "unknown class '--5' (known: cat, dog, 1)"),
        ("dog", (), "classes have no names here: give an index instead of 'dog'"),
    ],
)
def test_classes_that_do_not_exist_are_refused(wanted, names, message):
    with pytest.raises(InputError) as error:
        find_class(wanted, names, 3)
    assert message in str(error.value)


def test_equal_scores_give_the_first_class():
    assert runner_up(np.array([0.5, 0.5]), 0) == 1
    assert runner_up(np.array([0.2, 0.2, 0.6]), 2) == 0
    assert runner_up(np.array([0.2]), 0) is None
