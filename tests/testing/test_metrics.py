"""The contract of metrics: each promise can be broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from cilens.methods import ContextualImportance
from cilens.segmentation import Grid
from cilens.testing import check_metric


@dataclass
class Spoiled:
    """A metric that asks one model row, spoiled in one place."""

    spoil: str = ""
    calls: int = 0

    @property
    def better(self):
        return {"size": {"direction": "bigger"}.get(self.spoil, "higher")}

    def __call__(self, model, explanation, /, target=None, *, method=None, progress=None):
        self.calls += self.spoil == "repeat"
        model(explanation.image[None])
        if progress is not None and self.spoil != "progress":
            progress(1)
        index = explanation.target(1 - explanation.predicted if target is None else target)
        index = explanation.target(target) if self.spoil != "default" else index
        number = {"nan": np.nan}.get(self.spoil, float(explanation.scores[index]) + self.calls)
        return {"name": number} if self.spoil == "name" else {"size": number}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("direction", "must say of each number whether higher or lower is better"),
        ("name", r"must give the numbers it names, \['size'\]; got \['name'\]"),
        ("nan", "must give finite numbers, or None"),
        ("progress", "must tell its model rows: 1 were asked, progress was told 0"),
        ("repeat", "must judge the predicted class by default, every time alike"),
        ("default", "must judge the predicted class by default, every time alike"),
        ("", "must be frozen"),
    ],
)
def test_check_metric_fails(spoil, message):
    with pytest.raises(AssertionError, match=message):
        check_metric(Spoiled(spoil), ContextualImportance(Grid(2, 2)))
