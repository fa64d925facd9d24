"""Every part has a name, options with help, and a textual form that gives it back."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens import parts
from cilens.errors import InputError, MissingDependencyError
from cilens.parts import KINDS, describe, parse, part_class, unparse
from cilens.parts.options import join, read, split, words, write
from metric_parts import METRIC_VALUES, nested

EVERY = [(kind, name) for kind, table in KINDS.items() for name in table]
POSITIVE = st.floats(min_value=1e-300, allow_infinity=False)
COUNT = st.integers(1, 10**6)
SHARE = st.floats(0, 1)
CLOSENESS = st.none() | POSITIVE | st.tuples(POSITIVE, POSITIVE)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
EDGE = st.just(0.0) | POSITIVE
COMMON = {"tolerance": st.floats(0, 1), "batch_size": COUNT}

VALUES = {
    "slic": {"n_segments": COUNT, "compactness": CLOSENESS, "sigma": EDGE},
    "steady-slic": {"n_segments": COUNT, "compactness": CLOSENESS},
    "finest-slic": {"most": COUNT, "background": SHARE, "compactness": POSITIVE},
    "felzenszwalb": {"scale": POSITIVE, "sigma": EDGE, "min_size": COUNT},
    "quickshift": {"kernel_size": POSITIVE, "max_dist": POSITIVE, "ratio": st.floats(0, 1)},
    "watershed": {"n_segments": COUNT, "compactness": EDGE},
    "grid": {"rows": COUNT, "columns": COUNT},
    "labels": {"source": TEXT},
    "constant": {"value": SHARE | st.lists(SHARE, min_size=1).map(tuple), "edge_width": EDGE},
    "image-mean": {"edge_width": EDGE},
    "segment-mean": {"edge_width": EDGE},
    "picture": {"source": TEXT, "edge_width": EDGE},
    "blur": {"sigma": POSITIVE, "edge_width": EDGE},
    "noise": {"low": SHARE, "high": SHARE, "seed": COUNT, "edge_width": EDGE},
    "inpaint": {"edge_width": EDGE},
    "occlusion": {"size": COUNT, "stride": COUNT, "value": SHARE, **COMMON},
    "lime": {
        "budget": st.integers(2, 10**6),
        "kernel_width": POSITIVE,
        "seed": COUNT,
        **COMMON,
    },
    "sampled": {
        "budget": st.integers(3, 10**6),
        "seed": COUNT,
        "look": st.sampled_from(["none", "outside", "inside"]),
        **COMMON,
    },
    "rise": {
        "budget": st.integers(2, 10**6),
        "size": COUNT,
        "share": st.floats(0.01, 0.99),
        "cell": st.none() | COUNT,
        "seed": COUNT,
        **COMMON,
    },
    "kernel-shap": {
        "budget": st.integers(3, 10**6),
        "seed": COUNT,
        **COMMON,
    },
    "shapley-sampling": {
        "budget": COUNT,
        "seed": COUNT,
        **COMMON,
    },
    "partition": {
        "budget": st.integers(4, 10**6),
        "seed": COUNT,
        **COMMON,
    },
    "greedy": {
        "budget": COUNT,
        "target": st.none() | COUNT,
        **COMMON,
    },
    "random": {"seed": COUNT, "batch_size": COUNT},
    "edges": {"batch_size": COUNT},
    "contextual": {
        "strategy": st.sampled_from(["one-out", "one-in"]),
        **COMMON,
    },
    **METRIC_VALUES,
}
"""How to draw the options of every part; a part without a line here fails below."""


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_round_trip(kind: str, name: str) -> None:
    @given(st.fixed_dictionaries({}, optional=VALUES[name]).filter(lambda v: _complete(name, v)))
    def check(values: dict[str, object]) -> None:
        part = part_class(kind, name)(**values)
        again = parse(unparse(part), kind)
        assert again == part
        assert unparse(again) == unparse(part)

    check()


def _complete(name: str, values: dict[str, object]) -> bool:
    return {"labels": "source", "picture": "source"}.get(name) in {*values, None}


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_all_options_are_drawn_above(kind: str, name: str) -> None:
    options = describe(part_class(kind, name)).options
    spoken = {option.name for option in options if option.takes and not nested(option)}
    assert set(VALUES[name]) == spoken


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_part_says_what_it_is_and_takes(kind: str, name: str) -> None:
    part = part_class(kind, name)
    told = describe(part)
    assert told.name == name
    assert re.fullmatch(r"[A-Z].*\.", told.summary)
    assert [option.name for option in told.options] == [field.name for field in fields(part)]
    for option in told.options:
        assert re.fullmatch(r"[A-Z\"].*\.", option.help), f"{name}: {option.name}"


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_default_is_one_that_parse_reads(kind: str, name: str) -> None:
    part = part_class(kind, name)
    for option in describe(part).options:
        if option.takes and option.default is not None:
            if nested(option):
                assert parse(f"{name}:{option.name}={option.default}", kind) == part()
                continue
            hint = get_type_hints(part)[option.name]
            (default,) = (field.default for field in fields(part) if field.name == option.name)
            assert read(option.name, option.default, hint) == default


def test_required_options_have_no_default() -> None:
    (source,) = describe(part_class("segmenter", "labels")).options
    assert (source.default, source.takes) == (None, "a path")


def test_defaults_that_are_parts() -> None:
    defaults = {
        option.name: option for option in describe(part_class("method", "contextual")).options
    }
    assert defaults["segmenter"].default == "slic"
    assert defaults["perturbations"].default == "constant"
    assert defaults["regions"].default == "none"
    assert defaults["segmenter"].takes == "a segmenter"
    assert defaults["perturbations"].takes == "a perturbation or several with + between"
    assert defaults["regions"].takes == ""


def test_tables_hold_every_public_part() -> None:
    listed = {part_class(kind, name) for kind, name in EVERY}
    others = {"CilensWarning", "Explanation", "Grouped", "Objects", "OnnxForward", "Preprocess"}
    others |= {"Detector", "Limits", "Proxy", "RangedImage"}
    named = {name for name in cilens.__all__ if name[0].isupper()} - others
    public = {getattr(cilens, one) for one in named if not one.endswith(("Error", "Model"))}
    assert public <= listed
    assert all(is_dataclass(part) for part in listed)


def test_part_that_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cilens.methods.partition", raising=False)
    monkeypatch.setitem(sys.modules, "shap", None)
    message = r'the method partition needs shap: pip install "cilens\[peers\]"'
    with pytest.raises(MissingDependencyError, match=message):
        part_class("method", "partition")


def test_a_package_that_no_extra_brings_is_no_error_of_ours(monkeypatch) -> None:
    monkeypatch.setitem(parts.METHODS, "magic", "cilens.methods.magic:Magic")
    with pytest.raises(ModuleNotFoundError, match=r"cilens\.methods\.magic") as caught:
        part_class("method", "magic")
    assert not isinstance(caught.value, MissingDependencyError)


def test_tables_load_nothing_heavy() -> None:
    code = "import sys, cilens.parts; print({'skimage', 'scipy', 'lime', 'PIL'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("slic", "segmenter", cilens.Slic()),
        ("slic:", "segmenter", cilens.Slic()),
        ("slic:n_segments=9,compactness=0.3", "segmenter", cilens.Slic(9, 0.3)),
        ("slic:compactness=none", "segmenter", cilens.Slic()),
        ("slic: n_segments=9 , sigma=1", "segmenter", cilens.Slic(9, sigma=1.0)),
        ("labels:source=C:/a=b.png", "segmenter", cilens.Labels("C:/a=b.png")),
        ('labels:"source=a,b.png"', "segmenter", cilens.Labels("a,b.png")),
        ("constant:value=0.5/0.25/1", "perturbation", cilens.Constant((0.5, 0.25, 1.0))),
        ("constant:value=0.5/", "perturbation", cilens.Constant((0.5,))),
        ("constant:value=1e-3", "perturbation", cilens.Constant(0.001)),
        ("noise:seed=7,low=0.25", "perturbation", cilens.Noise(low=0.25, seed=7)),
        ("contextual:strategy=one-in", "method", cilens.ContextualImportance(strategy="one-in")),
    ],
)
def test_parse(text: str, kind: str, part: object) -> None:
    assert parse(text, kind) == part


def test_types_are_those_of_the_fields() -> None:
    slic = parse("slic:n_segments=9,compactness=3", "segmenter")
    assert (type(slic.n_segments), type(slic.compactness)) == (int, float)
    assert type(parse("noise:seed=3", "perturbation").seed) is int


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("slick", "segmenter", "unknown segmenter 'slick'; did you mean 'slic'?"),
        ("", "segmenter", "unknown segmenter ''"),
        ("slic", "segmentor", "unknown kind of part 'segmentor'; did you mean 'segmenter'?"),
        ("slic", "perturbation", "unknown perturbation 'slic'"),
        ("slic:segments=4", "segmenter", "unknown option of slic 'segments'; did you mean 'n_seg"),
        ("slic:n_segments", "segmenter", "options are name=value .* got 'n_segments'"),
        ("slic:n_segments=4,", "segmenter", "options are name=value .* got ''"),
        ("slic:n_segments=4,n_segments=5", "segmenter", "slic is given n_segments twice"),
        ("slic:n_segments=4.5", "segmenter", "slic: n_segments must be a whole number; got '4.5'"),
        ("slic:n_segments=", "segmenter", "must be a whole number; got ''"),
        ("slic:compactness=nan", "segmenter", "number or none or number/number; got 'nan'"),
        ("slic:n_segments=0", "segmenter", "n_segments must be above 0"),
        ("labels", "segmenter", "labels needs source, as in labels:source=…"),
        ('labels:"source=a', "segmenter", "a quote too many or too few"),
        ("constant:value=inf", "perturbation", "must be a number or number/number/…; got 'inf'"),
        ("constant:value=1//2", "perturbation", "got '1//2'"),
        ("contextual:strategy=one", "method", "must be one-out or one-in; got 'one'"),
        ("contextual:output_range=0/1", "method", "unknown option of contextual 'output_range'"),
        ("contextual:regions=0/1", "method", "contextual: regions cannot be given as"),
    ],
)
def test_parse_says_what_is_wrong(text: str, kind: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(text, kind)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (cilens.Slic(), "slic"),
        (cilens.Slic(n_segments=9), "slic:n_segments=9"),
        (cilens.Slic(sigma=np.float64(0.5)), "slic:sigma=0.5"),
        (cilens.Constant((0.5, 0.25, 1)), "constant:value=0.5/0.25/1"),
        (cilens.Labels(Path("a b.png")), "labels:source=a b.png"),
        (cilens.Labels("a,b.png"), 'labels:"source=a,b.png"'),
    ],
)
def test_unparse(part: object, text: str) -> None:
    assert unparse(part) == text


def test_what_has_no_textual_form() -> None:
    with pytest.raises(InputError, match="labels: source has no textual form"):
        unparse(cilens.Labels(np.zeros((2, 2), int)))
    with pytest.raises(InputError, match="contextual: perturbations has no textual form"):
        unparse(cilens.ContextualImportance(perturbations=(lambda image, segments, rows: image,)))
    with pytest.raises(InputError, match="contextual: regions has no textual form"):
        unparse(cilens.ContextualImportance(regions={"left": [0, 1]}))
    with pytest.raises(InputError, match="str is in none of the tables"):
        unparse("slic")
    for value in (float("nan"), True, (), [1]):
        with pytest.raises(InputError, match="no textual form"):
            write("value", value)


def test_a_name_stands_in_one_table_alone() -> None:
    names = [name for table in KINDS.values() for name in table]
    assert len(set(names)) == len(names)


@given(st.lists(st.tuples(st.text(st.characters(categories=["Ll"]), min_size=1), TEXT)))
def test_options_split_as_joined(pairs: list[tuple[str, str]]) -> None:
    assert split(join(pairs)) == pairs


def test_words_of_what_has_no_textual_form() -> None:
    assert words(np.ndarray) == ""
    assert words(tuple[str, ...]) == ""
