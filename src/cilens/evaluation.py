"""Methods over many images: who is faithful, at what cost, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Real

from cilens import scoring
from cilens.errors import InputError
from cilens.metrics.flipping import Flipping
from cilens.types import Method, Model, Progress

_RESAMPLES, _SEED = 2000, 0


class Judged(NamedTuple):
    """One method on one image, judged with one fill.

    Attributes
    ----------
    image, method, fill : str
        What each is called.
    model_rows : int
        Images the model was asked about by the method.
    seconds : float
        What the method took.
    mif, lif, srg : float
        Pixel flipping; see `cilens.metrics.flipping`.
    """

    image: str
    method: str
    fill: str
    model_rows: int
    seconds: float
    mif: float
    lif: float
    srg: float


class Summary(NamedTuple):
    """One method over all images, with one fill.

    Attributes
    ----------
    method, fill : str
        What each is called.
    images : int
        How many.
    model_rows : float
        Mean over the images.
    srg, low, high : float
        Mean symmetric relevance gain and its 95 % interval over images (bootstrap).
    difference, difference_low, difference_high : float
        The mean of the paired differences to the first method, and its interval.
    """

    method: str
    fill: str
    images: int
    model_rows: float
    srg: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float


def evaluate(
    model: Model,
    images: Iterable[tuple[str, Real[np.ndarray, "..."]]],
    methods: Mapping[str, Method],
    judges: Mapping[str, Flipping],
    *,
    target: int | str | None = None,
    progress: Progress | None = None,
) -> Iterator[Judged]:
    """Explain every image by every method, and let every judge look at each explanation.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : iterable of (name, (height, width, channels) array)
        Taken one at a time.
    methods : mapping of str to Method
        Each by its name.
    judges : mapping of str to Flipping
        Each by the name of its fill.
    target : int or str, optional
        A class index or name; by default the one predicted for each image.
    progress : callable, optional
        Called after each explanation with 1.

    Yields
    ------
    Judged
        For each image, method and judge.

    Examples
    --------
    >>> import cilens
    >>> model, images = cilens.load_model("digits"), [("0", cilens.read_image("mnist:0"))]
    >>> methods = {"paper": cilens.ContextualImportance.paper()}
    >>> rows = evaluate(model, images, methods, {"black": Flipping(cilens.Constant(0.0))})
    >>> [(row.method, row.model_rows, row.srg > 0) for row in rows]
    [('paper', 9, True)]
    """
    for source, image in images:
        seen = scoring.view(model, image).image
        for name, method in methods.items():
            start = time.perf_counter()
            explanation = method(model, image)
            seconds = time.perf_counter() - start
            index = explanation.target(target)
            saliency = explanation.saliency(index)
            for fill, judge in judges.items():
                curves = judge(model, seen, saliency, index)
                yield Judged(
                    image=source,
                    method=name,
                    fill=fill,
                    model_rows=explanation.model_rows,
                    seconds=seconds,
                    mif=curves.mif,
                    lif=curves.lif,
                    srg=curves.srg,
                )
            if progress is not None:
                progress(1)


def summarize(judged: Sequence[Judged]) -> list[Summary]:
    """Summarize over images: means, intervals, and paired differences to the first method.

    Parameters
    ----------
    judged : sequence of Judged
        Every method on the same images, with the same fills.

    Returns
    -------
    list of Summary
        One for each method and fill, in the order in which they came.

    Raises
    ------
    InputError
        If a method lacks an image that another has.

    Examples
    --------
    >>> rows = [Judged("a", "one", "black", 9, 0.1, 0.1, 0.9, 0.8),
    ...         Judged("a", "two", "black", 9, 0.1, 0.2, 0.7, 0.5)]
    >>> [round(row.difference, 3) for row in summarize(rows)]
    [0.0, -0.3]
    """
    gains: dict[tuple[str, str], dict[str, Judged]] = {}
    for row in judged:
        gains.setdefault((row.method, row.fill), {})[row.image] = row
    first = judged[0].method
    summaries = []
    for (method, fill), rows in gains.items():
        base = gains[first, fill]
        if rows.keys() != base.keys():
            raise InputError(f"{method!r} and {first!r} must be judged on the same images")
        srg = np.array([row.srg for row in rows.values()])
        apart = srg - np.array([base[image].srg for image in rows])
        summaries.append(
            Summary(
                method,
                fill,
                len(rows),
                float(np.mean([row.model_rows for row in rows.values()])),
                float(srg.mean()),
                *_interval(srg),
                float(apart.mean()),
                *_interval(apart),
            )
        )
    return summaries


def _interval(values: Float[np.ndarray, " images"]) -> tuple[float, float]:
    """Return the middle 95 % of the means of resampled images."""
    rng = np.random.default_rng(_SEED)
    means = values[rng.integers(0, len(values), (_RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
