"""The range of a model's scores, measured over images and kept beside the model's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from cilens import scoring
from cilens.coalitions import nothing
from cilens.datasets.folder import expand
from cilens.errors import InputError
from cilens.findings.request import CalibrateRequest
from cilens.findings.series import NOBODY, Watch
from cilens.methods import ContextualImportance, recommended
from cilens.methods.occlusion import Occlusion
from cilens.models import is_shipped, model_path
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, read_stated, write_stated
from cilens.scoring.explain import PlannedMethod
from cilens.scoring.question import Question
from cilens.types import ImageModel, View

_ROWS = 32
"""Most images in one call of the network, where nothing else is stated."""


class Measured(NamedTuple):
    """Smallest and largest score of each class, and how many rows they come from."""

    low: Float[np.ndarray, " classes"]
    high: Float[np.ndarray, " classes"]
    rows: int


class Calibrator(NamedTuple):
    """A request whose model is open: from `prepare`."""

    request: CalibrateRequest
    sources: list[str]
    model: ImageModel
    path: Path
    stated: Stated

    def calibrate(self, watch: Watch = NOBODY) -> Calibration:
        """Measure the range, and write it beside the file.

        Raises
        ------
        InputError
            If a class has the same score throughout, or there is no image.
        """
        measured = _measure(self, watch)
        bounded = self.stated.activation != "none"
        low, high = widened(measured, self.request.margin, bounded=bounded)
        stated = replace(self.stated, output_range=(tuple(low.tolist()), tuple(high.tolist())))
        return Calibration(self, measured, low, high, write_stated(self.path, stated))


class Calibration(NamedTuple):
    """What was measured, the range that follows from it, and the file that has it."""

    of: Calibrator
    measured: Measured
    low: Float[np.ndarray, " classes"]
    high: Float[np.ndarray, " classes"]
    saved: Path


def prepare(request: CalibrateRequest) -> Calibrator:
    """Check all that can be checked before the first image, and open the model.

    Raises
    ------
    CilensError
        If the model comes with cilens, or cannot be opened.
    """
    if is_shipped(request.model):
        raise InputError(f"{request.model} comes with cilens, and its scores lie in 0 … 1")
    path, sources, told = model_path(request.model), expand(request.images), request.stated
    before, model = read_stated(path), told.load(path)
    preprocess = None if told.preprocess is None else Preprocess.parse(told.preprocess)
    stated = replace(
        before,
        preprocess=preprocess or before.preprocess,
        activation=told.activation or before.activation or "none",
        output=told.output_name or before.output,
        inputs=before.inputs if (given := told.constants()) is None else given,
        output_range=None,
    )
    return Calibrator(request, sources, model, Path(path), stated)


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


def calibration_record(calibration: Calibration) -> dict[str, object]:
    """Return what the JSON says of a calibration."""
    of, measured = calibration.of, calibration.measured
    return {
        "model": of.request.model,
        "activation": of.stated.activation,
        "images": len(of.sources),
        "model_rows": measured.rows,
        "margin": of.request.margin,
        "classes": list(of.model.class_names),
        "measured": [measured.low.tolist(), measured.high.tolist()],
        "output_range": [calibration.low.tolist(), calibration.high.tolist()],
        "saved": str(calibration.saved),
    }


def _measure(of: Calibrator, watch: Watch) -> Measured:
    low: Float[np.ndarray, " classes"] | float = np.inf
    high: Float[np.ndarray, " classes"] | float = -np.inf
    rows = 0
    for answer in scoring.score(
        of.model,
        _questions(of, watch),
        batch_size=of.request.stated.batch_size or _ROWS,
        progress=watch.advance,
    ):
        low = np.minimum(low, answer.scores.min(axis=0))
        high = np.maximum(high, answer.scores.max(axis=0))
        rows += len(answer.scores)
    if not rows:
        raise InputError("calibrating needs at least one image; got none")
    return Measured(np.asarray(low), np.asarray(high), rows)


def _questions(of: Calibrator, watch: Watch) -> Iterator[Question]:
    """Give what explain, compare and evaluate ask of each image, and the blank images."""
    for source in of.sources:
        watch.begin(source)
        seen = scoring.view(of.model, of.request.reading.read(source))
        asked = [question for method in _methods(seen) for question in method.plan(seen).questions]
        asked += [
            question._replace(coalitions=nothing(question.coalitions.shape[1]))
            for question in asked
        ]
        watch.expect(sum(len(question.coalitions) for question in asked))
        yield from asked


def _methods(seen: View) -> Sequence[PlannedMethod]:
    """Return what asks about halves, single regions and windows, hidden as it is asked."""
    best = recommended(seen.image)
    single = ContextualImportance(best.segmenters[0], best.perturbations)
    return best, single, ContextualImportance.paper(), Occlusion.of(seen.image)
