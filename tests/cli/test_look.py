"""`cilens explain --look`: an order beside the influence, and whose it is."""

from __future__ import annotations

import json


def test_the_order_is_printed_and_told(run):
    ran = run("explain", "mnist:0", "--look", "outside")
    assert (ran.code, ran.err) == (0, "")
    assert "First together: " in ran.out
    plain = json.loads(run("explain", "mnist:0", "--json").out)[0]
    told = json.loads(run("explain", "mnist:0", "--look", "outside", "--json").out)[0]
    assert "order" not in plain
    order = told["order"]
    assert (order["look"], order["by_proxy"]) == ("outside", True)
    assert order["trust"] > 0.3
    assert sorted(order["segments"]) == list(range(len(order["segments"])))
    influence = [{one["id"]: one["influence"] for one in each["regions"]} for each in (plain, told)]
    assert influence[0] == influence[1]


def test_what_cannot_be_looked_into_is_refused(run):
    ran = run("explain", "mnist:0", "--look", "inside")
    assert ran.code != 0
    assert "digits.onnx does not show one: look from outside" in ran.err
    wrong = run("explain", "mnist:0", "--look", "through")
    assert wrong.code != 0
    assert "look" in wrong.err
    paper = run("explain", "mnist:0", "--method", "paper", "--look", "outside")
    assert "the method paper takes no --look" in paper.err


def test_inspect_says_where_a_look_goes(run):
    assert "the mean over head.relu6 (1280 x 7 x 7)" in run("inspect", "imagenet").out
    assert "last grid" not in run("inspect", "digits").out
