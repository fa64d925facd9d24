"""The table of claims: complete, and with the thresholds that were set before measuring."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import pytest

from cilens.paper.claims import CLAIMS, Unit
from cilens.paper.verdicts import Bound

CHECKS = [check for claim in CLAIMS for check in claim.checks]

THRESHOLDS = {
    "P2.accuracy": ("at least", 0.985),
    "P6.linear": ("at most", 1e-12),
    "P7.golden": ("at most", 1e-5),
    "P10.kept": ("at least", 0.98),
    "P10.score": ("at least", 0.9),
    "P10.rises": ("at least", 0.6),
    "P10.random": ("at least", 0.3),
    "P14.gain": ("at least", 0.95),
    "P15.a": ("at most", 0.02),
    "P15.class": ("at least", 0.93),
    "P15.ink": ("at least", 0.7),
    "P17.predicted": ("at least", 0.8),
    "P17.true": ("at least", 0.7),
    "P18.share": ("at least", 0.8),
    "P20.figures": ("at least", 8),
}


def test_all_twenty_are_there_in_order():
    assert [one.id for one in CLAIMS] == [f"P{number}" for number in range(1, 21)]


def test_every_claim_has_a_check_that_decides_and_no_name_stands_twice():
    assert max(Counter(check.id for check in CHECKS).values()) == 1
    for one in CLAIMS:
        assert any(check.bound for check in one.checks), one.id
        assert {check.id.partition(".")[0] for check in one.checks} == {one.id}


@pytest.mark.parametrize("name", THRESHOLDS)
def test_thresholds_are_those_required(name):
    (found,) = (check for check in CHECKS if check.id == name)
    assert found.bound == Bound(*THRESHOLDS[name])


def test_figures_stand_beside_one_claim_each():
    shown = Counter(name for one in CLAIMS for name in one.figures)
    assert set(shown) >= {f"fig{number}" for number in range(1, 9)}
    assert max(shown.values()) == 1


def test_a_claim_is_found_by_its_name():
    (found,) = (one for one in CLAIMS if one.id == "P16")
    assert found.title == "The segmentation decides"
    assert [check.id for check in found.checks] == [found.headline] == ["P16.spread"]


def test_units_and_headlines_are_those_there_are():
    assert {check.unit for check in CHECKS} == set(get_args(Unit))
    assert {one.headline for one in CLAIMS} - {None} <= {check.id for check in CHECKS}
