"""What the arrays of an explanation say, for tests that read its words back.

Nothing of `cilens.text` is used here.
"""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from cilens.explanation import Explanation
from cilens.followup.highlight import HighlightCheck
from cilens.followup.missing import Missing
from cilens.methods import ContextualImportance
from cilens.segmentation import Grid

SMALL = re.findall(r"\w+", "no one two three four five six seven eight nine ten eleven twelve")
LIST = r"(regions? [\w, ]+?)"
SHARE = r"((?:just under |just over |under |over )?[\d.]+ %)"
CLASS = r"(\d)"
TOP = ("in the upper", "at the top", "at the upper", "along the top")
BOTTOM = ("in the lower", "at the bottom", "at the lower", "along the bottom")


def share_is(text: str, value: float) -> bool:
    """Tell whether a printed share is right to its last digit, and on its side of what it names."""
    prefix, number = re.fullmatch(r"(\D*)([\d.]+) %", text).groups()
    shown, unit = float(number) / 100, 10.0 ** -len(number.partition(".")[2]) / 100
    if prefix in ("under ", "just under "):
        return shown - 1.1e-4 < value < shown
    if prefix in ("over ", "just over "):
        return shown < value < shown + 1.1e-4
    exact = shown in (0.0, 1.0)
    return value == shown if exact else abs(value - shown) <= unit / 2 + 1e-12


def counted(word: str) -> int:
    return SMALL.index(word) if word in SMALL else int(word)


@dataclasses.dataclass
class Facts:
    """What the arrays say about target and foil."""

    explanation: Explanation
    target: int
    foil: int
    check: HighlightCheck | None = None
    missing: Missing | None = None
    threshold: float = 0.01

    def __post_init__(self) -> None:
        e = self.explanation
        self.of_target, self.of_foil = e.influence[:, self.target], e.influence[:, self.foil]
        self.scores, self.importance = e.scores, e.importance[:, self.target]
        self.predicted, self.runner_up = np.argsort(-e.scores, kind="stable")[:2]
        pixels = e.image.sum(axis=2, dtype=float)
        self.ink = [pixels[region[e.segments]].sum() / pixels.sum() for region in e.regions]

    @property
    def pair(self) -> tuple[int, int]:
        """The class that it is and the one that it is not, of target and foil."""
        if self.scores[self.foil] > self.scores[self.target]:
            return self.foil, self.target
        return self.target, self.foil

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Influence on the class that it is and on the one that it is not."""
        it_is, it_is_not = self.pair
        return self.explanation.influence[:, it_is], self.explanation.influence[:, it_is_not]

    def row(self, name: str) -> int:
        return self.explanation.region_names.index(name)

    def named(self, text, which, order, verb=None) -> bool:
        """Tell whether a list names the regions that are True, in order, and counts the rest."""
        names = re.findall(r"\d+(?! more)", text)
        more = re.search(r"(\w+) more", text)
        rows = np.flatnonzero(which)
        wanted = sorted(order[rows])[: len(names)]
        return (
            len(names) + (counted(more[1]) if more else 0) == len(rows) > 0
            and [order[self.row(name)] for name in names] == wanted
            and all(which[self.row(name)] for name in names)
            and text.startswith("region ") == (len(rows) == 1)
            and (verb is None or verb.endswith("s") == (len(rows) == 1))
        )

    def lies(self, row: int, where: str | None) -> bool:
        """Tell whether a place fits the third of the image that the region's mean is in."""
        if where is None or where == " with most of the stroke":
            return self.ink[row] >= 0.75
        centre = self.explanation.centroids()[row]
        height, width = (int(3 * (at + 0.5) / 28) for at in centre)
        up, down = (where[1:].startswith(words) for words in (TOP, BOTTOM))
        if where.startswith((" down", " across")):
            return True  # long regions: see the tests of places
        across = "along" in where or ("left" in where, "right" in where) == (width == 0, width == 2)
        return (up, down) == (height == 0, height == 2) and across


def with_tables(influence, scores, **changes):
    """Return an explanation that has this influence, its regions side by side."""
    influence, n_regions = np.array(influence, dtype=float), len(influence)
    e = ContextualImportance(Grid(rows=1, columns=n_regions))(
        lambda images: np.tile(scores, (len(images), 1)), np.ones((4, 4 * n_regions, 1))
    )
    changes = {"importance": np.abs(influence), "influence": influence, **changes}
    return dataclasses.replace(e, **changes)
