"""What a page shows of a topic: the texts, and the arrays."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8

from cilens import render
from cilens.coalitions import nothing
from cilens.explanation import Explanation
from cilens.explanation.additive import additive_errors
from cilens.explanation.saliency import QUANTILE
from cilens.findings.finding import Finding
from cilens.findings.record import best, record
from cilens.scoring.question import told_apart
from cilens.table import as_records
from cilens.text import Topic, because, because_not, round_percent, sentence
from cilens.text.audit import (
    audit_warning,
    completeness,
    cost,
    edges_verdict,
    random_verdict,
    stability,
    verdict,
)
from cilens.types import Image
from cilens.view.pack import LEVELS, STEPS, bits, levels, shares

_MOST_ANSWERS = 1 << 20
"""Of more answers than these, those for the classes with words alone go along."""

_LONGEST = 1200
"""Pixels of the longer side, at most: larger images are shown smaller, all numbers kept."""

_DEPTHS = np.linspace(-1.0, 1.0, 513)
"""Where the colours of the scale are told."""


def texts(topic: Topic, finding: Finding | None = None) -> dict[str, object]:
    """Return all that a page says of a topic, ready for JSON.

    Parameters
    ----------
    topic : Topic
        What the page opens with.
    finding : Finding, optional
        What else was found out about the image.

    Returns
    -------
    dict
        What `assets/view.js` reads.
    """
    explanation, exact = topic.explanation, exact_classes(topic)
    name = explanation.class_name if explanation.class_names else topic.label
    return {
        "source": "" if finding is None else finding.source,
        "title": topic.label(topic.target),
        "target": topic.target,
        "foil": None if finding is None or finding.contrast is None else topic.foil,
        "threshold": topic.threshold,
        "predicted": explanation.predicted,
        "names": [name(index) for index in range(len(explanation.scores))],
        "outside": [index for index, _ in explanation.outside],
        "regions": [explanation.region_name(row) for row in range(len(explanation.regions))],
        "marks": render.marks(explanation.region_names),
        "places": [topic.part(row) for row in range(len(explanation.regions))],
        "asked": explanation.asked,
        "exact": exact,
        "sentences": {index: _said(topic, index) for index in exact},
        "contrasts": {index: _compared(topic, index) for index in exact if index != topic.target},
        "words": None if finding is None else finding.words,
        "audit": [] if finding is None else _audit(topic, finding),
        "made": _made(topic, finding),
        "record": _record(topic) if finding is None else [record(finding)],
        "steps": STEPS,
        "levels": LEVELS,
        "ghost": render.GHOST,
        "pale": render.PALE,
        "tint": render.TINT,
        "red": render.RED,
        "quantile": QUANTILE,
        "smooth": min(explanation.segments.shape) >= render.PHOTOGRAPH,
    }


def arrays(topic: Topic, finding: Finding | None = None) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Return all numbers that a page shows; see `texts`."""
    explanation, exact = topic.explanation, exact_classes(topic)
    n_segments = explanation.regions.shape[1]
    points, radii = render.inside_points(explanation.segments, explanation.regions)
    picture, step = _png(explanation.image), _step(explanation)
    height, width = (size // step for size in explanation.segments.shape)
    segments = explanation.segments[step // 2 :: step, step // 2 :: step][:height, :width]
    found: dict[str, Any] = {
        "image": picture,
        "scale": render.signed_map((np.sign(_DEPTHS) * _DEPTHS**2)[None])[0],
        "segments": segments.astype(np.uint16 if n_segments <= 1 << 16 else np.uint32),
        "regions": bits(explanation.regions),
        "points": ((points + 0.5) / step).astype(np.float32),
        "radii": (radii / step).astype(np.float32),
        "areas": explanation.areas(),
        "scores": explanation.scores,
        "bounds": explanation.output_range,
        "influence": shares(explanation.influence),
        "exactInfluence": explanation.influence[:, exact],
        "kept": topic.kept,
        "varied": np.ones(n_segments, dtype=bool),
    }
    if explanation.margin is not None:
        found["margin"] = shares(explanation.margin, up=True)
        found["exactMargin"] = explanation.margin[:, exact]
    return found | _asked(explanation, exact) | _checked(topic, finding)


def exact_classes(topic: Topic) -> list[int]:
    """Return the classes with words and exact numbers: target, foil, predicted, the best five.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> image = cilens.read_image("mnist:18")
    >>> exact_classes(about(cilens.explain(cilens.load_model("digits"), image)))
    [3, 5, 8, 2, 9]
    """
    wanted = [topic.target, topic.foil, *best(topic.explanation)]
    outside = dict(topic.explanation.outside)
    return list(dict.fromkeys(one for one in wanted if one is not None and one not in outside))


def _asked(explanation: Explanation, exact: Sequence[int]) -> dict[str, Any]:
    """Return the rows that the model was asked about, and what the estimates are worth."""
    coalitions, answers = explanation.coalitions, explanation.answers
    if coalitions is None or answers is None:
        return {}
    found: dict[str, Any] = {"coalitions": bits(coalitions), "exactAnswers": answers[:, exact]}
    if answers.size <= _MOST_ANSWERS:
        found["answers"] = levels(answers.astype(np.float64), explanation.output_range)
    errors = additive_errors(explanation)
    return found if errors is None else found | {"errors": errors}


def _checked(topic: Topic, finding: Finding | None) -> dict[str, Any]:
    """Return what was asked about the target alone, and what hidden segments look like."""
    check = topic.check
    if check is None:
        return {}
    explanation = topic.explanation
    image, segments, kept = explanation.image, explanation.segments, check.kept
    (blank,) = check.perturbation(image, segments, nothing(len(kept)))
    rows = [kept, ~kept, np.zeros_like(kept)]
    scores = [check.score, check.remainder_score, check.blank_score]
    winners = [check.predicted, check.remainder_predicted, check.blank_predicted]
    if finding is not None and finding.inserted is not None:
        rows += [*finding.inserted.coalitions]
        scores += finding.inserted.scores.tolist()
        winners += finding.inserted.predicted.tolist()
    return {
        "blank": _png(blank),
        "varied": told_apart(image, segments, check.perturbation),
        "checked": bits(np.stack(rows)),
        "checkedScores": np.array(scores, dtype=np.float64),
        "checkedWinners": np.array(winners, dtype=np.int32),
    }


def _step(explanation: Explanation) -> int:
    """Return how many pixels of the image become one of the page, each way."""
    return int(np.ceil(max(explanation.segments.shape) / _LONGEST))


def _png(image: Image) -> UInt8[np.ndarray, " bytes"]:
    """Return the file of a picture, shown smaller where it is very large."""
    small = render.shrink(render.to_rgb(image), _LONGEST)
    return np.frombuffer(render.to_png(small), dtype=np.uint8)


def _said(topic: Topic, index: int) -> str:
    """Return the sentence of a class; the check belongs to the target alone."""
    if index == topic.target:
        return sentence(topic)
    return sentence(replace(topic, target=index, foil=topic.target, check=None, group=None))


def _compared(topic: Topic, foil: int) -> str:
    other = replace(topic, foil=foil)
    return f"{because(other)} {because_not(other)}"


def _audit(topic: Topic, finding: Finding) -> list[tuple[str, str]]:
    audited = finding.audited
    if audited is None:
        return []
    warning = audit_warning(topic, audited)
    return [
        ("verdict", verdict(topic, audited)),
        ("beside edges", edges_verdict(topic, audited)),
        ("beside chance", random_verdict(topic, audited)),
        ("sum", completeness(audited)),
        ("stability", stability(audited.again)),
        *([("warning", warning)] if warning else []),
        ("asked", cost(audited, repr(audited.perturbation))),
    ]


def _made(topic: Topic, finding: Finding | None) -> list[tuple[str, str]]:
    """Return how the explanation was made, name by name."""
    explanation, found = topic.explanation, list[tuple[str, str]]()
    if finding is not None:
        found += [("image", finding.source), ("network", finding.model)]
    found += [
        ("method", explanation.method),
        ("rows asked", f"{explanation.model_rows:,}"),
        *([("computed by", explanation.computed_by)] if explanation.computed_by else []),
        ("size", " × ".join(map(str, explanation.image.shape))),
        ("threshold", round_percent(topic.threshold)),
    ]
    if topic.check is not None:
        check = topic.check
        found += [
            ("rows of checks", str(check.model_rows)),
            ("filled with", f"{check.perturbation!r}"),
        ]
    if finding is not None:
        found.append(("seconds", f"{finding.seconds:.2f}"))
    numbers = hashlib.sha256(explanation.influence.tobytes() + explanation.scores.tobytes())
    pixels = hashlib.sha256(np.ascontiguousarray(explanation.image).tobytes())
    found += [
        ("versions", ", ".join(f"{name} {version(name)}" for name in ("cilens", "numpy"))),
        ("Python", platform.python_version()),
        ("pixels, SHA-256", pixels.hexdigest()),
        ("numbers, SHA-256", numbers.hexdigest()),
    ]
    return found


def _record(topic: Topic) -> list[dict[str, object]]:
    """Return the JSON of an explanation that is no finding."""
    explanation = topic.explanation
    return [
        {
            "method": explanation.method,
            "predicted": explanation.predicted,
            "target": topic.target,
            "threshold": topic.threshold,
            "scores": explanation.scores.tolist(),
            "model_rows": explanation.model_rows,
            "sentence": sentence(topic),
            "regions": as_records(topic),
        }
    ]
