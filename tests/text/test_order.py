"""The line that says which regions come first together, and how far to trust it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
from cilens.text import about, order_line


@pytest.fixture(scope="module")
def found():
    method = cilens.SampledImportance(look="outside")
    return cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0"), method=method)


def test_the_first_regions_are_named_and_what_is_not_the_proxys(found):
    line = order_line(about(found))
    first = [
        int(name) for name in line.removeprefix("First together: ").split(", …")[0].split(", ")
    ]
    assert first == np.argsort(-found.ranks(), kind="stable")[: len(first)].tolist()
    assert "a proxy of the network, seen from outside: it tells " in line
    assert line.endswith("Influence and margin are not the proxy's")


def test_below_the_bound_nothing_is_ordered_and_that_is_said(found):
    unsure = replace(found.proxy, trust=np.full_like(found.proxy.trust, 0.12))
    line = order_line(about(replace(found, proxy=unsure)))
    assert line.startswith("No order by a proxy")
    assert line.endswith("it tells 12.0 % of what varies in rows it was not shown, less than 30 %")


def test_a_class_that_it_does_not_know_has_no_order(found):
    names = ["classes", "trust", "error"]
    fewer = replace(
        found.proxy,
        **{name: getattr(found.proxy, name)[:9] for name in names},
    )
    line = order_line(about(replace(found, proxy=fewer), target=9))
    assert line == "No order: the proxy knows the 9 classes with the highest scores"


def test_without_a_proxy_there_is_nothing_to_say():
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    assert order_line(about(cilens.explain(model, image))) == ""
