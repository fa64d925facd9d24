"""Read a paragraph about a digit back, and hold each clause and number against the arrays.

Every sentence must be one of those known here, whole; so no number can pass unread.
"""

from __future__ import annotations

import re

import numpy as np

import reading_contrast
from reading import CLASS, LIST, SHARE, Facts, counted, share_is

DEGREES = {"not important": 0, "important": 1, "very important": 2, "highly important": 3}
SURENESS = {
    "unsure": (0, 0.6),
    "fairly sure": (0.6, 0.9),
    "sure": (0.9, 0.99),
    "almost certain": (0.99, 1.1),
}
ELSE = "would have to look different"
PLACED = r"region (\d+)( [a-z ]+?)?"
GIVEN = rf"(still )?(reads?) {CLASS} \((?:{CLASS} (at|falls to|rises to|stays at) )?{SHARE}\)"
HIDDEN = (
    r"Hidden one at a time, (\w+) of its (\w+) regions (lowers?) the score(?: of (\d))? "
    r"by 1 % or more"
)


def faults(text: str, facts: Facts) -> list[str]:
    """Return the sentences that are unknown or untrue."""
    sentences = re.split(r"(?<=\.) (?=[A-Z])", text)
    return [sentence for sentence in sentences if not true(sentence, KNOWN, facts)]


def true(text, known, facts) -> bool:
    for pattern, holds in known.items():
        if found := re.fullmatch(pattern, text):
            return bool(holds(facts, *found.groups()))
    return False


def opening(facts, predicted, sure, share, about, own):
    best = facts.scores.max()
    low, high = SURENESS[sure]
    return (
        int(predicted) == facts.predicted
        and low <= best < high
        and share_is(share, best)
        and (about is None) == (facts.target == facts.predicted)
        and (about is None or int(about) == facts.target)
        and (own is None or share_is(own, facts.scores[facts.target]))
    )


def regions(facts, number, total, verb, about, groups):
    rows, left, last = [], 0, 3
    for group in groups.split("; "):
        if found := re.fullmatch(r"(\w+) more (follows?)", group):
            left = counted(found[1])
            assert found[2] == ("follows" if left == 1 else "follow")
            continue
        items, be, degree, size = re.fullmatch(
            rf"(.*) (is|are) ({'|'.join(DEGREES)})(?: \({SHARE}\))?", group
        ).groups()
        split = re.split(r"(?:,| and) (?=region )", items)
        if (be == "is") != (len(split) == 1) or DEGREES[degree] > last:
            return False
        last = DEGREES[degree]
        rows += [item(facts, text, degree, size) for text in split]
    important = np.flatnonzero(facts.of_target >= facts.threshold)
    first = sorted(important, key=lambda row: -facts.importance[row])[: len(rows)]
    return (
        None not in rows
        and [facts.importance[row] for row in rows] == [facts.importance[row] for row in first]
        and (len(important) if number == "all" else counted(number)) == len(rows) + left
        and len(important) == len(rows) + left
        and (number == "all") == (len(important) == len(facts.importance))
        and counted(total) == len(facts.importance)
        and verb == ("lowers" if len(important) == 1 else "lower")
        and (about is None or int(about) == facts.target)
    )


def item(facts, text, degree, size):
    """Return the row of "region 3 at the top with 8 % of the ink (41 %)", or None if untrue."""
    name, where, ink, own = re.fullmatch(
        rf"region (\d+)( [a-z ]+?)?(?: with {SHARE} of the ink| without ink)(?: \({SHARE}\))?",
        text,
    ).groups()
    row = facts.explanation.region_names.index(name)
    value = facts.importance[row]
    right = (
        share_is(size or own, value)
        and min(int(4 * value), 3) == DEGREES[degree]
        and (share_is(ink, facts.ink[row]) if ink else facts.ink[row] == 0)
        and facts.lies(row, where)
    )
    return row if right else None


def no_region(facts, number, total, verb, about, spread):
    best = facts.of_target.max()
    return (
        (number, verb) == ("none", "lowers")
        and counted(total) == len(facts.of_target)
        and best < facts.threshold
        and bool(spread) == (best > 0)
        and (about is None or int(about) == facts.target)
    )


def strongest(facts, name, where, share):
    row = facts.row(name)
    return (
        row == facts.of_target.argmax()
        and 0 < facts.of_target[row] < facts.threshold
        and share_is(share, facts.of_target[row])
        and facts.lies(row, where)
    )


def without(facts, them, *read):
    check = facts.check
    wanted = "all of these" if check.added else "it" if n_important(facts) == 1 else "them"
    change = check.remainder_score - facts.scores[facts.target]
    return (
        them == wanted
        and read[1] == "reads"
        and read[4] in (None, "stays at", "falls to" if change < 0 else "rises to")
        and read_as(facts, *read, wanted=(check.remainder_predicted, check.remainder_score))
    )


def alone(facts, they, *read):
    one, check = n_important(facts) == 1, facts.check
    return (
        not check.added
        and (they, read[1]) == (("it", "reads") if one else ("they", "read"))
        and read[4] in (None, "at")
        and read_as(facts, *read, wanted=(check.predicted, check.score))
    )


def read_as(facts, still, verb, read, of, change, share, *, wanted):
    predicted, score = wanted
    return (
        int(read) == predicted
        and share_is(share, score)
        and (int(of) == facts.target if of else predicted == facts.target)
        and bool(change) == bool(of)
        and bool(still) == (predicted == facts.predicted)
    )


