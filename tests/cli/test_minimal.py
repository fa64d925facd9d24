"""`--minimal`: what is enough, what is needed, what is redundant, in all that explain gives."""

from __future__ import annotations

import pytest

import cilens
from cilens.followup.minimal import MinimalSearch
from cilens.followup.redundancy import RedundancySearch
from command_line import left_over

FINE = ("--method", "sampled:budget=100", "--segmenter", "slic:n_segments=40,compactness=0.3")
FINE += ("--perturbation", "constant:value=0")


@pytest.fixture(scope="module")
def model():
    return cilens.load_model("digits")


@pytest.fixture(scope="module")
def seven(model):
    method = cilens.SampledImportance((cilens.Slic(40, 0.3),), (cilens.Constant(0.0),), 100)
    return method(model, cilens.read_image("mnist:0"))


def test_the_sets_and_pairs_are_the_librarys(run, model, seven):
    (found,) = run("explain", "mnist:0", *FINE, "--minimal", "--json").json()
    sets, pairs = MinimalSearch()(model, seven), RedundancySearch()(model, seven)
    record = found["minimal"]
    assert sorted(record["sufficient"]["regions"]) == sets.sufficient.regions.nonzero()[0].tolist()
    assert sorted(record["necessary"]["regions"]) == sets.necessary.regions.nonzero()[0].tolist()
    assert record["sufficient"]["score"] == pytest.approx(sets.sufficient.score, abs=1e-6)
    assert record["sufficient"]["predicted"] == 7 != record["necessary"]["predicted"]
    assert record["model_rows"] == sets.model_rows
    assert [tuple(pair["regions"]) for pair in found["redundancy"]["pairs"]] == [
        pair[:2] for pair in pairs.pairs()
    ]
    assert len(found["redundancy"]["drops"]) == len(seven.regions)


def test_without_the_option_there_is_nothing_of_it(run):
    ran = run("explain", "mnist:0")
    assert "Enough" not in ran.out
    (found,) = run("explain", "mnist:0", "--json").json()
    assert not {"minimal", "redundancy"} & set(found)


def test_three_lines_are_printed(run):
    out = " ".join(run("explain", "mnist:0", *FINE, "--minimal").out.split())
    assert "Enough: regions 14 and 13, 5.7 % of the image, alone give 7 (99.6 %)." in out
    needed = "without regions 14, 13 and 36, 8.2 % of the image, the answer is 1 (7 at 28.2 %)."
    assert f"Needed: {needed}" in out
    pair = "hiding 13 and 14 together costs 7.4 %, and hiding either alone less than 1 %."
    assert f"Redundant: {pair}" in out
    assert "80 further model rows" in out


def test_where_the_blank_image_is_the_class_it_is_said(run):
    out = " ".join(run("explain", "mnist:2", *FINE, "--minimal").out.split())
    assert "Needed: no region was found" in out
    assert "the blank image is the target too (95.8 %)" in out


def test_the_fill_is_the_methods(run):
    white = ["--perturbation", "constant:value=1", "--minimal", "--json"]
    (found,) = run("explain", "mnist:0", *white).json()
    assert found["minimal"]["blank"] == found["blank"]


def test_the_target_is_the_option(run):
    (found,) = run("explain", "mnist:18", "--target", 8, "--minimal", "--json").json()
    assert found["minimal"]["sufficient"]["score"] >= found["target"]["score"] - 0.01


def test_the_figure_is_written_beside_the_others(run, tmp_path):
    ran = run("explain", "mnist:18", "--minimal", "--out", tmp_path / "new")
    assert ".minimal.png" in ran.out
    names = [
        "mnist-18.detail.png",
        "mnist-18.html",
        "mnist-18.json",
        "mnist-18.minimal.png",
        "mnist-18.npz",
        "mnist-18.png",
    ]
    assert left_over(tmp_path / "new") == names


def test_the_most_rows_are_known_beforehand(run):
    plain, planned = (
        run("explain", "mnist:0", *FINE, *options, "--dry-run", "--json").json()["images"][0]
        for options in ([], ["--minimal"])
    )
    (found,) = run("explain", "mnist:0", *FINE, "--minimal", "--json").json()
    assert plain["minimal_rows"] == 0
    assert found["minimal"]["model_rows"] + found["redundancy"]["model_rows"] < 301
    assert planned["minimal_rows"] == 200 + 45 + 56
    assert "--minimal takes up to 301 more" in " ".join(
        run("explain", "mnist:0", *FINE, "--minimal", "--dry-run").out.split()
    )
