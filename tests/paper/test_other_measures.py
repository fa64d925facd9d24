"""Comparison, distortions, segmentations, sentences, and the goldens of the authors' network."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import cilens
from cilens.metrics.flipping import Flipping
from cilens.paper.figures.fig3_explanation import AUTHORS, figure_3
from cilens.paper.figures.fig7_change import figure_7
from cilens.paper.figures.fig8_mistakes import figure_8
from cilens.paper.measure import (
    p07_equations,
    p09_print,
    p11_comparison,
    p12_contrasts,
    p13_sentences,
    p15_distortions,
    p16_segmentations,
    p17_errors,
)
from cilens.paper.verdicts import Measured
from cilens.text import about, why
from reading import with_tables


@pytest.fixture(scope="module")
def digits():
    return [cilens.read_image(f"mnist:{index}") for index in (0, 18)]


# --- P11 ----------------------------------------------------------------------------------------


def test_known_models_are_mapped_as_they_are(digits):
    found = p11_comparison.known_answers(digits[0])
    assert found["uniform"].value == found["peak"].value == 0.0
    assert found["additive"].value < 0.02


def test_the_summary_is_that_of_the_judges(study, digits):
    made = p11_comparison.METHODS
    found = p11_comparison.stand(study.model, digits, "occlusion", made["occlusion"])
    summary = p11_comparison.summary(found)
    assert summary["rows"].value == 82.0
    e = found[1].explanation
    curves = Flipping().curves(study.model, e.image, e.saliency(), e.predicted)
    assert found[1].curves.srg == curves.srg
    assert summary["srg"].value == pytest.approx(np.mean([one.curves.srg for one in found]))
    drawn = p11_comparison.stand(study.model, [digits[0]] * 2, "random", made["random"])
    assert drawn[0].curves.srg != drawn[1].curves.srg


def test_a_gain_is_paired():
    found = p11_comparison.gain([0.5, 0.75, 1.0], [0.25, 0.5, 0.75], 9)
    assert found[:4] == (0.25, 3, 9, None)
    assert p11_comparison.gain([0.0, 0.0], [0.5, 0.25], 2).value < 0


@pytest.mark.slow
def test_nothing_needs_an_extra():
    """LIME and the random forest are there with a plain install."""
    code = """
import sys
for name in ("sklearn", "lime", "torch", "pandas"):
    sys.modules[name] = None
