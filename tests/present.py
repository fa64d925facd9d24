"""Models that only see which regions are there, for closed-form tests of what is asked of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import made
from cilens.explanation import Explanation


class Present:
    """A model given as a function of which cells of a grid are there; it remembers them."""

    def __init__(self, influence, rule, **settings) -> None:
        """Take the influence that an explanation reports, and (rows, cells) bool to scores."""
        whole = np.ones((1, len(influence)), dtype=bool)
        self.rule, self.asked = rule, []
        scores = rule(whole)[0]
        found = made.explanation(influence, **settings)
        table = np.repeat(np.asarray(influence, dtype=float)[:, None], len(scores), axis=1)
        tables = dict.fromkeys(("low", "high", "importance", "utility"), np.abs(table))
        self.explanation: Explanation = replace(
            found,
            image=np.ones_like(found.image),
            scores=scores,
            output_range=np.repeat(found.output_range[:, :1], len(scores), axis=1),
            influence=table,
            **tables,
        )

    @property
    def rows(self) -> int:
        """How many images it was asked about."""
        return len(self.asked)

    def __call__(self, images):
        """Find out what is there, and answer."""
        cells = np.arange(len(self.explanation.labels))
        inside = self.explanation.segments.ravel() == cells[:, None]
        there = images[..., 0].reshape(len(images), -1) @ inside.T > 0
        self.asked += [tuple(row) for row in there.tolist()]
        return self.rule(there)


def two(score):
    """Return the scores of "something else" (class 0) and of the target (class 1)."""
    return np.stack([1 - score, score], axis=1)
