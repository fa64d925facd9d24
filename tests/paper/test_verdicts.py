"""A verdict is the number against the threshold, and a failing one stays."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cilens.paper.verdicts import (
    Bound,
    Measured,
    average,
    interval,
    is_close,
    judge,
    largest,
    missing,
    together,
)

LEAST, MOST = Bound("at least", 0.9), Bound("at most", 0.1)


@pytest.mark.parametrize(
    ("bound", "value", "verdict"),
    [
        (LEAST, 0.9, "holds"),
        (LEAST, 0.8999999, "fails"),
        (LEAST, 1.0, "holds"),
        (LEAST, float("nan"), "fails"),
        (MOST, 0.1, "holds"),
        (MOST, 0.1000001, "fails"),
        (MOST, 0.0, "holds"),
        (MOST, float("nan"), "fails"),
        (LEAST, None, "not measured"),
        (None, None, "not measured"),
        (None, 0.5, "reported"),
    ],
)
def test_a_verdict_is_the_number_against_the_threshold(bound, value, verdict):
    assert judge(bound, Measured(value)) == verdict


def test_an_interval_does_not_save_a_number_that_fails():
    measured = Measured(0.89, interval=(0.85, 0.95))
    assert judge(LEAST, measured) == "fails"
    assert is_close(LEAST, measured)


@pytest.mark.parametrize(
    ("bound", "found", "close"),
    [
        (LEAST, (0.95, 0.99), False),
        (LEAST, (0.8, 0.85), False),
        (LEAST, (0.9, 0.99), False),
        (LEAST, (0.89, 0.99), True),
        (MOST, (0.05, 0.2), True),
        (LEAST, None, False),
        (None, (0.1, 0.2), False),
    ],
)
def test_close_is_an_interval_with_the_threshold_inside(bound, found, close):
    assert is_close(bound, Measured(0.5, interval=found)) == close
    assert not is_close(bound, Measured(None, interval=found))


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        (["holds", "reported", "not measured"], "holds"),
        (["holds", "fails", "holds"], "fails"),
        (["not measured", "fails"], "fails"),
        (["reported", "not measured"], "reported"),
        (["not measured"], "not measured"),
        ([], "not measured"),
    ],
)
def test_a_claim_fails_with_one_of_its_checks(verdicts, whole):
    assert together(verdicts) == whole


def test_the_interval_of_a_share_is_that_of_theory():
    values = np.arange(400) < 100
    low, high = interval(values)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 400)
    assert low == pytest.approx(0.25 - half, abs=0.006)
    assert high == pytest.approx(0.25 + half, abs=0.006)
    assert interval(values) == (low, high)


def test_the_interval_is_of_the_statistic():
    values = np.concatenate([np.zeros(52), np.full(48, 100.0)])
    assert interval(values, np.median) == (0.0, 100.0)
    low, high = interval(values)
    assert 33 < low < 48 < high < 63


@pytest.mark.parametrize("values", [np.array([]), np.array([1.0]), np.ones(9), np.zeros(9, bool)])
def test_what_does_not_vary_has_no_interval(values):
    assert interval(values) is None


def test_an_average_says_what_it_rests_on():
    measured = average(np.array([1.0, 3.0]), 7, note="so")
    assert measured == Measured(2.0, 2, 7, (1.0, 3.0), "so")
    assert average(np.array([1.0, 2.0, 9.0]), statistic=np.median).value == 2.0
    nothing = average(np.array([], bool), 7)
    assert nothing.value is None
    assert "no image" in nothing.note


def test_the_largest_of_no_errors_is_none():
    assert largest([], 0) == Measured(0.0)
    assert largest([0.25, 0.5], 2, 3, "a") == Measured(0.5, 2, 3, None, "a")
    assert missing("needs more") == Measured(None, note="needs more")


def test_a_number_survives_a_file():
    for measured in (Measured(0.1, 2, 3, (0.0, 1 / 3), "a"), missing("b")):
        record = json.loads(json.dumps(measured._asdict()))
        assert Measured.read(record) == measured
        assert isinstance(Measured.read(record).interval, tuple | None)
