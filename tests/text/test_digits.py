"""Paragraphs about real digits, read back: every number and every claim is the arrays'."""

from __future__ import annotations

import re

import numpy as np
import pytest

import cilens
from cilens.datasets.mnist import load_mnist
from cilens.followup.highlight import check_highlight
from cilens.followup.missing import find_missing, mean_prototype
from cilens.methods import ContextualImportance
from cilens.scoring import score_images
from cilens.scoring.explain import explain_each
from cilens.text import about, because, because_not, describe
from cilens.text.english import length
from paragraphs import faults, true
from reading import Facts

ORDINARY, ALL = 110, 220


@pytest.fixture(scope="module")
def paragraphs():
    """Describe the first digits and the next unsure or wrong ones, with and without more rows."""
    digits, labels = load_mnist("test")
    images = digits[..., None].astype(np.float32) / np.float32(255)
    model = cilens.load_model("digits")
    scores = np.stack(list(score_images(model, images[:2000], batch_size=256)))
    hard = (scores.max(axis=1) < 0.95) | (scores.argmax(axis=1) != labels[:2000])
    hard[:ORDINARY] = True
    chosen = np.flatnonzero(hard)[:ALL]
    others = images[5000:], labels[5000:]
    prototypes = [mean_prototype(*others, label) for label in range(10)]
    found = []
    for e in explain_each(ContextualImportance.paper(), model, images[chosen]):
        check = check_highlight(model, e) if len(found) % 7 else None
        missing = find_missing(model, e, prototypes[e.runner_up]) if len(found) % 3 else None
        text = e.describe(check, missing=missing, kind="digit")
        found.append((text, Facts(e, e.predicted, e.runner_up, check, missing)))
    assert len(found) == ALL
    return model, found


def test_every_number_and_claim_is_the_arrays(paragraphs):
    _, found = paragraphs
    wrong = [(text, faults(text, facts)) for text, facts in found if faults(text, facts)]
    assert not wrong, wrong[:3]


def test_every_kind_of_sentence_was_met(paragraphs):
    _, found = paragraphs
    everything = " ".join(text for text, _ in found)
    for words in (
        "highly important", "very important", "is important", "not important", "and is unsure",
        "none of its", "more follow", "they still read", "speak against", "It is not",
        "and not to", "because no region matters to it",
        "matters more to", "although region", "lacks ink", "has too much ink",
        "would have to look different", "and wins", "put in alone", "the evidence is spread",
        "does not suffice", "A blank image is 1 too", "stand in for one another",
        "To learn more, try another cut",
        "under 0.01 %", "over 99.99 %",
    ):  # fmt: skip
        assert words in everything, words


def test_it_is_about_120_words_at_most(paragraphs):
    _, found = paragraphs
    ordinary, hard = (
        np.array([length(text) for text, _ in part])
        for part in (found[:ORDINARY], found[ORDINARY:])
    )
    assert (ordinary <= 120).mean() >= 0.95
    assert (hard <= 120).mean() >= 0.7
    assert max(ordinary.max(), hard.max()) <= 135
    alone = [length(facts.explanation.describe(kind="digit")) for _, facts in found]
    assert max(alone) <= 120


def test_every_region_that_lacks_something_has_a_place(paragraphs):
    _, found = paragraphs
    for text, _ in found:
        for name in re.findall(r"For \d, region (\d+) (?:lacks|has|would)", text):
            assert re.search(rf"region {name} (?:in|at|on|with|along|across|down) ", text), text


def test_english_is_plain(paragraphs):
    _, found = paragraphs
    for text, _ in found:
        assert not re.search(r"\(s\)|  | ,|\(\)|\.\.|;\.|\bNone\b|nan", text), text
        assert not re.search(r"\bone \w+ more follow\b|\bregions \d+ [a-z]", text.split(". ")[1])
        assert text.endswith(".")
        assert text.count("(") == text.count(")")


def test_nothing_is_said_of_typicality_with_one_perturbation(paragraphs):
    _, found = paragraphs
    assert not any("typical" in text or "utility" in text for text, _ in found)


def test_a_changed_number_or_word_is_found(paragraphs):
    """The reader is worth something only if it can say no."""
    _, found = paragraphs
    rng = np.random.default_rng(0)
    for text, facts in found[:: len(found) // 25]:
        spots = [m for m in re.finditer(r"\d+(?:\.\d+)?", text) if not known(text, m)]
        for spot in spots:
            number = spot[0]
            digit = int(rng.integers(len(number.replace(".", ""))))
            changed = list(number)
            place = [at for at, sign in enumerate(number) if sign != "."][digit]
            changed[place] = str((int(number[place]) + int(rng.integers(1, 10))) % 10)
            spoilt = text[: spot.start()] + "".join(changed) + text[spot.end() :]
            assert complains(spoilt, facts), spoilt
        for one, other in (
            ("highly", "very"), ("almost certain", "sure"), ("lacks ink", "has too much ink"),
            ("no region", "every region"), ("it still reads", "it reads"), ("runner-up, ", ""),
            ("speaks against it", "matters to it"), ("one of its", "two of its"),
        ):  # fmt: skip
            if one in text:
                assert complains(text.replace(one, other, 1), facts), (one, text)


def known(text, spot):
    """Tell whether a number is the threshold or the bound of "under 0.01 %", and no measurement."""
    before = text[: spot.start()]
    return before.endswith((" by ", "adds ")) and text[spot.end() :].startswith((" % or", " % to"))


def complains(text, facts):
    try:
        return bool(faults(text, facts))
    except (AssertionError, AttributeError, IndexError, ValueError):
        return True  # what names a region that is not there, or cannot be read at all


def test_short_forms_hold_for_every_pair(paragraphs):
    """Target and foil need not be the predicted class and the runner-up."""
    _, found = paragraphs
    for _, facts in found[::5]:
        e = facts.explanation
        for foil in set(range(10)) - {e.predicted}:
            topic, pair = about(e, foil=foil, kind="digit"), Facts(e, e.predicted, foil)
            assert not (because(topic) and faults(because(topic), pair)), because(topic)
            ours, theirs = e.influence[:, [e.predicted, foil]].T >= 0.01
            assert bool(because(topic)) == (ours & ~theirs).any()
            assert not faults(because_not(topic), pair), because_not(topic)
            swapped = about(e, foil, e.predicted, kind="digit")
            assert because(swapped) == because(topic)
            assert because_not(swapped) == because_not(topic)
            matters = (e.influence[:, foil] >= 0.01).any()
            assert ("no region matters to it" in because_not(topic)) != matters


def test_another_class_than_the_predicted_one_is_described_as_such(paragraphs):
    model, found = paragraphs
    for _, facts in found[::10]:
        e = facts.explanation
        check = check_highlight(model, e, target=e.runner_up)
        text = e.describe(check, target=e.runner_up, kind="digit")
        assert f"; this is about {e.runner_up}, which gets " in text
        assert faults(text, Facts(e, e.runner_up, e.predicted, check)) == []


def test_sentences_are_whole(paragraphs):
    """A sentence that is only half known is not known."""
    _, found = paragraphs
    text, facts = found[1]
    assert faults(text, facts) == []
    assert faults(text.replace("Hide", "Hide, 7 times:"), facts)
    assert not true("", {}, facts)


def test_describe_is_the_function(paragraphs):
    _, found = paragraphs
    text, facts = found[0]
    e = facts.explanation
    assert text == describe(about(e, kind="digit", check=facts.check), facts.missing)
