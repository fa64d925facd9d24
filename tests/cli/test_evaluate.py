"""`cilens evaluate`: the table, the JSON, the files."""

from __future__ import annotations

import csv
import json

import pytest

import cilens
from cilens.evaluation import evaluate, summarize
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Flipping
from command_line import left_over


def test_the_summary_is_the_librarys(run):
    ran = run("evaluate", "mnist:0-3", "--method", "paper", "--method", "random", "--json")
    assert ran.code == 0
    images = [(f"mnist:{n}", cilens.read_image(f"mnist:{n}")) for n in range(4)]
    methods = {"paper": cilens.ContextualImportance.paper(), "random": RandomAttribution()}
    judges = {"constant:value=0": Flipping(cilens.Constant(0.0))}
    library = summarize(list(evaluate(cilens.load_model("digits"), images, methods, judges)))
    assert ran.json() == {
        "model": "digits",
        "steps": 20,
        "summary": [row._asdict() for row in library],
    }


def test_every_explanation_and_the_figure_are_written(run, tmp_path):
    ran = run(
        "evaluate", "mnist:0-2", "--steps", "5", "--out", tmp_path / "new",
        "--fill", "constant:value=0", "--fill", "blur:sigma=3",
    )  # fmt: skip
    assert ran.code == 0
    names = ["evaluation.csv", "evaluation.json", "evaluation.png"]
    assert left_over(tmp_path / "new") == names
    table = (tmp_path / "new" / "evaluation.csv").read_text()
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == 3 * 3 * 2
    assert {row["method"] for row in rows} == {"default", "paper", "random"}
    summary = json.loads((tmp_path / "new" / "evaluation.json").read_text())["summary"]
    gains = [float(r["srg"]) for r in rows if (r["method"], r["fill"]) == ("paper", "blur:sigma=3")]
    (paper,) = (one for one in summary if (one["method"], one["fill"]) == ("paper", "blur:sigma=3"))
    assert paper["srg"] == pytest.approx(sum(gains) / 3)
    assert "95 % intervals over images" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist:9-3"], "a range of digits must go up"),
        (["mnist:0", "--method", "papers"], "papers"),
        (["mnist:0", "--method", "paper", "--method", "paper"], "more than once"),
        (["mnist:0", "--fill", "blurr"], "did you mean 'blur'?"),
        (["mnist:0", "--steps", "0"], "--steps must be at least 1; got 0"),
        (["none.png"], "none.png does not exist"),
    ],
)
def test_bad_input_is_refused(run, arguments, message):
    run("evaluate", *arguments).refused(message)
