"""What stands in the rows, for an image whose numbers can be written down."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cilens import Constant, ContextualImportance, Grid
from cilens.findings.finding import Finding
from cilens.followup.highlight import check_highlight
from cilens.runs import rows
from cilens.runs.plan import Task
from cilens.runs.schema import IMAGES, REGIONS
from cilens.runs.work import Outcome


@pytest.fixture
def outcome(corner_model: Any) -> Outcome:
    """Return what comes of a 4 x 4 image in four parts, white on the left and grey on the right."""
    image = np.ones((4, 4, 1))
    image[:, 2:] = 0.5
    method = ContextualImportance(Grid(2, 2), (Constant(0.0),))
    explanation = method(corner_model, image)
    check = check_highlight(corner_model, explanation)
    found = Finding("corner", "model", explanation, check, 0.0)
    return Outcome(Task(5, "corner", 0), "abc", (10, 20), found, None, 0.25)


def table(outcome: Outcome, top: int = 1) -> list[dict[str, Any]]:
    columns: rows.Rows = {name: [] for name in REGIONS}
    rows.add_regions(columns, outcome, top)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def image_row(outcome: Outcome, more: dict[str, object] | None = None) -> dict[str, Any]:
    columns: rows.Rows = {name: [] for name in (*IMAGES, *(more or {}))}
    rows.add_image(columns, outcome, (), more or {})
    return {name: value for name, (value,) in columns.items()}


def test_the_row_of_an_image(outcome: Outcome) -> None:
    row = image_row(outcome, {"ward": "A"})
    assert (row["index"], row["id"], row["image"], row["error"]) == (5, "abc", "corner", None)
    assert (row["label"], row["label_name"], row["correct"]) == (0, "0", False)
    assert (row["predicted"], row["score"], row["runner_up"]) == (1, 1.0, 0)
    assert row["scores"] == [0.0, 1.0]
    assert (row["regions"], row["important"], row["highlight_area"]) == (4, 1, 0.25)
    assert (row["highlight_score"], row["remainder_score"]) == (1.0, 0.0)
    assert (row["height"], row["width"], row["bytes"], row["modified"]) == (4, 4, 10, 20)
    assert (row["seconds"], row["asked"], row["ward"]) == (0.25, None, "A")


def test_a_row_for_each_region_of_the_target_the_best_and_the_label(outcome: Outcome) -> None:
    found = table(outcome)
    assert [(row["class"], row["region"]) for row in found] == [
        (kept, region) for kept in (1, 0) for region in range(4)
    ]
    first, second = found[0], found[1]
    assert (first["influence"], first["importance"], first["low"], first["high"]) == (1, 1, 0, 1)
    assert (first["important"], first["highlight"], first["is_target"]) == (True, True, True)
    assert (second["influence"], second["important"], second["highlight"]) == (0, False, False)
    assert first["margin"] is None
    assert (first["row"], first["column"]) == (0.25, 0.25)
    assert [second[name] for name in ("top", "left", "bottom", "right")] == [0, 0.5, 0.5, 1]
    assert (first["colour"], second["colour"]) == ([1.0], [0.5])
    assert not found[4]["is_target"]


def test_a_class_beyond_the_range_is_not_kept(outcome: Outcome) -> None:
    assert outcome.finding is not None
    found = outcome.finding
    beyond = Explained(found.explanation, ((0, 1.5),))
    kept = table(outcome._replace(finding=found._replace(explanation=beyond)), top=2)
    assert {row["class"] for row in kept} == {1}


class Explained:
    """An explanation of which some classes left the output range."""

    def __init__(self, explanation: Any, outside: tuple[tuple[int, float], ...]) -> None:
        self._explanation, self.outside = explanation, outside

    def __getattr__(self, name: str) -> Any:
        return getattr(self._explanation, name)


def test_a_failure_has_its_error_and_no_regions(outcome: Outcome) -> None:
    failed = outcome._replace(finding=None, error="no image", id=None)
    row = image_row(failed)
    assert (row["error"], row["index"], row["label"]) == ("no image", 5, 0)
    assert row["predicted"] is row["scores"] is row["correct"] is None
    assert table(failed) == []
