"""`cilens calibrate`: from the options to an output range beside the model file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from rich.table import Table
from rich.text import Text

from cilens import scoring
from cilens.cli import console
from cilens.cli.calibrate import Calibrating
from cilens.cli.options import findable
from cilens.cli.progress import Bar
from cilens.coalitions import nothing
from cilens.datasets.folder import expand
from cilens.errors import InputError
from cilens.methods import ContextualImportance, recommended
from cilens.methods.occlusion import Occlusion
from cilens.models import is_shipped, model_path
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, read_stated, write_stated
from cilens.scoring.explain import PlannedMethod
from cilens.scoring.question import Question
from cilens.text.names import class_label
from cilens.types import ImageModel, View

_SHOWN = 10
"""Classes that are listed."""

_ROWS = 32
"""Most images in one call of the network, where nothing else is stated."""


class Measured(NamedTuple):
    """Smallest and largest score of each class, and how many rows they come from."""

    low: Float[np.ndarray, " classes"]
    high: Float[np.ndarray, " classes"]
    rows: int


def run(wishes: Calibrating) -> None:
    """Measure, save and print."""
    if not (math.isfinite(wishes.margin) and wishes.margin >= 0):
        raise InputError(f"--margin must be a share of the range, 0 or more; got {wishes.margin}")
    if is_shipped(wishes.model):
        raise InputError(f"{wishes.model} comes with cilens, and its scores lie in 0 … 1")
    path, sources = model_path(wishes.model), expand(wishes.images)
    options, before = wishes.stated, read_stated(path)
    findable(options.factory)
    if options.output_range is not None:
        raise InputError("calibrate measures the output range: leave out --output-range")
    model = options.load(path)
    preprocess = None if options.preprocess is None else Preprocess.parse(options.preprocess)
    stated = replace(
        before,
        preprocess=preprocess or before.preprocess,
        activation=options.activation or before.activation or "none",
        output=options.output_name or before.output,
        inputs=before.inputs if (given := options.constants()) is None else given,
        output_range=None,
    )
    measured = _measure(model, sources, wishes)
    low, high = widened(measured, wishes.margin, bounded=stated.activation != "none")
    stated = replace(stated, output_range=(tuple(low.tolist()), tuple(high.tolist())))
    saved = write_stated(path, stated)
    if wishes.json:
        console.print_json(_record(wishes, model, len(sources), measured, stated, saved))
    else:
        _print(wishes, model, len(sources), measured, stated, saved)


def widened(
    measured: Measured, margin: float, *, bounded: bool
) -> tuple[Float[np.ndarray, " classes"], Float[np.ndarray, " classes"]]:
    """Widen a range; scores after a softmax or sigmoid are bounded, and stop at 0 and 1.

    Raises
    ------
    InputError
        If a class has the same score throughout: it has no range.

    Examples
    --------
    >>> low, high = widened(Measured(np.array([0.0]), np.array([10.0]), 2), 0.1, bounded=False)
    >>> low.item(), high.item()
    (-1.0, 11.0)
    """
    span = measured.high - measured.low
    if (still := np.flatnonzero(span <= 0)).size:
        raise InputError(
            f"class {still[0]} has the score {measured.low[still[0]]:g} in all "
            f"{measured.rows} rows, and so no range: give more images, or other ones"
        )
    low, high = measured.low - margin * span, measured.high + margin * span
    return (np.maximum(low, 0.0), np.minimum(high, 1.0)) if bounded else (low, high)


def _measure(model: ImageModel, sources: Sequence[str], wishes: Calibrating) -> Measured:
    low: Float[np.ndarray, " classes"] | None = None
    high: Float[np.ndarray, " classes"] | None = None
    rows = 0
    with Bar(len(sources)) as bar:
        questions = _questions(model, sources, wishes, bar)
        for answer in scoring.score(
            model, questions, batch_size=wishes.stated.batch_size or _ROWS, progress=bar.advance
        ):
            least, most = answer.scores.min(axis=0), answer.scores.max(axis=0)
            low = least if low is None else np.minimum(low, least)
            high = most if high is None else np.maximum(high, most)
            rows += len(answer.scores)
    if low is None or high is None:
        raise InputError("calibrating needs at least one image; got none")
    return Measured(low, high, rows)


def _questions(
    model: ImageModel, sources: Sequence[str], wishes: Calibrating, bar: Bar
) -> Iterator[Question]:
    """Give what explain, compare and evaluate ask of each image, and the blank images."""
    for source in sources:
        bar.begin(source)
        seen = scoring.view(model, wishes.reading.read(source))
        asked = [question for method in _methods(seen) for question in method.plan(seen).questions]
        asked += [
            question._replace(coalitions=nothing(question.coalitions.shape[1]))
            for question in asked
        ]
        bar.expect(sum(len(question.coalitions) for question in asked))
        yield from asked


def _methods(seen: View) -> tuple[PlannedMethod, ...]:
    """Return what asks about halves, single regions and windows, hidden as it is asked."""
    best = recommended(seen.image)
    single = ContextualImportance(best.segmenters[0], best.perturbations)
    return best, single, ContextualImportance.paper(), Occlusion.of(seen.image)


def _record(
    wishes: Calibrating,
    model: ImageModel,
    images: int,
    measured: Measured,
    stated: Stated,
    saved: Path,
) -> dict[str, object]:
    return {
        "model": wishes.model,
        "activation": stated.activation,
        "images": images,
        "model_rows": measured.rows,
        "margin": wishes.margin,
        "classes": list(model.class_names),
        "measured": [measured.low.tolist(), measured.high.tolist()],
        "output_range": stated.output_range,
        "saved": str(saved),
    }


def _print(
    wishes: Calibrating,
    model: ImageModel,
    images: int,
    measured: Measured,
    stated: Stated,
    saved: Path,
) -> None:
    terminal = console.output()
    counted = f"{images} image{'' if images == 1 else 's'}, {measured.rows} model rows"
    head = Text(wishes.model, style="bold")
    head.append(f"  {counted}, activation {stated.activation}", style="not bold dim")
    terminal.print(head, soft_wrap=True)
    table = Table(box=None, padding=(0, 1), pad_edge=False)
    table.add_column("class")
    for column in ("measured from", "to", "range from", "to"):
        table.add_column(column, justify="right")
    low, high = np.array(stated.output_range)
    for index in range(min(_SHOWN, len(low))):
        numbers = (measured.low[index], measured.high[index], low[index], high[index])
        name = class_label(model.class_names, index)
        table.add_row(Text(name), *(f"{number:.4g}" for number in numbers))
    terminal.print(table)
    if len(low) > _SHOWN:
        terminal.print(f"and {len(low) - _SHOWN:,} more classes")
    if measured.low.min() >= 0 and measured.high.max() <= 1:
        terminal.print("All scores lie in 0 … 1. Probabilities need no range of their own: where")
        terminal.print("they are such, delete output_range from the file, and explain takes 0 … 1.")
    terminal.print(Text(f"Written: {saved}"), soft_wrap=True)
