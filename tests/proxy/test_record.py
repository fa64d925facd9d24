"""What a proxy says, and what it must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cilens import Proxy
from cilens.errors import InputError


def made(link="none", **changes):
    single = np.array([[[1.0, -2.0], [0.5, 0.5]]], np.float32)
    double = np.zeros((1, 2, 2, 2), np.float32)
    double[0, 0] = [[0, 0.25], [0.25, 0]]
    proxy = Proxy(
        look="outside",
        link=link,
        classes=np.array([3, 5]),
        constant=np.array([[1.0, 0.0]], np.float32),
        single=single,
        double=double,
        shares=np.ones(1, np.float32),
        trust=np.array([0.8, 0.1], np.float32),
        error=np.array([0.05, 0.2], np.float32),
    )
    return replace(proxy, **changes)


ALL = np.array([[True, True], [True, False], [False, False]])


def test_scores_are_the_sum_of_what_stays_and_what_goes():
    assert made().scores(ALL, 3).tolist() == [0.5, 3.5, 2.5]
    outputs = np.array([[0.5, 1.0], [3.5, 0.0], [2.5, -1.0]])
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(made("softmax").scores(ALL, 5), shares[:, 1], atol=1e-7)
    logistic = 1 / (1 + np.exp(-outputs[:, 0]))
    np.testing.assert_allclose(made("sigmoid").scores(ALL, 3), logistic, atol=1e-7)


def test_it_says_which_classes_it_knows_and_what_that_is_worth():
    proxy = made()
    assert proxy.trusted(3)
    assert not proxy.trusted(5)
    assert not proxy.trusted(4)
    assert proxy.worth(4) is None
    assert proxy.worth(5).error == pytest.approx(0.2)
    with pytest.raises(InputError, match=r"knows the classes with the highest scores, 3, 5; got"):
        proxy.scores(ALL, 4)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("look", "through", "look must be one of inside, outside; got through"),
        ("link", "probit", "link must be one of softmax, sigmoid, none; got probit"),
        ("trust", np.array([0.8, np.nan], np.float32), "trust must be finite, of shape"),
        ("single", np.full((1, 2, 2), np.inf, np.float32), "single must be finite"),
    ],
)
def test_what_a_file_may_hold_is_checked(name, value, message):
    with pytest.raises(InputError, match=message):
        made(**{name: value})


def test_there_is_one_output_for_each_class_and_at_most_one_more():
    three = {"classes": np.arange(3), "trust": np.ones(3), "error": np.ones(3)}
    with pytest.raises(InputError, match="a proxy of 3 classes must have one output for each"):
        made(**three)