def added(facts, does, more, they, verb, read, share):
    check, one = facts.check, n_important(facts) == 1
    return (
        (does, they, verb) == (("it does", "it", "reads") if one else ("they do", "they", "read"))
        and check.added == (1 if more == "one" else counted(more))
        and enough(facts, read, share)
    )


def together(facts, number, verb, read, share):
    one = number is None
    return (
        facts.check.added == (1 if one else counted(number))
        and n_important(facts) == 0
        and (verb == "reads") == one
        and enough(facts, read, share)
    )


def enough(facts, read, share):
    check = facts.check
    return int(read) == check.predicted == facts.target and share_is(share, check.score)


def n_important(facts):
    return int((facts.of_target >= facts.threshold).sum())


def lacks(facts, foil, name, where, ink, again, before, after, wins, winner):
    missing, row = facts.missing, facts.row(name)
    mask = facts.explanation.regions[row][facts.explanation.segments]
    change = (missing.prototype - facts.explanation.image)[mask]
    more, less = change[change > 0].sum(), -change[change < 0].sum()
    wanted = "lacks ink" if more >= 2 * less else "has too much ink"
    then = int(missing.predicted[row])
    winners = foil if wins else winner
    return (
        int(foil) == int(again) == missing.foil
        and missing.gain[row] == missing.gain.max() >= facts.threshold
        and ink == (wanted if max(more, less) >= 2 * min(more, less) else ELSE)
        and share_is(before, facts.scores[missing.foil])
        and share_is(after, missing.scores[row])
        and (where is None or facts.lies(row, where))
        and (int(winners) == then if winners else then == facts.predicted)
    )


def lacks_nothing(facts, foil, again):
    right = int(foil) == int(again) == facts.missing.foil
    return right and facts.missing.gain.max() < facts.threshold


def changed(facts, name):
    check = facts.check
    right = int(name) == facts.target
    return right and not check.empty and check.predicted != facts.target == facts.predicted


def blank(facts, one, share, again):
    check = facts.check
    clear = check.blank_score >= 0.5 and check.blank_lead >= 0.1
    right = clear and int(one) == int(again) == facts.target == check.blank_predicted
    return right and share_is(share, check.blank_score)


def redundant(facts, all_, each):
    together = facts.scores[facts.target] - facts.check.blank_score
    apart = facts.of_target[facts.of_target > 0].sum()
    return (
        facts.check.blank_predicted != facts.target
        and share_is(all_, together)
        and share_is(each, apart)
        and apart < together / 2
        and together >= 0.25
    )


def sufficient_rest(facts):
    check = facts.check
    return not check.empty and check.remainder_predicted == facts.target != check.blank_predicted


KNOWN = {
    rf"The model reads this digit as {CLASS} and is ([a-z ]+) \({SHARE}\)"
    rf"(?:; this is about {CLASS}, which gets {SHARE})?\.": opening,
    rf"{HIDDEN}: (?!the evidence)(.*)\.": regions,
    rf"{HIDDEN}(: the evidence is spread)?\.": no_region,
    rf"The strongest is {PLACED} \({SHARE}\)\.": strongest,
    rf"Hide (it|them|all of these) and it {GIVEN}\.": without,
    rf"Shown alone, (it|they) {GIVEN}\.": alone,
    rf"Alone (it does|they do) not suffice; with the next (\w+), (it|they) (reads?) {CLASS} "
    rf"\({SHARE}\)\.": added,
    rf"The (?:(\w+) )?strongest (?:together|alone) still (reads?) {CLASS} \({SHARE}\)\.": together,
    rf"(Regions? [\w, ]+?) (speaks?) against {CLASS} \(by (up to )?{SHARE}\)\.": (
        lambda facts, rows, *rest: reading_contrast.against(facts, rows.lower(), *rest)
    ),
    rf"It is {CLASS}, because {LIST} (matters?) to {CLASS} and not to {CLASS}\.": (
        reading_contrast.because
    ),
    rf"It is not {CLASS} \((runner-up, )?{SHARE}\), because (.*?)"
    rf"(?:, although {LIST} (matters?) to it(?: and speaks? (against) {CLASS})?)?\.": (
        reading_contrast.because_not
    ),
    rf"For {CLASS}, {PLACED} (lacks ink|has too much ink|{ELSE}); with that of a prototype, "
    rf"{CLASS} rises from {SHARE} to {SHARE}(?: and (wins)|, and {CLASS} wins)?\.": lacks,
    rf"No region of a prototype of {CLASS}, put in alone, adds 1 % to {CLASS}\.": lacks_nothing,
    rf"What speaks for {CLASS} does not suffice for it alone\.": changed,
    rf"A blank image is {CLASS} too \({SHARE}\), so keeping {CLASS} proves little\.": blank,
    rf"Regions stand in for one another: hiding them takes {SHARE} together, {SHARE} one at a "
    r"time\.": redundant,
    r"The rest suffices too, so regions stand in for one another\.": sufficient_rest,
    r"A score this near its limit hides small effects\.": lambda facts: (
        facts.scores[facts.target] >= 0.999 and not n_important(facts)
    ),
    r"To learn more, try another cut\.": lambda facts: not n_important(facts),
}
