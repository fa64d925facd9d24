"""From what came of an image to rows of the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from cilens.explanation import Explanation
from cilens.findings.finding import Finding
from cilens.findings.record import asked_for
from cilens.printable import printable
from cilens.runs.store import Rows
from cilens.runs.work import Outcome


def add_image(
    columns: Rows, outcome: Outcome, names: tuple[str, ...], more: Mapping[str, object]
) -> None:
    """Add the row of an image.

    Parameters
    ----------
    columns : dict of list
        Those of the images, and of what the user's table has beside.
    outcome : Outcome
        What came of it.
    names : tuple of str
        Of the model's classes.
    more : mapping of str
        What the user's table says of it.
    """
    task, known = outcome.task, outcome.task.label
    size, modified = outcome.stamp or (None, None)
    row: dict[str, object] = {
        "index": task.index,
        "id": outcome.id,
        "image": task.source,
        "error": outcome.error,
        "label": known,
        "label_name": None if known is None else _name(names, known),
        "seconds": outcome.seconds,
        "bytes": size,
        "modified": modified,
        **more,
    }
    if outcome.finding is not None:
        row |= _found(outcome.finding, known)
    for name, values in columns.items():
        values.append(row.get(name))


def add_regions(columns: Rows, outcome: Outcome, top: int) -> None:
    """Add a row for each region and kept class.

    Parameters
    ----------
    columns : dict of list
        Those of the regions.
    outcome : Outcome
        What came of the image; nothing is added where it failed.
    top : int
        How many of the best classes are kept.
    """
    found = outcome.finding
    if found is None:
        return
    explanation, check = found.explanation, found.check
    shared = _shared(found)
    for index in _classes(found, outcome.task.label, top):
        count = len(explanation.regions)
        margin = explanation.margin
        rows: Rows = shared | {
            "index": [outcome.task.index] * count,
            "id": [outcome.id] * count,
            "class": [index] * count,
            "class_name": [explanation.class_name(index)] * count,
            "is_target": [index == check.target] * count,
            "margin": [None] * count if margin is None else margin[:, index].tolist(),
            "sure": explanation.sure(index).tolist(),
            "important": explanation.important(index, check.threshold).tolist(),
        }
        for name in ("importance", "utility", "influence", "low", "high"):
            rows[name] = getattr(explanation, name)[:, index].tolist()
        for name, values in columns.items():
            values.extend(rows[name])


def _found(found: Finding, label: int | None) -> dict[str, object]:
    """Return what the row of an explained image says."""
    explanation, check, asked = found.explanation, found.check, asked_for(found)
    row: dict[str, object] = {
        "correct": None if label is None else label == explanation.predicted,
        "scores": explanation.scores.tolist(),
        "height": explanation.segments.shape[0],
        "width": explanation.segments.shape[1],
        "regions": len(explanation.regions),
        "important": int(explanation.important(check.target, check.threshold).sum()),
        "highlight_area": check.area,
        "highlight_score": check.score,
        "highlight_predicted": check.predicted,
        "remainder_score": check.remainder_score,
        "remainder_predicted": check.remainder_predicted,
        "blank_score": check.blank_score,
        "blank_predicted": check.blank_predicted,
        "method": explanation.method,
        "computed_by": explanation.computed_by,
        "model_rows": explanation.model_rows,
        "check_rows": check.model_rows,
        "asked": json.dumps(asked) if asked else None,
    }
    named = {
        "predicted": (explanation.predicted, "score"),
        "runner_up": (explanation.runner_up, "runner_up_score"),
        "target": (check.target, "target_score"),
    }
    for name, (index, score) in named.items():
        if index is not None:
            row[name], row[f"{name}_name"] = index, explanation.class_name(index)
            row[score] = float(explanation.scores[index])
    return row


def _classes(found: Finding, label: int | None, top: int) -> list[int]:
    """Return the classes that are kept: none whose scores left the output range."""
    explanation = found.explanation
    best = np.argsort(-explanation.scores, kind="stable")[:top].tolist()
    foil = None if found.contrast is None else found.contrast.foil
    wanted = dict.fromkeys([found.check.target, *best, label, foil])
    outside, count = dict(explanation.outside), len(explanation.scores)
    return [one for one in wanted if one is not None and one < count and one not in outside]


def _shared(found: Finding) -> Rows:
    """Return what is the same for all classes."""
    explanation, kept = found.explanation, found.check.kept
    boxes, colours = _boxes(explanation), _colours(explanation)
    names = range(len(explanation.regions))
    row, column = ((explanation.centroids() + 0.5) / explanation.segments.shape).T.tolist()
    return {
        "region": list(names),
        "name": [explanation.region_name(one) for one in names],
        "highlight": (~(explanation.regions & ~kept).any(axis=1)).tolist(),
        "area": explanation.areas().tolist(),
        "row": row,
        "column": column,
        "colour": colours.tolist(),
        **dict(zip(("top", "left", "bottom", "right"), boxes.T.tolist(), strict=True)),
    }


def _boxes(explanation: Explanation) -> Float[np.ndarray, "regions 4"]:
    """Return where each region begins and ends, in shares of height and width."""
    segments = explanation.segments
    rows, columns = np.indices(segments.shape)
    shape = np.asarray(segments.shape)
    ends = np.empty((int(segments.max()) + 1, 4), dtype=np.intp)
    ends[:, :2], ends[:, 2:] = segments.size, -1
    for at, place in enumerate((rows, columns)):
        np.minimum.at(ends[:, at], segments, place)
        np.maximum.at(ends[:, at + 2], segments, place)
    regions = explanation.regions[:, :, None]
    first = np.where(regions, ends[None, :, :2], segments.size).min(axis=1)
    last = np.where(regions, ends[None, :, 2:], -1).max(axis=1) + 1
    return np.concatenate([first / shape, last / shape], axis=1)


def _colours(explanation: Explanation) -> Float[np.ndarray, "regions channels"]:
    """Return each region's mean colour, in shares of the pixel range."""
    flat = explanation.segments.ravel()
    pixels = explanation.image.reshape(len(flat), -1).astype(np.float64)
    sums = np.stack([np.bincount(flat, weights=channel) for channel in pixels.T], axis=1)
    counts = explanation.regions @ np.bincount(flat)
    return np.asarray(explanation.regions @ sums / counts[:, None])


def _name(names: tuple[str, ...], index: int) -> str:
    return printable(names[index]) if names else str(index)
