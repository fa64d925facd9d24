"""Every setting of every part, and the arguments of what is public: right, or refused by name."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

import cilens
from cilens.errors import CilensError, InputError
from cilens.methods import Recommended
from cilens.parts import KINDS, part_class
from cilens.settings import check_count, check_share, checked

WRONG = [
    None,
    True,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**400,
    "a",
    b"a",
    [],
    (),
    {},
    [None],
    object(),
    np.array([None]),
    np.ma.masked_array([[1]], mask=[[True]]),
    len,
    int,
]
"""Values of types that settings have, or nearly have, or never have."""

NEEDS = {"Labels": {"source": np.zeros((2, 2), int)}, "Picture": {"source": "a.npy"}}

SETTINGS = [
    (part_class(kind, name), field.name)
    for kind, table in KINDS.items()
    for name in table
    for field in fields(part_class(kind, name))
]


@pytest.mark.parametrize(("part", "setting"), SETTINGS)
def test_a_setting_is_taken_as_what_it_is_or_refused_by_its_name(unchecked, part, setting) -> None:
    given = part(**NEEDS.get(part.__name__, {}))
    refused = 0
    for value in WRONG:
        try:
            taken = getattr(replace(given, **{setting: value}), setting)
        except InputError as error:
            refused += 1
            named = "labels" if part is cilens.Labels else setting.removesuffix("s")
            assert named in str(error)  # noqa: PT017 (some values are right)
        else:
            assert taken in (value, tuple(value) if isinstance(value, list | dict) else value)
            assert not isinstance(taken, bool | np.ma.MaskedArray)
            assert not (isinstance(taken, float) and not np.isfinite(taken))
    assert refused > len(WRONG) // 2


def test_numpys_numbers_become_pythons() -> None:
    part = cilens.Slic(np.int64(9), np.float32(0.5), np.uint8(1))
    assert repr(part) == "Slic(n_segments=9, compactness=0.5, sigma=1.0)"
    assert part == cilens.Slic(9, 0.5, 1.0)
    assert cilens.Constant(np.array([0.25, 0.5])).value == (0.25, 0.5)
    assert hash(cilens.SampledImportance(segmenters=[cilens.Grid()]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: cilens.Constant(float("nan")),
            "Constant.value must be a share of the pixel range",
        ),
        (lambda: cilens.Slic(n_segments="9"), "Slic.n_segments must be a whole number; got '9'"),
        (lambda: cilens.Noise(seed=-1), "Noise.seed must be 0 or more; got -1"),
        (
            lambda: cilens.ContextualImportance(perturbations=cilens.Constant()),
            r"perturbations must be \(a perturbation \(something to call\), …\); got Constant",
        ),
        (
            lambda: cilens.SampledImportance((cilens.Slic,)),
            r"segmenters must be \(a segmenter \(something to call\), …\); got \(<class",
        ),
        (lambda: cilens.ContextualImportance(tolerance=np.nan), "tolerance must be finite"),
        (lambda: cilens.ContextualImportance(tolerance=2.0), r"tolerance must be in \[0, 1\]"),
        (lambda: cilens.ContextualImportance(batch_size=True), "batch_size must be a whole number"),
        (lambda: cilens.SampledImportance(budget=99.5), "budget must be a whole number; got 99.5"),
        (lambda: Recommended(budget="9"), "Recommended.budget must be a whole number or None"),
    ],
)
def test_messages(unchecked, make, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    "bounds",
    [
        (0.0, np.inf),
        (-np.inf, 0.0),
        (np.nan, 1.0),
        (1.0, 0.0),
        (-1.7e308, 1.7e308),
        ((), ()),
        ((0.0, 0.0), (1.0,)),
        (0.0,),
        "01",
        5,
    ],
)
def test_an_output_range_that_measures_nothing(bounds: object) -> None:
    with pytest.raises(InputError, match="output_range must"):
        cilens.StatedModel(lambda images: images.mean(axis=(1, 2)), bounds)


def test_masked_arrays_would_lose_their_masks(unchecked) -> None:
    masked = np.ma.masked_array(np.ones((4, 4)), mask=np.eye(4, dtype=bool))
    with pytest.raises(InputError, match="masked array: fill it first"):
        cilens.as_image(masked)
    method = cilens.ContextualImportance(lambda image: masked.astype(int))
    with pytest.raises(InputError, match="masked array: fill it first"):
        method(lambda images: images.mean(axis=(1, 2)), np.ones((4, 4)))


EXPLANATION = cilens.ContextualImportance(cilens.Grid(1, 2))(
    lambda images: images.mean(axis=(1, 2)), np.ones((4, 4, 1))
)
IMAGE = np.ones((4, 4, 1))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("model", lambda wrong: cilens.explain(wrong, IMAGE)),
        ("method", lambda wrong: cilens.explain(len, IMAGE, method=wrong)),
        ("budget", lambda wrong: cilens.explain(len, IMAGE, budget=wrong)),
        ("source", cilens.load_model),
        ("preprocess", lambda wrong: cilens.load_model("digits", preprocess=wrong)),
        ("activation", lambda wrong: cilens.load_model("digits", activation=wrong)),
        ("class_names", lambda wrong: cilens.load_model("digits", class_names=wrong)),
        ("explanation", cilens.find_objects),
        ("classes", lambda wrong: cilens.find_objects(EXPLANATION, wrong)),
        ("above", lambda wrong: cilens.find_objects(EXPLANATION, above=wrong)),
        ("threshold", lambda wrong: cilens.find_objects(EXPLANATION, threshold=wrong)),
        ("threshold", lambda wrong: EXPLANATION.highlight(threshold=wrong)),
        ("threshold", lambda wrong: EXPLANATION.contrast(0, 0, threshold=wrong)),
        ("class index", EXPLANATION.target),
        ("images", lambda wrong: cilens.estimate_output_range(len, wrong)),
        ("batch_size", lambda wrong: cilens.estimate_output_range(len, [], batch_size=wrong)),
        ("group", cilens.imagenet_groups),
        ("groups", lambda wrong: cilens.Grouped(len, wrong, n_classes=3)),
        ("path", EXPLANATION.save),
        ("path", cilens.Explanation.load),
        ("preprocessing", cilens.Preprocess.parse),
    ],
)
def test_an_argument_of_another_type_is_named(unchecked, name: str, call) -> None:
    for wrong in (1.5, object(), b"a", np.array([[None]])):
        if isinstance(wrong, float) and name in ("above", "threshold"):
            continue  # which is a number
        if isinstance(wrong, bytes | np.ndarray) and name in ("classes", "images"):
            continue  # which can be gone through; what is in it is refused as such
        with pytest.raises(CilensError) as error:
            call(wrong)
        assert name in str(error.value)


def test_a_single_value() -> None:
    assert check_share("a", np.float32(0.5)) == 0.5
    assert type(check_count("a", np.int8(3))) is int
    for wrong in (0, -1, 1.0, True):
        with pytest.raises(InputError, match="a must be"):
            check_count("a", wrong)
    for wrong in (-0.1, 1.1, np.nan, "a"):
        with pytest.raises(InputError, match="a must be"):
            check_share("a", wrong)
    assert checked("a", Path("b"), str | Path) == Path("b")
    with pytest.raises(InputError, match="a must be text or a path; got 5"):
        checked("a", 5, str | Path)
    with pytest.raises(InputError, match="a must be a view; got 5"):
        checked("a", 5, cilens.types.View)
