"""Explanations are compared by numbers one can write down, and over a test set."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.datasets.distort import DISTORTIONS, Line
from cilens.datasets.mnist import mnist_image
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.methods.occlusion import Occlusion
from cilens.metrics.robustness import agreement, compare, explain_segmentations, with_segmenters
from cilens.scoring.explain import explain_each
from cilens.segmentation import Grid, Labels, Slic

PAPER = cilens.ContextualImportance.paper()
QUARTERS = np.array([[0, 1], [2, 3]])


def quarters(*influence, image=None, scores=(0.25, 0.75)) -> Explanation:
    """Return an explanation of a 2 x 2 image with one region for each pixel."""
    table = np.stack([-np.array(influence), np.array(influence)], axis=1).astype(float)
    return Explanation(
        image=np.ones((2, 2, 1)) if image is None else image,
        box=(0.0, 0.0, 2.0, 2.0),
        segments=QUARTERS,
        labels=np.arange(4),
        regions=np.eye(4, dtype=bool),
        region_names=("0", "1", "2", "3"),
        scores=np.array(scores),
        low=np.minimum(table, 0),
        high=np.maximum(table, 0),
        importance=np.abs(table),
        utility=np.full((4, 2), 0.5),
        influence=table,
        output_range=np.array([[0.0, 0.0], [1.0, 1.0]]),
        class_names=(),
        method="by hand",
        model_rows=5,
    )


def test_an_explanation_agrees_with_itself() -> None:
    found = compare(*[quarters(0.5, 0.25, 0.0, -0.25)] * 2)
    assert found.class_kept
    assert (found.ink_overlap, found.max_difference) == (1.0, 0.0)
    assert found.rank_correlation == pytest.approx(1.0)
    assert found.noise_highlighted is None
    assert not found.empty_before
    assert not found.empty_after


def test_the_numbers_of_a_pair() -> None:
    before = quarters(0.5, 0.25, 0.0, 0.0)
    after = quarters(0.5, 0.0, 0.125, 0.0, scores=(0.875, 0.125))
    noise = np.array([[False, True], [True, False]])
    found = compare(before, after, noise=noise)
    assert (found.target, found.class_kept) == (1, False)
    assert (found.score_before, found.score_after) == (0.75, 0.125)
    assert found.ink_overlap == 1 / 3
    assert found.max_difference == 0.25
    assert found.noise_highlighted == 0.5
    expected = scipy.stats.spearmanr([0.5, 0.25, 0, 0], [0.5, 0, 0.125, 0]).statistic
    assert found.rank_correlation == pytest.approx(expected)


def test_only_ink_counts_that_the_first_image_has() -> None:
    image = np.array([[[1.0], [0.0]], [[1.0], [0.0]]])
    before, after = quarters(0.5, 0.5, 0, 0, image=image), quarters(0.5, 0, 0, 0.5)
    assert compare(before, after).ink_overlap == 1.0
    everything = np.ones((2, 2), dtype=bool)
    assert compare(before, after, ink=everything).ink_overlap == 1 / 3
    dark = np.array([[False, True], [False, False]])
    assert compare(before, after, ink=dark).ink_overlap == 0.0


def test_what_is_not_there_has_no_number() -> None:
    flat, other = quarters(0, 0, 0, 0), quarters(0.5, 0.25, 0, 0)
    found = compare(flat, flat)
    assert (found.ink_overlap, found.rank_correlation) == (None, None)
    assert found.empty_before
    assert found.empty_after
    found = compare(other, flat, noise=np.ones((2, 2), dtype=bool))
    assert (found.ink_overlap, found.rank_correlation) == (0.0, None)
    assert (found.empty_before, found.empty_after) == (False, True)
    assert found.noise_highlighted == 0.0


def test_class_and_threshold_are_the_callers() -> None:
    before, after = quarters(0.5, -0.5, 0, 0), quarters(0.125, -0.5, 0, 0)
    assert compare(before, after).ink_overlap == 1.0
    assert compare(before, after, threshold=0.25).ink_overlap == 0.0
    assert compare(before, after, target=0).max_difference == 0.375
    assert compare(before, after, target=0).score_before == 0.25


@given(st.lists(st.integers(-3, 3), min_size=8, max_size=8))
def test_comparing_is_symmetric(values) -> None:
    one, other = (quarters(*np.array(part) / 4) for part in (values[:4], values[4:]))
    ahead, back = compare(one, other), compare(other, one)
    assert ahead.ink_overlap == back.ink_overlap
    assert ahead.max_difference == back.max_difference
    if ahead.rank_correlation is None:
        assert back.rank_correlation is None
        return
    assert ahead.rank_correlation == pytest.approx(back.rank_correlation)
    expected = scipy.stats.spearmanr(values[:4], values[4:]).statistic
    assert ahead.rank_correlation == pytest.approx(expected)


def test_what_does_not_fit_is_refused(unchecked) -> None:
    one = quarters(1, 0, 0, 0)
    wide = cilens.ContextualImportance(Grid(1, 2))(lambda i: i[:, 0, :2, 0], np.ones((2, 4)))
    many = cilens.ContextualImportance(Grid(1, 2))(lambda i: i[:, 0, [0, 1, 0], 0], np.ones((2, 2)))
    for other, options, message in (
        (wide, {}, r"after must have the size of before, \(2, 2\); got \(2, 4\)"),
        (one, {"ink": np.ones((3, 2), bool)}, r"ink must have the size of before"),
        (one, {"noise": np.ones((3, 2), bool)}, r"noise must have the size of before"),
        (many, {}, "the first knows 2 classes, the second 3"),
    ):
        with pytest.raises(InputError, match=message):
            compare(one, other, **options)


def test_agreement_is_the_mean_over_all_pairs() -> None:
    three = [
        quarters(0.5, 0, 0, 0),
        quarters(0.5, 0.25, 0, 0, scores=(0.75, 0.25)),
        quarters(0.5, 0.25, 0.5, 0),
    ]
    found = agreement(three)
    assert [pair.ink_overlap for pair in found.pairs] == [1 / 2, 1 / 3, 2 / 3]
    assert found.ink_overlap == pytest.approx(0.5)
    assert [pair.max_difference for pair in found.pairs] == [0.25, 0.5, 0.5]
    assert found.max_difference == 0.5
    known = [pair.rank_correlation for pair in found.pairs]
    assert found.rank_correlation == pytest.approx(np.mean(known))
    assert all(pair.target == 1 for pair in found.pairs)
    assert agreement(three, target=0, threshold=0.3).ink_overlap is None


def test_agreement_leaves_out_what_has_no_number() -> None:
    flat, other = quarters(0, 0, 0, 0), quarters(0.5, 0, 0, 0)
    assert agreement([flat, flat, other]).ink_overlap == 0.0
    assert agreement([flat, flat, other]).rank_correlation is None
    with pytest.raises(InputError, match="at least two explanations; got 1"):
        agreement([flat])


def test_segmentations_of_a_model_that_sees_one_half_agree() -> None:
    left = lambda images: images[:, :, :4].mean(axis=(1, 2))  # noqa: E731
    method = cilens.ContextualImportance(Slic())
    found = explain_segmentations(method, left, np.ones((8, 8)), [Grid(1, 2), Grid(2, 2)])
    assert [len(each.regions) for each in found] == [2, 4]
    both = agreement(found)
    assert (both.ink_overlap, both.max_difference) == (1.0, 0.5)
    assert both.rank_correlation == pytest.approx(1.0)
    assert method.segmenter == Slic()
    sampled = cilens.SampledImportance(segmenters=(Slic(), Grid()))
    found = explain_segmentations(sampled, left, np.ones((8, 8)), [Grid(1, 2), Grid(2, 2)])
    assert [len(each.regions) for each in found] == [2, 4]


def test_segmentations_need_a_method_that_has_one() -> None:
    @dataclass(frozen=True)
    class Blind:
        size: int = 3

    for method in (Occlusion(), Blind(), compare):
        with pytest.raises(InputError, match="must have a segmenter to exchange"):
            explain_segmentations(method, len, np.ones((2, 2)), [Labels(QUARTERS)])
    with pytest.raises(InputError, match="must have 2 segmenters to exchange"):
        with_segmenters(cilens.ContextualImportance(), [Grid(1, 2), Grid(2, 2)])


N_DIGITS = 500


@pytest.fixture(scope="module")
def clean() -> list[Explanation]:
    model = cilens.load_model("digits")
    return list(explain_each(PAPER, model, (mnist_image(index) for index in range(N_DIGITS))))


def distorted(clean, distortion):
    made = [replace(distortion, seed=index)(mnist_image(index)) for index in range(len(clean))]
    after = explain_each(PAPER, cilens.load_model("digits"), (each.image for each in made))
    return [
        compare(*pair, noise=each.noise) for *pair, each in zip(clean, after, made, strict=True)
    ]


def mean(values) -> float:
    return float(np.mean([value for value in values if value is not None]))


@pytest.mark.parametrize("length", [7.0, 14.0])
def test_one_added_line_keeps_class_and_highlight(clean, length) -> None:
    found = distorted(clean, Line(length))
    assert mean(each.class_kept for each in found) >= 0.93
    assert mean(each.ink_overlap for each in found) >= 0.7
    # Robust does not mean that noise is ignored: much of the line is in the highlight.
    assert 0.2 < mean(each.noise_highlighted for each in found) < 0.7


def test_a_heavier_line_does_more(clean) -> None:
    light, heavy = (distorted(clean, line) for line in (Line(), Line(12.0, width=2.0, value=1.0)))
    for field in ("class_kept", "ink_overlap"):
        assert mean(getattr(e, field) for e in light) > mean(getattr(e, field) for e in heavy)
    assert mean(e.noise_highlighted for e in light) < mean(e.noise_highlighted for e in heavy)


def test_what_moves_the_digit_has_no_noise(clean) -> None:
    found = distorted(clean[:20], DISTORTIONS["shift"]())
    assert {each.noise_highlighted for each in found} == {None}
