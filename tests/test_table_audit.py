"""An audit in words: verdicts against controls, warnings with their reason, eight lines."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

import made
from cilens.followup.audit import Again, Audited, Flipped, Hidden
from cilens.perturbation import Constant
from cilens.table import audit_record, audit_table
from cilens.text import about
from cilens.text.audit import audit_warning, edges_verdict, random_verdict, verdict

NAMES = ("cat", "dog", "conch", "American Staffordshire terrier, pit bull terrier")
ASKED = "perturbation constant:value=0, output range 0 … 1; 272 more model rows"
LOSS = "a loss may come of hiding itself"
BLANK = "the blank image is conch (70.0 %)"
EXPLANATION = made.explanation(
    [0.3, 0.2], scores=(0.1, 0.8, 0.06, 0.04), class_names=NAMES, shape=(8, 8, 1)
)
TOPIC = about(EXPLANATION)


def audited(**changes) -> Audited:
    found = Audited(
        target=1,
        perturbation=Constant(0.0),
        steps=20,
        output_range=(0.0, 1.0),
        own=Flipped(0.707, 0.812, 0.105),
        edges=Flipped(0.497, 0.698, 0.201),
        random=Flipped(0.0, 0.4, 0.4),
        chance=0.12,
        influences=0.981,
        difference=0.998,
        hidden=Hidden(0, 0.4, True, 2, 0.194),
        again=(Again("segments", 0.93, 0.12, 10), Again("noise", -0.382, 0.03, 9)),
        judge_rows=253,
    )
    return found._replace(**changes)


def printed(found, width=80, fill="constant:value=0") -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(audit_table(TOPIC, found, fill))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_block():
    assert printed(audited(), 110) == [
        "Audit      It holds: what it names decides, beyond edges and chance.",
        "              SRG  deletion  insertion  SRG: insertion less deletion, best high",
        "this        0.707     0.105      0.812  chance alone comes as far as 0.12",
        "edges       0.497     0.201      0.698  better than an edge detector by 0.21",
        "random      0.000     0.400      0.400  better than chance by 0.71",
        "sum        regions add up to 98 %, the blank image loses 99.8 %: gap −1.7 %",
        "hidden     no unrelated class above conch (19.4 %); blank: cat (40.0 %)",
        "stability  rank correlation 0.93 (segments), −0.38 (noise); change up to 12 %",
        f"asked      20 steps, {ASKED}, 19 for stability",
    ]


def test_only_the_last_line_breaks_in_eighty_columns():
    lines = printed(audited())
    assert len(lines) == 10
    assert lines[-1].startswith(" " * 11)


@pytest.mark.parametrize(
    ("srg", "chance", "words"),
    [
        (0.707, 0.12, "better than an edge detector by 0.21"),
        (0.397, 0.05, "worse than an edge detector by 0.10"),
        (0.607, 0.12, "no better and no worse than an edge detector"),
        (0.501, 0.0, "no better and no worse than an edge detector"),  # by 0.00
    ],
)
def test_verdicts(srg, chance, words):
    assert edges_verdict(TOPIC, audited(own=Flipped(srg, 0.8, 0.1), chance=chance)) == words


ONE = about(made.explanation([0.78, 0.02], scores=(0.1, 0.8, 0.06, 0.04), class_names=NAMES))


@pytest.mark.parametrize(
    ("topic", "changes", "words"),
    [
        (TOPIC, {}, "It holds: what it names decides, beyond edges and chance."),
        (TOPIC, {"chance": 0.3}, "It holds against chance, but an edge detector does as well."),
        (TOPIC, {"chance": 0.9}, "It cannot be told: on this image, chance comes as far."),
        (TOPIC, {"own": Flipped(0.3, 0.6, 0.3)}, "Do not rely on it: an edge detector finds"),
        (TOPIC, {"own": Flipped(-0.3, 0.3, 0.6)}, "Do not rely on it: an edge detector finds"),
        (ONE, {"chance": 0.9}, "It holds: region 0 decides alone."),
        (ONE, {"chance": 0.9, "own": Flipped(0.7, 1.1, 0.4)}, "It cannot be told: on this image"),
    ],
)
def test_the_audit_begins_with_a_verdict(topic, changes, words):
    assert verdict(topic, audited(**changes)).startswith(words)


def test_a_shortcut_in_one_region_is_not_said_to_be_an_edge_detectors_work():
    said = edges_verdict(ONE, audited(own=Flipped(0.7, 0.8, 0.1), chance=0.9))
    assert said == "one region decides: there is no order to judge"


def test_verdict_beside_chance():
    assert random_verdict(TOPIC, audited()) == "better than chance by 0.71"
    assert (
        random_verdict(TOPIC, audited(own=Flipped(0.1, 0.5, 0.4)))
        == "no better and no worse than chance"
    )


@pytest.mark.parametrize(
    ("hidden", "words"),
    [
        (Hidden(0, 0.4, True, 2, 0.194), ""),
        (
            Hidden(0, 0.4, True, 2, 0.62),
            f"half-hidden images are mostly conch (62.0 %), which is unrelated: {LOSS}",
        ),
        (
            Hidden(3, 0.7, True, 2, 0.1),
            f"the blank image is American Staffordshire … (70.0 %): {LOSS}",
        ),
        (Hidden(1, 0.7, True, None, None), "the blank image is dog (70.0 %): keeping the class "),
        (
            Hidden(2, 0.7, True, 2, 0.6),
            f"half-hidden images are mostly conch (60.0 %), which is unrelated, and {BLANK}",
        ),
    ],
)
def test_warnings_say_why(hidden, words):
    said = audit_warning(TOPIC, audited(hidden=hidden))
    assert said.startswith(words)
    assert bool(said) == bool(words)
    lines = " ".join(" ".join(printed(audited(hidden=hidden))).split())
    assert (f"hidden Warning: {words}" in lines) == bool(words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"influences": None}, "regions overlap, and have no sum to hold against it; the blank"),
        ({"difference": -0.25}, "the blank image gains 25 %: gap +123 %"),
        ({"hidden": Hidden(0, 0.7, False, None, None)}, "does not apply: the scores are no prob"),
        ({"hidden": Hidden(0, 0.4, True, None, None)}, "hidden blank: cat (40.0 %)"),
        ({"again": ()}, "stability not asked: it takes the method"),
        ({"again": ()}, "253 more model rows"),
        ({"again": (Again("noise", None, None, 0),)}, "rank correlation none (noise) asked"),
        ({"output_range": (-20.0, 20.0)}, "output range −20 … 20"),
        ({"own": Flipped(-1234.5, 0.0, 1234.5)}, "this −1234"),
        ({"own": Flipped(-0.0001, 0.0, 0.0)}, "this 0.000"),
    ],
)
def test_what_else_is_said(changes, words):
    assert words in " ".join(" ".join(printed(audited(**changes))).split())


def test_without_a_name_the_fill_is_as_python_prints_it():
    assert repr(Constant(0.0)) in " ".join(printed(audited(), 200, None))


def test_the_record_is_json():
    found = audited()
    record = audit_record(TOPIC, found)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["own"] == {"srg": 0.707, "lif": 0.812, "mif": 0.105}
    assert record["verdicts"]["edges"] == "better than an edge detector by 0.21"
    assert record["completeness"]["gap"] == pytest.approx(-0.017)
    assert record["stability"]["segments"] == {
        "rank_correlation": 0.93,
        "max_difference": 0.12,
        "model_rows": 10,
    }
    assert (record["judge_rows"], record["model_rows"]) == (253, 272)
    assert record["perturbation"] == repr(Constant(0.0))
    assert record["warning"] == ""
