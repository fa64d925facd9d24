"""`cilens evaluate`: the table, the JSON, the files."""

from __future__ import annotations

import csv
import json

import pytest

import cilens
from cilens.evaluation.evaluate import evaluate, summarize
from cilens.methods.random import RandomAttribution
from cilens.metrics.flipping import Flipping
from command_line import left_over


def test_the_summary_is_the_librarys(run):
    ran = run("evaluate", "mnist:0-3", "--method", "paper", "--method", "random", "--json")
    assert ran.code == 0
    images = [(f"mnist:{n}", cilens.read_image(f"mnist:{n}")) for n in range(4)]
    methods = {"paper": cilens.ContextualImportance.paper(), "random": RandomAttribution()}
    metrics = {"flipping": Flipping(cilens.Constant(0.0))}
    library = summarize(list(evaluate(cilens.load_model("digits"), images, methods, metrics)))
    assert ran.json() == {
        "model": "digits",
        "images": 4,
        "methods": {name: repr(method) for name, method in methods.items()},
        "metrics": {name: repr(metric) for name, metric in metrics.items()},
        "summary": [row._asdict() for row in library],
    }


def test_every_number_and_the_figure_are_written(run, tmp_path):
    ran = run(
        "evaluate", "mnist:0-2", "--steps", "5", "--out", tmp_path / "new",
        "--perturbation", "constant:value=0", "--perturbation", "blur:sigma=3",
    )  # fmt: skip
    assert ran.code == 0
    names = ["evaluation.csv", "evaluation.json", "evaluation.png"]
    assert left_over(tmp_path / "new") == names
    table = (tmp_path / "new" / "evaluation.csv").read_text()
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == 3 * 3 * 2 * 3
    assert {row["method"] for row in rows} == {"default", "paper", "random"}
    record = json.loads((tmp_path / "new" / "evaluation.json").read_text())
    metrics = ["flipping:steps=5", "flipping:perturbation=blur:sigma=3.0,steps=5"]
    assert list(record["metrics"]) == metrics
    key = ("paper", metrics[1], "srg")
    gains = [float(r["value"]) for r in rows if (r["method"], r["metric"], r["number"]) == key]
    (paper,) = (
        one for one in record["summary"] if (one["method"], one["metric"], one["number"]) == key
    )
    assert paper["mean"] == pytest.approx(sum(gains) / 3)
    said = " ".join(ran.out.split())
    assert "95 % intervals over images" in said
    assert (
        "flipping:steps=5 is Flipping(perturbation=Constant(value=0.0, edge_width=0.0), steps=5"
        in said
    )


def test_metrics_are_the_callers(run):
    ran = run(
        "evaluate", "mnist:0-1", "--method", "paper", "--method", "occlusion", "--steps", "4",
        "--metric", "flipping:perturbation=blur:sigma=3", "--metric", "sparsity",
        "--metric", "stability", "--json",
    )  # fmt: skip
    assert ran.code == 0
    names = ["flipping:perturbation=blur:sigma=3.0,steps=4", "sparsity", "stability"]
    assert list(ran.json()["metrics"]) == names
    numbers = {(row["metric"], row["number"]): row for row in ran.json()["summary"]}
    assert numbers["sparsity", "gini"]["better"] == "higher"
    occlusion = numbers["stability", "rank_correlation"]  # the last: it has no segmenter
    assert (occlusion["method"], occlusion["images"], occlusion["mean"]) == ("occlusion", 0, None)


def test_the_table_has_a_part_for_each_number(run):
    arguments = ["--metric", "sparsity", "--metric", "stability", "--method", "paper"]
    ran = run("evaluate", "mnist:0", *arguments, "--method", "occlusion")
    lines = ran.out.splitlines()
    for head in (
        "sparsity gini: higher is better",
        "stability rank_correlation: higher is better",
        "stability max_difference: lower is better",
    ):
        below = lines[lines.index(head) + 1 :]
        if head.startswith("sparsity"):
            assert below.pop(0).split() == [
                "method", "rows", "images", "mean", "interval", "difference", "interval",
            ]  # fmt: skip
        assert [line.split()[0] for line in below[:2]] == ["paper", "occlusion"]
    assert lines[lines.index(head) + 2].split() == ["occlusion", "82", "0", "–"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mnist:9-3"], "a range must go up"),
        (["mnist:0", "--method", "papers"], "papers"),
        (["mnist:0", "--method", "paper", "--method", "paper"], "more than once"),
        (["mnist:0", "--perturbation", "blurr"], "did you mean 'blur'?"),
        (["mnist:0", "--steps", "0"], "--steps must be at least 1; got 0"),
        (["mnist:0", "--metric", "flip"], "unknown metric 'flip'; did you mean 'flipping'?"),
        (["mnist:0", "--metric", "irof", "--metric", "irof"], "irof is given more than once"),
        (
            ["mnist:0", "--metric", "sparsity", "--steps", "3"],
            "none of the metrics takes --steps: sp",
        ),
        (
            ["mnist:0", "--metric", "sparsity", "--perturbation", "blur"],
            "none of the metrics takes --perturbation: sp",
        ),
        (
            ["mnist:0", "--metric", "irof:perturbation=blur", "--perturbation", "blur"],
            "states its own perturbation: leave",
        ),
        (["none.png"], "none.png does not exist"),
    ],
)
def test_bad_input_is_refused(run, arguments, message):
    run("evaluate", *arguments).refused(message)


def test_the_default_is_chosen_for_each_image(run):
    """Digits of few strokes are cut finer than others: one cut for all would be another mean."""

    def mean(*sources):
        record = run("evaluate", *sources, "--method", "default", "--json").json()
        (srg,) = [one for one in record["summary"] if one["number"] == "srg"]
        return srg["mean"]

    apart = [mean("mnist:18"), mean("mnist:4013")]
    assert mean("mnist:18", "mnist:4013") == pytest.approx(sum(apart) / 2, abs=1e-9)
