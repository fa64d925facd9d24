"""Activations are told and stable; one row for each image, or an error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

import cilens
from cilens.errors import InputError, ModelError
from cilens.models import scores
from cilens.models.scores import (
    ask_in_batches,
    check_activation,
    count_classes,
    each,
    to_scores,
)

logits = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2),
    elements=st.floats(-(2.0**99), 2.0**99, width=32),
)


@given(logits)
def test_softmax_is_that_of_scipy(raw: np.ndarray) -> None:
    if raw.shape[1] == 1:
        return
    scores = to_scores(raw, len(raw), "softmax", ())
    assert scores.dtype == np.float32
    expected = special.softmax(raw.astype(np.float64), axis=1)
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


@given(logits)
def test_sigmoid_is_that_of_scipy(raw: np.ndarray) -> None:
    scores = to_scores(raw, len(raw), "sigmoid", ())[:, -raw.shape[1] :]
    assert scores.dtype == np.float32
    expected = special.expit(raw.astype(np.float64))
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-37)


def test_activation_keeps_the_precision_of_the_network() -> None:
    raw = np.array([[1.0, 2.0]])
    for activation in ("none", "softmax", "sigmoid"):
        assert to_scores(raw, 1, activation, ()).dtype == np.float64
        assert to_scores(raw.astype(np.float16), 1, activation, ()).dtype == np.float32


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("activation", ["softmax", "none"])
def test_what_is_not_finite_is_left_to_scoring(value: float, activation: str) -> None:
    scores = to_scores(np.array([[value, value]], np.float32), 1, activation, ())
    assert not np.isfinite(scores).any()


def test_activations_are_known_by_name() -> None:
    with pytest.raises(InputError, match=r"unknown activation 'softmx'; did you mean 'softmax'\?"):
        check_activation("softmx")


@pytest.mark.parametrize(
    ("columns", "activation", "names", "classes"),
    [
        (1, "sigmoid", (), 2),
        (1, "sigmoid", ("cat", "dog"), 2),
        (1, "sigmoid", ("smile",), 1),
        (1, "none", ("cat", "dog"), 2),
        (1, "none", ("age",), 1),
        (1, "none", (), 1),
        (2, "sigmoid", ("cat", "dog"), 2),
        (2, "softmax", (), 2),
    ],
)
def test_one_column_is_two_classes_where_the_caller_says_so(
    columns: int, activation: str, names: tuple[str, ...], classes: int
) -> None:
    assert count_classes(columns, activation, names) == classes
    scores = to_scores(np.full((3, columns), 0.25), 3, activation, names)
    assert scores.shape == (3, classes)
    if classes > columns:
        p = 0.25 if activation == "none" else special.expit(0.25)
        np.testing.assert_allclose(scores, [[1 - p, p]] * 3)


def test_one_column_takes_no_softmax() -> None:
    with pytest.raises(InputError, match=r"softmax over a single output is always 1: .*'sigmoid'"):
        to_scores(np.zeros((2, 1)), 2, "softmax", ())


@pytest.mark.parametrize(("columns", "classes"), [(3, 3), (1, 2)])
def test_names_are_as_many_as_classes(columns: int, classes: int) -> None:
    with pytest.raises(InputError, match=f"network's output: {classes}; got 4"):
        to_scores(np.zeros((2, columns)), 2, "sigmoid", ("a", "b", "c", "d"))


@pytest.mark.parametrize("shape", [(5, 3), (5, 3, 1, 1), (5, 3, 1)])
def test_trailing_axes_of_one_do_not_count(shape: tuple[int, ...]) -> None:
    raw = np.arange(15.0).reshape(shape)
    np.testing.assert_array_equal(to_scores(raw, 5, "none", ()), np.arange(15.0).reshape(5, 3))


def test_a_flat_answer_is_one_column() -> None:
    assert to_scores(np.arange(5.0), 5, "none", ()).shape == (5, 1)


@pytest.mark.parametrize(
    "shape", [(), (4, 3), (3,), (5, 3, 2), (5, 0), (15,), (1, 5, 3), (1, 3, 5)]
)
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"one row of scores for each image, \(5, classes\); got"):
        to_scores(np.zeros(shape), 5, "none", ())


@pytest.mark.parametrize("dtype", [np.int64, bool, complex])
def test_scores_are_floating_point(dtype: type) -> None:
    with pytest.raises(ModelError, match="must be floating-point scores; got"):
        to_scores(np.zeros((5, 3), dtype), 5, "none", ())


@given(rows=st.integers(1, 20), batch=st.one_of(st.none(), st.integers(1, 8)))
def test_a_fixed_batch_changes_no_answer(rows: int, batch: int | None) -> None:
    tensor = np.arange(rows * 4.0).reshape(rows, 1, 2, 2)
    asked: list[int] = []

    def ask(part: np.ndarray) -> np.ndarray:
        asked.append(len(part))
        return part.reshape(len(part), 4)

    np.testing.assert_array_equal(ask_in_batches(each(ask), tensor, batch), tensor.reshape(rows, 4))
    assert asked == ([rows] if batch is None else [batch] * -(-rows // batch))


def test_no_rows_are_refused() -> None:
    with pytest.raises(InputError, match="at least one image; got none"):
        ask_in_batches(each(lambda part: part), np.zeros((0, 1, 2, 2)), None)


def test_a_few_large_images_at_a_time_give_the_same_scores(monkeypatch):
    monkeypatch.setattr(scores, "AT_ONCE", 3 * 12)
    asked, tensor = [], np.arange(7 * 12.0).reshape(7, 3, 2, 2)

    def ask(rows):
        asked.append(len(rows))
        return rows.reshape(len(rows), -1)[:, :2]

    few = ask_in_batches(each(ask), tensor, None, streams=1)
    np.testing.assert_array_equal(few, ask_in_batches(each(ask), tensor, None))
    assert asked == [3, 2, 2, 7]
    asked.clear()
    ask_in_batches(each(ask), tensor, 4, streams=1)  # a network that takes four rows is given four
    assert asked == [4, 4]


def test_networks_on_the_processor_are_asked_so(monkeypatch):
    """The same scores, and no more rows at once than were measured to be fastest."""
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5)).eval()
    model = cilens.TorchModel(module, cilens.Preprocess((2, 2), 3), activation="softmax")
    images = np.random.default_rng(0).random((7, 2, 2, 3), dtype=np.float32)
    whole, seen = model(images), []
    module.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    monkeypatch.setattr(scores, "AT_ONCE", 3 * 12)
    np.testing.assert_allclose(model(images), whole, atol=1e-6)
    assert seen == [3, 2, 2]
