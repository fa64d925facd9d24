"""The JSON of an image."""

from __future__ import annotations

import numpy as np

from cilens.explanation import Explanation
from cilens.findings.finding import Finding
from cilens.followup.highlight import HighlightCheck
from cilens.text import sentence


def record(finding: Finding) -> dict[str, object]:
    """Return what the JSON says of one image."""
    from cilens.table import as_records

    explanation, check, topic = finding.explanation, finding.check, finding.topic
    return {
        "image": finding.source,
        "model": finding.model,
        "method": explanation.method,
        "computed_by": explanation.computed_by,
        "shape": list(explanation.image.shape),
        "box": list(explanation.box),
        "predicted": class_record(explanation, explanation.predicted),
        "top": [class_record(explanation, index) for index in best(explanation)],
        "target": class_record(explanation, check.target),
        "threshold": check.threshold,
        "output_range": [float(bound) for bound in explanation.output_range[:, check.target]],
        "model_rows": explanation.model_rows,
        "seconds": finding.seconds,
        "sentence": sentence(topic),
        "regions": as_records(topic),
        "highlight": {
            "area": check.area,
            "score": check.score,
            "predicted": check.predicted,
            "empty": check.empty,
            "regions": _inside(explanation, check),
            "added": check.added,
        },
        "remainder": {"score": check.remainder_score, "predicted": check.remainder_predicted},
        "blank": {"score": check.blank_score, "predicted": check.blank_predicted},
        "check_rows": check.model_rows,
    } | asked_for(finding)


def best(explanation: Explanation) -> list[int]:
    """Return the classes with the five highest scores, the best first."""
    order = np.argsort(-explanation.scores, kind="stable")
    return [int(index) for index in order[:5]]


def asked_for(finding: Finding) -> dict[str, object]:
    """Return what the JSON has only where it was asked for: words, objects, an audit, …."""
    found: dict[str, object] = {}
    if finding.contrast is not None:
        contrast, explanation = finding.contrast, finding.explanation
        found["contrast"] = {
            "foil": class_record(explanation, contrast.foil),
            "differences": contrast.difference.tolist(),
            "for_target_only": np.flatnonzero(contrast.for_target_only).tolist(),
            "for_foil_only": np.flatnonzero(contrast.for_foil_only).tolist(),
            "both": np.flatnonzero(contrast.both).tolist(),
        }
    if finding.words is not None:
        found["words"] = finding.words
    if finding.minimal is not None and finding.redundancy is not None:
        from cilens.table import minimal_records, redundancy_records

        found["minimal"] = minimal_records(finding.explanation, finding.minimal)
        found["redundancy"] = redundancy_records(finding.redundancy)
    if finding.audited is not None:
        from cilens.table import audit_record

        found["audit"] = audit_record(finding.topic, finding.audited)
    if finding.inserted is not None:
        inserted, segments = finding.inserted, finding.explanation.segments
        areas = np.bincount(segments.ravel()) / segments.size
        found["insertion"] = {
            "areas": (inserted.coalitions @ areas).tolist(),
            "scores": inserted.scores.tolist(),
            "predicted": inserted.predicted.tolist(),
            "model_rows": inserted.model_rows,
        }
    if finding.explanation.proxy is not None:
        found["order"] = _order(finding.explanation, finding.check.target)
    if finding.objects is not None:
        from cilens.table import objects_records

        found["objects"] = objects_records(finding.explanation, finding.objects)
    return found


def _order(explanation: Explanation, target: int) -> dict[str, object]:
    """Return the segments from first to last, and what a proxy is worth that orders them."""
    proxy = explanation.proxy
    worth = None if proxy is None else proxy.worth(target)
    return {
        "look": None if proxy is None else proxy.look,
        "by_proxy": explanation.ordered_by_proxy(target),
        "trust": None if worth is None else worth.trust,
        "error": None if worth is None else worth.error,
        "segments": np.argsort(-explanation.ranks(target), kind="stable").tolist(),
    }


def _inside(explanation: Explanation, check: HighlightCheck) -> list[int]:
    """Return the regions that lie in the highlight, strongest influence first."""
    inside = ~(explanation.regions & ~check.kept).any(axis=1)
    return [int(row) for row in explanation.ranked(check.target) if inside[row]]


def class_record(explanation: Explanation, index: int) -> dict[str, object]:
    """Return what a record says of a class: its index, its name and its score."""
    return {
        "index": index,
        "name": explanation.class_name(index),
        "score": float(explanation.scores[index]),
    }
