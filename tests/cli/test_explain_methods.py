"""`cilens explain`: which method explains, and what its options change."""

from __future__ import annotations

import pytest

import cilens
from explained import explained

HIDDEN = ("--perturbation", "constant:value=0", "--perturbation", "blur", "--perturbation", "noise")


@pytest.mark.parametrize(
    ("method", "options", "settings"),
    [
        ("default", [], {}),
        ("default", ["--segmenter", "grid:rows=2,columns=3"], {"segmenters": (cilens.Grid(2, 3),)}),
        (
            "default",
            ["--perturbation", "constant:value=1"],
            {"perturbations": (cilens.Constant(1.0),)},
        ),
        ("default", ["--batch-size", "3"], {"batch_size": 3}),
        ("default", ["--budget", "50"], {"segmenters": (cilens.FinestSlic(20),), "budget": 50}),
        ("sampled", ["--budget", "150"], {"budget": 150}),
        (
            "sampled",
            ["--segmenter", "grid", "--segmenter", "slic", *HIDDEN],
            {
                "segmenters": (cilens.Grid(), cilens.Slic()),
                "perturbations": (cilens.Constant(0.0), cilens.Blur(), cilens.Noise()),
            },
        ),
        ("paper", [], {"segmenter": cilens.Slic(9, (0.3, 30.0))}),
        ("contextual", [], {}),
        ("contextual:tolerance=0.01", [], {"tolerance": 0.01}),
        (
            "contextual",
            ["--perturbation", "blur:sigma=2", "--perturbation", "image-mean"],
            {"perturbations": (cilens.Blur(2.0), cilens.ImageMean())},
        ),
        ("contextual", ["--strategy", "one-in"], {"strategy": "one-in"}),
    ],
    ids=str,
)
def test_options_of_the_method(run, method, options, settings) -> None:
    named = ["--method", method, *options]
    (record,) = run("explain", "mnist:18", "--json", *named).json()
    made = {"default": None, "sampled": cilens.SampledImportance()}
    explanation = explained("mnist:18", made.get(method, cilens.ContextualImportance()), **settings)
    assert record["method"] == explanation.method
    assert record["model_rows"] == explanation.model_rows
    predicted = explanation.predicted
    assert [region["influence"] for region in record["regions"]] == [
        explanation.influence[region["id"], predicted] for region in record["regions"]
    ]


def test_other_methods(run) -> None:
    (record,) = run("explain", "mnist:0", "--json", "--method", "occlusion:size=7,stride=7").json()
    assert record["model_rows"] == 17
    lime = ["--method", "lime:budget=50", "--segmenter", "slic:n_segments=9"]
    (record,) = run("explain", "mnist:0", "--json", *lime, "--perturbation", "image-mean").json()
    assert record["model_rows"] == 50
    assert "perturbation=ImageMean" in record["method"]


def test_default_method_depends_on_the_size_of_the_image(run) -> None:
    small, large = run(
        "explain", "mnist:0", "skimage:moon", "--json", "--preprocess",
        "size=28x28,channels=1,fit=crop,scale=255",
    ).json()  # fmt: skip
    assert "FinestSlic(most=40" in small["method"]
    assert "FinestSlic(most=40" in large["method"]  # of the 28 x 28 pixels seen
