"""`cilens compare`: the table, the JSON, the files."""

from __future__ import annotations

import json

import pytest

import cilens
from cilens.evaluation.compare import compare
from cilens.methods.occlusion import Occlusion
from command_line import left_over

METHODS = ["Contextual importance", "One region at a time", "LIME", "Occlusion", "Random"]


def test_the_json_is_what_the_library_says(run):
    ran = run("compare", "mnist:18", "--budget", "60", "--json")
    assert ran.code == 0
    found = ran.json()
    score = found["target"]["score"]
    wanted = {"index": 3, "name": "3", "score": score, "output_range": [0.0, 1.0]}
    assert found["target"] == wanted
    assert found["judges"] == {"perturbation": "Constant(value=0.0, edge_width=0.0)", "steps": 20}
    assert [one["name"] for one in found["methods"]] == METHODS
    assert [one["model_rows"] for one in found["methods"]] == [97, 49, 60, 82, 1]
    image, model = cilens.read_image("mnist:18"), cilens.load_model("digits")
    (library,) = compare(model, image, {"a": Occlusion()})
    occlusion = found["methods"][3]
    assert occlusion["srg"] == library.curves.srg
    assert occlusion["ink_precision"] == library.ink_precision
    assert occlusion["highlight"]["score"] == library.check.score


def test_nothing_is_written_unless_told(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run("compare", "mnist:18", "--budget", "40")
    assert ran.code == 0
    assert left_over(tmp_path) == []
    for name in METHODS:
        assert name in ran.out
    assert "in 20 steps" in ran.out


def test_the_figure_and_the_record_are_written(run, tmp_path):
    ran = run("compare", "mnist:18", "--budget", "40", "--out", str(tmp_path / "new"))
    assert ran.code == 0
    assert left_over(tmp_path / "new") == ["mnist-18.compare.json", "mnist-18.compare.png"]
    record = json.loads((tmp_path / "new" / "mnist-18.compare.json").read_text())
    assert [one["name"] for one in record["methods"]] == METHODS


def test_what_is_named_is_used(run):
    ran = run(
        "compare", "mnist:18", "--budget", "40", "--json", "--target", "8",
        "--segmenter", "grid:rows=2,columns=2", "--perturbation", "constant:value=0.5",
    )  # fmt: skip
    found = ran.json()
    assert found["target"]["index"] == 8
    assert found["judges"]["perturbation"] == "Constant(value=0.5, edge_width=0.0)"
    assert found["methods"][1]["model_rows"] == 5
    for one in found["methods"][:3]:
        assert "Grid(rows=2, columns=2)" in one["method"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.png"], "none.png does not exist"),
        (["mnist:0", "--target", "12"], "12"),
        (["mnist:0", "--segmenter", "slick"], "did you mean 'slic'?"),
        (["mnist:0", "--perturbation", "constant:valu=0"], "did you mean 'value'?"),
        (["skimage:chelsea"], "--model imagenet"),
        (
            ["mnist:0", "--budget", "0"],
            "Lime.budget must be at least 2: the image and a coalition; got 0",
        ),
    ],
)
def test_bad_input_is_refused(run, arguments, message):
    run("compare", *arguments).refused(message)
