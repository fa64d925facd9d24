"""Methods x metrics x images: who is faithful, at what cost, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Real

from cilens.errors import InputError
from cilens.scoring.protocols import Method, Metric
from cilens.types import Better, Model, Progress

_RESAMPLES, _SEED = 2000, 0


class Judged(NamedTuple):
    """One number of one metric, for one method on one image.

    Attributes
    ----------
    image, method, metric, number : str
        What each is called.
    value : float or None
        None where the metric has no such number for this explanation.
    better : {"higher", "lower"}
        Which way the number is better.
    model_rows : int
        Images the model was asked about by the method.
    seconds : float
        What the method took.
    """

    image: str
    method: str
    metric: str
    number: str
    value: float | None
    better: Better
    model_rows: int
    seconds: float


class Summary(NamedTuple):
    """One number of one metric for one method, over all images.

    Attributes
    ----------
    method, metric, number : str
        What each is called.
    better : {"higher", "lower"}
        Which way the number is better.
    images : int
        How many have this number.
    model_rows : float
        Mean of the method's, over the same images.
    mean : float or None
        None where no image has this number.
    low, high : float or None
        The mean's 95 % interval over images (bootstrap); None below two images.
    pairs : int
        Images for which this method and the first both have the number.
    difference : float or None
        The mean over those of this method's number less the first method's.
    difference_low, difference_high : float or None
        Its interval.
    """

    method: str
    metric: str
    number: str
    better: Better
    images: int
    model_rows: float
    mean: float | None
    low: float | None
    high: float | None
    pairs: int
    difference: float | None
    difference_low: float | None
    difference_high: float | None


def evaluate(
    model: Model,
    images: Iterable[tuple[str, Real[np.ndarray, "..."]]],
    methods: Mapping[str, Method],
    metrics: Mapping[str, Metric],
    *,
    target: int | str | None = None,
    progress: Progress | None = None,
) -> Iterator[Judged]:
    """Explain every image by every method, and judge each explanation by every metric.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : iterable of (name, (height, width, channels) array)
        Taken one at a time.
    methods : mapping of str to Method
        Each by its name.
    metrics : mapping of str to Metric
        Each by its name.
    target : int or str, optional
        A class index or name; by default the one predicted for each image.
    progress : callable, optional
        Called after each explanation is judged with 1.

    Yields
    ------
    Judged
        For each image, method, metric and number.

    Examples
    --------
    >>> import cilens
    >>> from cilens.metrics.flipping import Flipping
    >>> model, images = cilens.load_model("digits"), [("0", cilens.read_image("mnist:0"))]
    >>> methods = {"paper": cilens.ContextualImportance.paper()}
    >>> rows = evaluate(model, images, methods, {"black": Flipping(cilens.Constant(0.0))})
    >>> [(row.method, row.metric, row.number, row.model_rows) for row in rows]
    [('paper', 'black', 'srg', 9), ('paper', 'black', 'lif', 9), ('paper', 'black', 'mif', 9)]
    """
    for source, image in images:
        for name, method in methods.items():
            start = time.perf_counter()
            explanation = method(model, image)
            seconds = time.perf_counter() - start
            index = explanation.target(target)
            for judge, metric in metrics.items():
                found = metric(model, explanation, index, method=method)
                for number, better in metric.better.items():
                    yield Judged(
                        image=source,
                        method=name,
                        metric=judge,
                        number=number,
                        value=found[number],
                        better=better,
                        model_rows=explanation.model_rows,
                        seconds=seconds,
                    )
            if progress is not None:
                progress(1)


def summarize(judged: Sequence[Judged]) -> list[Summary]:
    """Summarize over images: means, intervals, and paired differences to the first method.

    Parameters
    ----------
    judged : sequence of Judged
        Every method on the same images, by the same metrics.

    Returns
    -------
    list of Summary
        Metric by metric, number by number, and for each its methods, in the order in which they
        came.

    Raises
    ------
    InputError
        If there is nothing to summarize, or a method lacks an image that another has.

    Examples
    --------
    >>> rows = [Judged("a", "one", "black", "srg", 0.8, "higher", 9, 0.1),
    ...         Judged("a", "two", "black", "srg", 0.5, "higher", 9, 0.1)]
    >>> [round(row.difference, 3) for row in summarize(rows)]
    [0.0, -0.3]
    """
    if not judged:
        raise InputError("there must be something judged to summarize; got nothing")
    table: dict[tuple[str, str], dict[str, dict[str, Judged]]] = {}
    for row in judged:
        methods = table.setdefault((row.metric, row.number), {})
        methods.setdefault(row.method, {})[row.image] = row
    first = judged[0].method
    summaries = []
    for methods in table.values():
        base = methods.get(first, {})
        for method, rows in methods.items():
            if rows.keys() != base.keys():
                raise InputError(f"{method!r} and {first!r} must be judged on the same images")
            summaries.append(_summary(rows, base))
    return summaries


def _summary(rows: Mapping[str, Judged], base: Mapping[str, Judged]) -> Summary:
    """Summarize one number of one method, and its differences to the first method's."""
    one = next(iter(rows.values()))
    values = [(row.value, row.model_rows) for row in rows.values() if row.value is not None]
    apart = [
        value - other
        for image, row in rows.items()
        if (value := row.value) is not None and (other := base[image].value) is not None
    ]
    mean, low, high = _interval(np.array([value for value, _ in values]))
    difference, difference_low, difference_high = _interval(np.array(apart))
    asked = [row.model_rows for row in rows.values()]
    return Summary(
        method=one.method,
        metric=one.metric,
        number=one.number,
        better=one.better,
        images=len(values),
        model_rows=float(np.mean([rows for _, rows in values] or asked)),
        mean=mean,
        low=low,
        high=high,
        pairs=len(apart),
        difference=difference,
        difference_low=difference_low,
        difference_high=difference_high,
    )


def _interval(
    values: Float[np.ndarray, " images"],
) -> tuple[float | None, float | None, float | None]:
    """Return the mean, and the middle 95 % of the means of resampled images."""
    if len(values) == 0:
        return None, None, None
    mean = float(values.mean())
    if len(values) == 1:
        return mean, None, None
    rng = np.random.default_rng(_SEED)
    means = values[rng.integers(0, len(values), (_RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return mean, float(low), float(high)