from cilens.paper.study import open_study
study = open_study(count=2)
assert study.forest(study.images[0][None]).shape == (1, 10)
assert study.limes[0].model_rows == 1000
"""
    subprocess.run([sys.executable, "-c", code], check=True)


# --- P12 ----------------------------------------------------------------------------------------


def test_how_often_methods_give_two_classes_the_same_segments():
    scores = (0.7, 0.3)
    alike = with_tables([[0.5, 0.3], [0.0, 0.0]], scores)
    apart = with_tables([[0.5, 0.0], [0.0, 0.3]], scores)
    nothing = with_tables([[0.0, 0.0], [0.0, 0.0]], scores)
    found = p12_contrasts.told_apart(
        [apart, apart, alike, apart], [alike, apart, alike, nothing], [alike, nothing]
    )
    told = {name: measured.value for name, measured in found.items()}
    assert told == {"lime": 0.5, "ours": 0.25, "point": 0.25, "forest": 0.5}
    assert (found["point"].images, found["forest"].images) == (4, 2)
    assert found["point"].interval == pytest.approx((0.0, 0.75))


def test_the_first_digit_that_lime_tells_nothing_apart_for_is_found(study):
    images = study.test[0]
    assert p12_contrasts.first_alike(study.model, images, [0, 18, 264, 1554]) == 264
    assert p12_contrasts.first_alike(study.model, images, [0, 18]) is None


# --- P15, P16 -----------------------------------------------------------------------------------


def test_distortions_are_other_ones_for_each_image(study):
    images = [study.images[0]] * 3
    explained = [study.explanations[0]] * 3
    line = p15_distortions.distorted(study.model, images, explained, "line")
    assert set(line) == {"class", "ink", "noise", "ranks"}
    assert line["ranks"].interval is not None
    shift = p15_distortions.distorted(study.model, images, explained, "shift")
    assert shift["noise"].value is None
    assert {
        m.value
        for m in p09_print.differences(
            study.model, p15_distortions.FIGURE_7, is_authors=False
        ).values()
    } == {None}


def test_segmentations_are_compared_by_the_same_numbers(study):
    cuts = p16_segmentations.segmenters()
    assert len(cuts) == 28
    images = list(study.images)
    found = p16_segmentations.segmentation(study.model, images, cuts["grid 3 × 3"])
    assert found["segments"].value == 9.0
    best, worst = ({"within": Measured(value, 5, 7)} for value in (0.75, 0.25))
    none = {"within": Measured(None)}
    spread = p16_segmentations.spread({"a": best, "b": worst, "c": none})
    assert spread[:3] == (0.5, 5, 14)
    assert spread.note == "best: a; worst: b; 2 segmentations"


# --- P9, P13, P19 -------------------------------------------------------------------------------


def test_a_wrong_score_in_a_figure_is_found(study):
    figure = figure_3(study)
    assert p09_print.printed(study.model, figure, AUTHORS)["printed"].value == 0.0
    axes = figure.axes[2 * len(AUTHORS)]  # what matters in the first of them
    axes.texts[0].set_text("2: 12.34 %")
    assert p09_print.printed(study.model, figure, AUTHORS)["printed"].value == 1.0
    shifted = (*AUTHORS[1:], AUTHORS[0])
    assert p09_print.printed(study.model, figure, shifted)["printed"].value > 3


def test_sentences_are_read_back(study):
    explanation = cilens.ContextualImportance.paper()(study.model, cilens.read_image("mnist:18"))
    found = p13_sentences.reasons([explanation])
    assert [measured.value for measured in found.values()] == [0.0, 0.0, 0.0]
    assert found["regions"].note == "of 8"
    assert int(found["numbers"].note.removeprefix("of ")) >= 3


def test_a_changed_sentence_is_found(study):
    explanation = cilens.ContextualImportance.paper()(study.model, cilens.read_image("mnist:18"))
    topic = about(explanation, kind="digit")
    text = why(topic)
    target, foil = explanation.influence[:, topic.target], explanation.influence[:, topic.foil]
    names = explanation.region_names
    right, named = p13_sentences.wrong_regions(text, names, target, foil)
    assert (right, named > 4) == (0, True)
    swapped = p13_sentences.wrong_regions(text, names, foil, target)
    assert swapped[0] > 0
    assert p13_sentences.wrong_shares("41 % and 3.2 %", [0.41, 0.0324]) == (0, 2)
    assert p13_sentences.wrong_shares("41 % and 3.3 %", [0.41, 0.0324]) == (1, 2)
    assert p13_sentences.wrong_shares("under 0.01 %", [0.00002]) == (0, 1)
    assert p13_sentences.wrong_shares("under 0.01 %", [0.0002]) == (1, 1)
    assert p13_sentences.wrong_shares("over 99.99 %", [0.99999]) == (0, 1)
    assert p13_sentences.wrong_shares("over 99.99 %", [0.9998]) == (1, 1)


def test_paragraphs_are_read_back(study):
    found, place, example = p13_sentences.paragraphs(study.model, study.explanations)
    assert place == np.argmin([e.scores.max() for e in study.explanations])
    assert found["numbers"].value == 0.0
    assert int(found["numbers"].note.removeprefix("of ")) > 50
    assert 60 < found["length"].value < 130
    assert example.startswith("The model reads this digit as")


# --- the authors' network -----------------------------------------------------------------------


@pytest.mark.slow
def test_the_goldens_of_the_authors_network(authors):
    case = p07_equations.case(authors.model, authors.golden, is_authors=authors.is_authors)
    assert case["golden"].value < 1e-5
    assert case["kept"].value == 0.0
    assert case["highlight"].value < 1e-5
    edits, mistake = (
        p09_print.differences(authors.model, wanted, is_authors=authors.is_authors)
        for wanted in (p15_distortions.FIGURE_7, p17_errors.PRINTED)
    )
    for name, measured in (edits | mistake).items():
        assert measured.value < 0.02, name
    assert len(edits | mistake) == 6


def test_the_goldens_are_printed_in_the_figures(authors):
    texts = {text.get_text() for ax in figure_7(authors).axes for text in ax.texts}
    assert {"2: 98.80 %", "3: 99.95 %", "1: 98.21 %"} <= texts
    texts = {text.get_text() for ax in figure_8(authors).axes for text in ax.texts}
    assert {"4: 51.46 %", "9: 19.01 %", "also 5: 19.28 %", "a 9, taken for a 4"} <= texts


def test_other_networks_have_no_goldens(study):
    wrong = p09_print.differences(study.model, p17_errors.PRINTED, is_authors=True)
    assert max(measured.value for measured in wrong.values()) > 10
    wrong = p09_print.differences(study.model, p15_distortions.FIGURE_7, is_authors=True)
    assert max(measured.value for measured in wrong.values()) > 0.02
