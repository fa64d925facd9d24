"""What is measured is true of models whose answers are known, and is not of those that break it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
import made
from cilens.datasets.mnist import load_mnist
from cilens.errors import ModelError
from cilens.evaluation.mistakes import find_errors, list_errors
from cilens.followup.highlight import Highlight
from cilens.methods import ContextualImportance
from cilens.paper.measure import (
    p01_data,
    p03_questions,
    p07_equations,
    p09_print,
    p10_highlights,
    p12_contrasts,
    p17_errors,
    p18_objects,
)
from cilens.paper.onnx_file import Layer, Network, read_network
from cilens.scoring.explain import explain_each
from cilens.segmentation import Grid, Slic

PAPER = ContextualImportance.paper()


@pytest.fixture(scope="module")
def digits():
    return [cilens.read_image(f"mnist:{index}") for index in (0, 1, 18, 62)]


def values(found):
    return {name: measured.value for name, measured in found.items()}


# --- P1, P2 -------------------------------------------------------------------------------------


def test_the_test_split_is_mnist_s_and_another_is_not(unchecked):
    images, labels = load_mnist()
    assert values(p01_data.data((images, labels))) == {"shape": 0.0, "counts": 0.0, "train": None}
    swapped = labels.copy()
    swapped[labels == 3] = 4
    cut = values(p01_data.data((images[:-1].astype(np.int16), swapped)))
    assert (cut["shape"], cut["counts"]) == (2.0, 2.0)


def test_the_training_split_is_known_too(shared_data, unchecked):
    train = load_mnist("train", shared_data / "mnist")
    assert p01_data.data(load_mnist(), train)["train"].value == 0.0
    assert p01_data.data(load_mnist(), (train[0], train[1][::-1][:5]))["train"].value > 1


def test_layers_that_differ_are_counted(study):
    found = read_network(study.file)
    assert p01_data.wrong_layers(found) == 0
    third = Layer("MaxPool", ("a",), ("b",), {"kernel_shape": (2, 2), "strides": (2, 2)})
    pooled = Network((*found.layers[:9], third, *found.layers[9:]), found.weights)
    assert p01_data.wrong_layers(pooled) > 0
    assert p01_data.wrong_layers(Network((), {})) == len(p01_data.LAYERS)


@pytest.mark.slow
def test_accuracy_and_card(study, tmp_path):
    labels = study.test[1]
    found = p01_data.network(study.scores, labels, None, p01_data.read_card(study.file))
    assert found["accuracy"].value == (study.scores.argmax(axis=1) == labels).mean()
    assert found["accuracy"].interval[0] < found["accuracy"].value < found["accuracy"].interval[1]
    assert found["epochs"].value == 4.0
    assert found["layers"].value is None
    (tmp_path / "a.json").write_text("[1]")
    assert p01_data.read_card(tmp_path / "a.onnx") is None
    assert p01_data.network(study.scores, labels, None, {"a": 1})["epochs"].value is None


# --- P3 to P6, P8 -------------------------------------------------------------------------------


def test_segments_that_break_a_promise_are_counted(digits, monkeypatch):
    good = values(p03_questions.segmentations(digits))
    assert good == {"labels": 0.0, "connected": 0.0, "again": 0.0, "number": 1.0, "own": 1.0}
    torn = np.indices((28, 28)).sum(axis=0) % 2
    monkeypatch.setattr(p03_questions, "PAPER", replace(PAPER, segmenter=lambda image: torn))
    bad = values(p03_questions.segmentations(digits))
    assert bad["connected"] == 2.0 * len(digits)
    assert bad["number"] == bad["own"] == bad["again"] == 0.0
    calls = iter(range(100))
    monkeypatch.setattr(
        p03_questions,
        "PAPER",
        replace(PAPER, segmenter=lambda image: torn * (next(calls) // 4 % 2)),
    )
    assert values(p03_questions.segmentations(digits))["again"] == len(digits)


def test_samples_that_break_a_promise_are_counted(digits, monkeypatch):
    assert values(p03_questions.samples(digits)) == {"number": 0.0, "kept": 0.0, "hidden": 0.0}

    def leaky(image, segments, coalitions):
        batch = cilens.Constant(0.25)(image, segments, coalitions)
        batch[1:, 0, 0] += 0.5
        return batch

    monkeypatch.setattr(p03_questions, "PAPER", replace(PAPER, perturbations=(leaky,)))
    bad = values(p03_questions.samples(digits))
    assert bad["hidden"] > 0
    assert bad["kept"] > 0


def test_rows_are_counted_by_the_network(study, digits):
    found = p03_questions.algorithm(study.model, digits)
    bad = {"rows", "linear", "constant", "black"}
    assert all(found[name].value <= 1e-12 for name in bad)
    expected = sum(len(PAPER(study.model, image).regions) + 1 for image in digits)
    assert found["rows"].rows == expected
    assert found["apart"].value == 3


def test_other_thresholds_cost_no_rows_and_the_text_s_reading_is_told(digits):
    def model(images):  # hiding a ninth of a white image takes exactly 1 % from class 1
        bright = images.mean(axis=(1, 2, 3), dtype=np.float64)
        return np.stack([1 - bright, bright], axis=1)

    white = np.zeros((20, 5, 1))
    white[0, 0] = 1.0  # one pixel of 100
    found = p03_questions.rethreshold(model, [white])
    assert found["rows"].value == 0.0
    assert found["strict"].value in (0.0, 1.0)
    assert p03_questions.rethreshold(model, digits)["rows"].rows > 0


def test_a_network_that_remembers_is_refused(study, digits):
    explained = list(explain_each(PAPER, study.model, digits))
    found = p03_questions.wrapped(study.model, digits, explained)
    assert values(found) == {"wrapped": 0.0, "touched": 0.0}
    calls = []

    def drifting(images):
        calls.append(1)
        return np.full((len(images), 10), 0.1) * images.mean() / len(calls)

    with pytest.raises(ModelError, match="function of one image"):
        p03_questions.wrapped(drifting, digits, explained)


def test_any_model_is_explained_again_by_hand(digits):
    corner = p03_questions.Linear(np.full((28, 28), 1 / 784))
    assert p03_questions.explained_again(corner, digits).value == 0.0
    calls = []

    def restless(images):
        calls.append(1)
        return np.full((len(images), 1), 0.5 / len(calls))

    with pytest.raises(ModelError, match="function of one image"):
        p03_questions.explained_again(restless, digits[:2])


# --- P7 -----------------------------------------------------------------------------------------


def test_equations_hold_for_the_network(study, digits):
    explained = list(explain_each(PAPER, study.model, digits))
    found = values(p07_equations.equations(study.model, digits, explained))
    assert found["bounds"] == found["more"] == 0.0
    assert max(found["one"], found["joint"], found["range"]) <= 1e-6


def test_numbers_that_break_the_equations_are_counted(study, digits):
    explained = list(explain_each(PAPER, study.model, digits))
    spoilt = [
        made.unchecked(e, influence=-2 * e.influence, importance=e.importance + 0.5)
        for e in explained
    ]
    found = values(p07_equations.equations(study.model, digits, spoilt))
    assert found["bounds"] > 0
    assert found["one"] >= 0.5
    assert found["more"] > 0
    assert found["range"] > 0
    for name, change in (("importance", 2.0), ("utility", 2.0), ("influence", 3.0)):
        for sign in (1, -1):
            off = [made.unchecked(e, **{name: getattr(e, name) + sign * change}) for e in explained]
            whole = sum(e.influence.size for e in explained)
            assert values(p07_equations.equations(study.model, digits, off))["bounds"] == whole
    nan = [made.unchecked(e, utility=np.full_like(e.utility, np.nan)) for e in explained]
    whole = sum(e.utility.size for e in explained)
    assert values(p07_equations.equations(study.model, digits, nan))["bounds"] == whole


def test_the_authors_case_needs_the_authors_network(study):
    found = p07_equations.case(study.model, {}, is_authors=False)
    assert {measured.value for measured in found.values()} == {None}
    assert "--model" in found["golden"].note
    assert "--data" in p07_equations.case(study.model, None, is_authors=True)["kept"].note


# --- P10, P14, P17, P18 -------------------------------------------------------------------------


def test_highlights_are_asked_about_as_the_library_does(study):
    asked = p10_highlights.ask_highlights(study.model, study.explanations)
    for place, explanation in enumerate(study.explanations):
        check = Highlight().check(study.model, explanation)
        assert asked.alone[place] == pytest.approx(check.score, abs=1e-6)
        assert asked.remainder[place] == pytest.approx(check.remainder_score, abs=1e-6)
        assert asked.blank[place] == pytest.approx(check.blank_score, abs=1e-6)
        assert asked.empty[place] == check.empty
        shown = explanation.image[explanation.highlight()].sum() / explanation.image.sum()
        assert asked.ink[place] == pytest.approx(shown, abs=1e-5)
    rows = sum(explanation.model_rows for explanation in study.explanations)
    assert asked.rows == rows + 4 * len(study.explanations)


def test_the_figures_over_a_set_are_those_of_the_numbers():
    asked = p10_highlights.Highlights(
        target=np.zeros(5, int),
        score=np.array([0.9, 0.9, 0.5, 1.0, 0.9]),
        alone=np.array([0.95, 0.895, 0.485, 1.0, 0.0]),
        kept=np.array([True, True, False, True, False]),
        remainder=np.zeros(5),
        random=np.full(5, 0.125),
        blank=np.zeros(5),
        empty=np.array([False, False, False, False, True]),
        ink=np.array([0.5, 0.75, 0.95, 1.0, 0.0]),
        rows=77,
    )
    found = p10_highlights.faithfulness(asked)
    assert found["empty"].value == 0.2
    assert (found["kept"].value, found["kept"].images) == (0.75, 4)
    assert found["score"].value == 0.75
    assert (found["rises"].value, found["rises"].images) == (1 / 3, 3)
    assert found["median"].value == pytest.approx(-0.005)
    assert found["random"].value == pytest.approx((0.825 + 0.77 + 0.36 + 0.875) / 4)
    assert found["ink"].value == 0.8
    assert (found["less"].value, found["less"].images) == (1.0, 2)
    assert p10_highlights.within(asked).value == 0.75
    assert p10_highlights.within(asked, margin=0.02).value == 1.0
    assert {measured.rows for measured in found.values()} == {77}


def test_the_black_image_has_a_class(study):
    digit, score = p10_highlights.black(study.model)
    assert digit == 1
    assert 0.9 < score.value < 1


def test_missing_bars_are_found_where_they_are():
    assert p12_contrasts.toy_digits().value == 0.0


def test_contrasts_come_from_the_same_rows(study):
    found = values(p12_contrasts.contrasts(study.explanations))
    assert found["same"] == found["swap"] == found["rows"] == 0.0


def test_absent_features_are_looked_for_in_right_unsure_digits(study):
    images, labels = study.test
    found = p12_contrasts.absent(study.model, images, labels, study.scores, most=15)
    assert found["gain"].images == found["nearest"].images == found["hidden"].images == 15
    assert found["gain"].value >= 0.9
    sure = np.where(np.arange(10) == labels[:, None], 1.0, 0.0)
    assert p12_contrasts.absent(study.model, images, labels, sure)["gain"].value is None


def test_errors_are_listed_as_the_library_lists_them(study):
    images, labels = study.test
    found = list_errors(study.scores[:1000], labels[:1000])
    assert found == find_errors(study.model, images[:1000], labels[:1000])
    measured = p17_errors.errors(study.model, list(images), found)
    assert measured["predicted"].images == len(found) > 3
    assert 0 < measured["predicted"].value <= 1
    missing = p09_print.differences(study.model, p17_errors.PRINTED, is_authors=False)
    assert missing["four"].value is None


def test_influence_lies_on_the_objects(study):
    scenes = p18_objects.canvases(4)
    found = p18_objects.objects(study.model, scenes)
    assert found.value > 0.7
    assert found.value > p18_objects.random_objects(study.model, scenes).value
    tiled = list(p18_objects.mosaics(1, study.test[1].tolist()))
    assert tiled[0].image.shape == (56, 56, 1)
    assert len(set(tiled[0].classes)) == 4
    grid = replace(PAPER, segmenter=Grid(2, 2))
    assert p18_objects.objects(study.model, tiled, grid).images <= 4
    assert Slic(36, 0.3) == p18_objects.FOUR
