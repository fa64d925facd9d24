"""``results.json``: every claim with its numbers and verdicts, from the steps' results."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cilens import __version__
from cilens.paper.claims import CLAIMS, Check, checks
from cilens.paper.steps import Result, versions
from cilens.paper.study import Study
from cilens.paper.verdicts import Measured, is_close, judge, together

PAPER_FIGURES = tuple(f"fig{number}" for number in range(1, 9))
"""Fig. 1 to Fig. 8."""


def document(study: Study, done: Mapping[str, Result], out: Path) -> dict[str, Any]:
    """Put everything that was found into one document, ready for JSON.

    Parameters
    ----------
    study : Study
        What it is about.
    done : mapping of str to Result
        By step.
    out : path
        Where the figures are.

    Returns
    -------
    dict
        The same for the same results; no time, no date.
    """
    measured = {name: found for result in done.values() for name, found in result.checks.items()}
    there = [name for name in PAPER_FIGURES if (out / "figures" / f"{name}.png").is_file()]
    measured["P20.figures"] = Measured(float(len(there)), note="one command, no download")
    claims = [_claim(claim.id, measured) for claim in CLAIMS]
    verdicts = [claim["verdict"] for claim in claims]
    return {
        "cilens": __version__,
        "packages": versions(),
        **study.settings(),
        "authors_network": study_is_authors(done),
        "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
        "claims": claims,
        "tables": {name: result.tables for name, result in done.items() if result.tables},
    }


def study_is_authors(done: Mapping[str, Result]) -> bool:
    """Tell whether the steps took the network for the authors' own.

    Parameters
    ----------
    done : mapping of str to Result
        By step.

    Returns
    -------
    bool
    """
    return any(
        found.value is not None
        for result in done.values()
        for name, found in result.checks.items()
        if name == "P17.four"
    )


def _claim(name: str, measured: Mapping[str, Measured]) -> dict[str, Any]:
    claim = next(one for one in CLAIMS if one.id == name)
    listed = [(check, measured[check.id]) for check in checks(name)]
    return {
        "id": claim.id,
        "title": claim.title,
        "paper": claim.says,
        "verdict": together([judge(check.bound, found) for check, found in listed]),
        "figures": list(claim.figures),
        "checks": [_check(check, found) for check, found in listed],
    }


def _check(check: Check, found: Measured) -> dict[str, Any]:
    bound = check.bound
    return {
        "id": check.id,
        "what": check.what,
        "unit": check.unit,
        "value": found.value,
        "interval": None if found.interval is None else list(found.interval),
        "threshold": None if bound is None else {bound.relation: bound.value},
        "verdict": judge(bound, found),
        "close": is_close(bound, found),
        "images": found.images,
        "model_rows": found.rows,
        "note": found.note,
    }
