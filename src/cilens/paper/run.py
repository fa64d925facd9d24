"""One command remakes the paper: from shipped data to figures, numbers and a page to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cilens.paper.page import page
from cilens.paper.pipeline import all_steps
from cilens.paper.results import document
from cilens.paper.steps import run_steps, write_json, write_text
from cilens.paper.study import Study


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
