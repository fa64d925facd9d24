"""Parts within parts have a textual form too."""

from __future__ import annotations

import re

import pytest

import cilens
from cilens.errors import InputError
from cilens.methods.edges import EdgeDetector
from cilens.metrics.deletion import Deletion
from cilens.metrics.flipping import Flipping
from cilens.metrics.irof import Irof
from cilens.parts import KINDS, describe, parse, part_class, unparse
from metric_parts import nested

EVERY = [(kind, name) for kind, table in KINDS.items() for name in table]
SEVERAL = "several with + between"
WITHIN = {"a segmenter": cilens.Grid(2, 5), "a perturbation": cilens.Blur(2.0, edge_width=1.0)}


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_they_are_read_and_written(kind, name):
    for option in filter(nested, describe(part_class(kind, name)).options):
        one, *others = option.takes.split(" or ")
        value = (WITHIN[one],) * 2 if others == [SEVERAL] else WITHIN[one]
        part = part_class(kind, name)(**{option.name: value})
        assert parse(unparse(part), kind) == part
        assert unparse(part).startswith((f"{name}:{option.name}=", f'{name}:"{option.name}='))


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("edges:segmenter=none", "method", EdgeDetector(None)),
        ("edges:segmenter=grid", "method", EdgeDetector(cilens.Grid())),
        (
            'sampled:"segmenters=grid:rows=2,columns=3+slic",perturbations=blur,budget=50',
            "method",
            cilens.SampledImportance(
                (cilens.Grid(2, 3), cilens.Slic()), (cilens.Blur(),), budget=50
            ),
        ),
        (
            'contextual:"segmenter=labels:""source=a+b,c.png""",perturbations=blur+image-mean',
            "method",
            cilens.ContextualImportance(
                cilens.Labels("a+b,c.png"), (cilens.Blur(), cilens.ImageMean())
            ),
        ),
        (
            'sampled:"segmenters=slic+""labels:source=a+b.png"""',
            "method",
            cilens.SampledImportance((cilens.Slic(), cilens.Labels("a+b.png"))),
        ),
        ("flipping:perturbation=blur:sigma=3,steps=4", "metric", Flipping(cilens.Blur(3.0), 4)),
        (
            'deletion:"perturbation=blur:sigma=3,edge_width=1",steps=4',
            "metric",
            Deletion(cilens.Blur(3.0, 1.0), 4),
        ),
        (
            "irof:segmenter=slic:n_segments=9,perturbation=image-mean",
            "metric",
            Irof(cilens.Slic(9), cilens.ImageMean()),
        ),
    ],
)
def test_text(text, kind, part):
    assert parse(text, kind) == part
    assert parse(unparse(part), kind) == part


def test_a_default_is_not_written():
    assert unparse(Flipping(cilens.Constant(0.0))) == "flipping"
    assert unparse(Flipping(cilens.Blur(3.0))) == "flipping:perturbation=blur:sigma=3.0"
    assert unparse(EdgeDetector(None)) == "edges:segmenter=none"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flipping:perturbation=blurr", "unknown perturbation 'blurr'; did you mean 'blur'?"),
        ("flipping:perturbation=none", "unknown perturbation 'none'"),
        ("flipping:perturbation=blur:sigma=0", "Blur.sigma must be above 0; got 0"),
        ("flipping:perturbation=blur+noise", "unknown perturbation 'blur+noise'"),
        (
            "flipping:perturbation=blur:sigma=3,edge_width=1",
            "unknown option of flipping 'edge_width'",
        ),
    ],
)
def test_what_is_wrong_within_is_said(text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        parse(text, "metric")


def test_what_is_in_no_table_has_no_text():
    with pytest.raises(InputError, match="flipping: perturbation has no textual form"):
        unparse(Flipping(lambda image, segments, coalitions: image))


def test_what_can_be_given_is_said_in_words():
    (segmenter, *_) = describe(part_class("method", "edges")).options
    assert (segmenter.takes, segmenter.default) == ("a segmenter or none", "slic")
    perturbation, *_ = describe(part_class("metric", "flipping")).options
    assert (perturbation.takes, perturbation.default) == ("a perturbation", "constant")
    segmenters, *_ = describe(part_class("method", "sampled")).options
    assert (segmenters.takes, segmenters.default) == (
        f"a segmenter or {SEVERAL}",
        "slic:compactness=20.0",
    )
