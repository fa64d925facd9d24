"""How many images a second a run explains, beside the forward passes alone.

``python benchmarks/runs.py`` prints, for a thousand digits and thirty photographs or as many as
``--digits`` and ``--photographs`` say, the time of the run, of the same model rows in batches that
are ready (the forward passes alone), and their ratio; medians of ``--rounds`` in alternation.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cilens.datasets.folder import expand
from cilens.findings.examine import prepare
from cilens.findings.request import MethodOptions, Request, RunOptions, RunRequest
from cilens.runs import Report, run
from cilens.scoring import score_batch, view

PHOTOGRAPHS = ("skimage:astronaut", "skimage:chelsea", "skimage:coffee", "skimage:rocket")
"""Of which a run's images are made, again and again."""


def forward(request: Request, rows: int) -> Callable[[], None]:
    """Return a call that asks the model about so many rows, in batches that are ready."""
    examiner = prepare(request)
    size, first = examiner.method.batch_size, expand(request.images)[0]
    image = view(examiner.model, request.reading.read(first)).image
    batch = np.repeat(image[None], size, axis=0)

    def call() -> None:
        for start in range(0, rows, size):
            score_batch(examiner.model, batch[: min(size, rows - start)])

    return call


def once(request: Request, part: int) -> Report:
    """Run into a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return run(RunRequest(request, RunOptions(out=Path(folder, "out"), part=part)))


def measure(name: str, request: Request, part: int, rounds: int) -> None:
    """Print the rates of one set of images."""
    report, pairs = once(request, part), []
    now = report.progress
    rows = now.model_rows + 3 * now.total  # the checks of the highlights
    alone = forward(request, rows)
    for _ in range(rounds):
        begun = time.perf_counter()
        alone()
        middle = time.perf_counter()
        pairs.append((middle - begun, once(request, part).progress.seconds))
    bare, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"{name}: n = {now.total}, {rows:,} rows; {now.total / whole:,.1f} images/s, the forward "
        f"passes alone {now.total / bare:,.1f}: {whole / bare:.2f} times as long"
    )


def main() -> None:
    """Measure digits with both presets, and photographs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--digits", type=int, default=1000)
    parser.add_argument("--photographs", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors")
    digits = [f"mnist:0-{asked.digits - 1}"]
    paper = Request(digits, how=MethodOptions(method="paper"))
    measure("digits, the paper's preset", paper, 64, asked.rounds)
    measure("digits, the default", Request(digits), 64, asked.rounds)
    if asked.photographs:
        several = [PHOTOGRAPHS[at % len(PHOTOGRAPHS)] for at in range(asked.photographs)]
        measure("photographs, the default", Request(several, "imagenet"), 8, asked.rounds)


if __name__ == "__main__":
    main()
