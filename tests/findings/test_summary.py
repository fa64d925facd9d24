"""Several images in five lines, each of which can be counted by hand."""

from __future__ import annotations

import cilens
from cilens.findings.examine import prepare
from cilens.findings.request import Request
from cilens.findings.summary import Glance, glance, summary


def test_each_line_counts() -> None:
    kinds = ["cat"] * 3 + ["dog"] * 2 + ["hen", "cow", "pig", "ass"]
    made = [
        Glance(f"{i}.png", kind, i / 10, f"{10 * i} %", "at the top" if i % 3 else "", i > 1, i > 5)
        for i, kind in enumerate(kinds)
    ]
    assert summary(made, failed=2) == (
        "9 images explained, 2 failed",
        "Predicted: cat (3), dog (2), hen (1), cow (1), pig (1), 1 more",
        "Scores: highest 80 % (ass, 8.png), lowest 0 % (cat, 0.png)",
        "Strongest regions: at the top (6), none that is sure (3)",
        "Highlights: 7 of 9 alone still give the class; without them 3 of 9 give another",
    )


def test_a_glance_at_a_shortcut() -> None:
    examiner = prepare(Request(["shapes:circle-with-tag"], "shapes"))
    found = examiner.examine("tagged", cilens.read_image("shapes:circle-with-tag"))
    seen = glance(found)
    assert (seen.source, seen.name, seen.where) == ("tagged", "square", "in the upper right corner")
    assert (seen.sufficient, seen.necessary) == (True, True)
    assert seen.score > 0.99
    stricter = found._replace(check=found.check._replace(threshold=0.999))
    assert glance(stricter).where == ""
