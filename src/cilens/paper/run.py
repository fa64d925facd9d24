"""One command remakes the paper: from shipped data to figures, numbers and a page to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cilens import __version__
from cilens.paper.claims import CLAIMS, Check, Claim
from cilens.paper.page import page
from cilens.paper.pipeline import all_steps
from cilens.paper.steps import Result, run_steps, versions, write_json, write_text
from cilens.paper.study import Study
from cilens.paper.verdicts import Measured, is_close, judge, together

PAPER_FIGURES = tuple(f"fig{number}" for number in range(1, 9))
"""Fig. 1 to Fig. 8."""


def reproduce(study: Study, out: str | Path, tell: Callable[[str], object] = str) -> dict[str, Any]:
    """Measure every claim, draw every figure, and write them all to a directory.

    What an earlier, interrupted run has done is kept: each step's result is a whole file. Run
    twice, everything but ``seconds.json`` is the same, bit by bit.

    Parameters
    ----------
    study : Study
        From `cilens.paper.study.open_study`.
    out : path
        The directory: gets ``figures/``, ``results.json``, ``report.html``, ``seconds.json``, and
        ``steps/``, which can be deleted.
    tell : callable
        Called with the title of each step before it is done.

    Returns
    -------
    dict
        What ``results.json`` holds.

    Raises
    ------
    FileError
        If a file cannot be written. What is done stays.
    """
    out = Path(out)
    done = run_steps(all_steps(), study, out, tell)
    found = document(study, done, out)
    write_json(out / "results.json", found)
    write_text(out / "report.html", page(found, out / "figures"))
    return found


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
    claims = [_claim(claim, measured) for claim in CLAIMS]
    verdicts = [claim["verdict"] for claim in claims]
    return {
        "cilens": __version__,
        "packages": versions(),
        **study.settings(),
        "authors_network": measured["P17.four"].value is not None,
        "verdicts": {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
        "claims": claims,
        "tables": {name: result.tables for name, result in done.items() if result.tables},
    }


def _claim(claim: Claim, measured: Mapping[str, Measured]) -> dict[str, Any]:
    return {
        "id": claim.id,
        "title": claim.title,
        "paper": claim.says,
        "verdict": together([judge(check.bound, measured[check.id]) for check in claim.checks]),
        "figures": list(claim.figures),
        "checks": [_check(check, measured[check.id]) for check in claim.checks],
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
