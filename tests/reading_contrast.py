"""Read sentences about two classes back: why it is the one and not the other."""

from __future__ import annotations

import re

import numpy as np

from reading import CLASS, LIST, SHARE, Facts, share_is


def against(facts: Facts, rows, verb, name, up, size) -> bool:
    influence = facts.explanation.influence[:, int(name)]
    which = influence <= -facts.threshold
    return (
        facts.named(rows, which, influence, verb)
        and bool(up) == (which.sum() > 1)
        and share_is(size, -influence.min())
    )


def because(facts: Facts, name, rows, verb, one, other) -> bool:
    (it_is, it_is_not), (ours, theirs) = facts.pair, facts.sides
    which = (ours >= facts.threshold) & (theirs < facts.threshold)
    return (
        int(name) == int(one) == it_is == facts.predicted
        and int(other) == it_is_not
        and facts.named(rows, which, theirs - ours, verb)
    )


def because_not(facts: Facts, name, second, share, reasons, left, verb, also, one) -> bool:
    (it_is, it_is_not), (ours, theirs) = facts.pair, facts.sides
    more = (ours >= facts.threshold) & (theirs >= facts.threshold)
    more &= ours - theirs >= facts.threshold
    conceded = (theirs >= facts.threshold) & ~more
    split = re.split(r"(?:,| and) (?=no region|regions? \d+[^;]*? (?:speak|matter))", reasons)
    return (
        int(name) == it_is_not
        and bool(second) == (it_is_not == facts.runner_up)
        and share_is(share, facts.scores[it_is_not])
        and ("no region matters to it" in split) == bool((theirs < facts.threshold).all())
        and all(reason(facts, text, more) for text in split)
        and (facts.named(left, conceded, -theirs, verb) if left else not conceded.any())
        and (not also or (int(one) == it_is and (ours[conceded] <= -facts.threshold).all()))
    )


def reason(facts: Facts, text: str, more: np.ndarray) -> bool:
    (it_is, it_is_not), (ours, theirs) = facts.pair, facts.sides
    if found := re.fullmatch(rf"{LIST} (speaks?) against it \(by (up to )?{SHARE}\)", text):
        rows, verb, up, size = found.groups()
        return against(facts, rows, verb, it_is_not, up, size)
    if found := re.fullmatch(rf"{CLASS} gets more \({SHARE}\)", text):
        return int(found[1]) == it_is and share_is(found[2], facts.scores[it_is])
    shares = rf"{CLASS}(?: \({SHARE}\))?"
    if found := re.fullmatch(rf"{LIST} (matters?) more to {shares} than to {shares}", text):
        rows, verb, one, to_one, other, to_other = found.groups()
        single = more.sum() == 1
        return (
            facts.named(rows, more, theirs - ours, verb)
            and (int(one), int(other)) == (it_is, it_is_not)
            and (to_one is not None) == (to_other is not None) == single
            and (not single or share_is(to_one, ours[more][0]))
            and (not single or share_is(to_other, theirs[more][0]))
        )
    return text == "no region matters to it" and bool((theirs < facts.threshold).all())
