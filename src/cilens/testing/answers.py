"""Contracts of the parts that answer: models, methods and metrics."""

from __future__ import annotations

import dataclasses

import numpy as np

from cilens import scoring
from cilens.explanation import Explanation
from cilens.pixels import as_shares, to_units
from cilens.scoring import consistency
from cilens.scoring.protocols import Method, Metric
from cilens.scoring.question import Question
from cilens.testing.inputs import check_kept, contract, sample_images
from cilens.types import Batch, Coalitions, Image, ImageModel, Model, Scores, Segments


def check_model(model: Model, image: Image, *, tolerance: float = 1e-5) -> None:
    """Check that a model answers every image by itself, the same every time.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) batch to (rows, classes) scores; with `class_names` and
        `view` where it is a `cilens.types.ImageModel`.
    image : (height, width, channels) array
        One that the model can be asked about.
    tolerance : float
        By how much the scores of an image may differ between batches of other sizes.

    Raises
    ------
    AssertionError
        If it breaks the contract.
    ModelError
        If its answer is not one row of finite scores for each image.

    Examples
    --------
    >>> check_model(lambda images: images.mean(axis=(1, 2)), np.ones((8, 8, 3)))
    """
    must = contract(model)
    given = image.copy()
    seen = scoring.view(model, given)
    shown, box = seen.image, seen.box
    must(np.array_equal(given, image), "leave the image as it came")
    if isinstance(model, ImageModel):
        again = model.view(as_shares(given))
        must(np.array_equal(again.image, shown), "show an image the same every time")
        edges = 0 <= box[0] < box[2] <= image.shape[0] and 0 <= box[1] < box[3] <= image.shape[1]
        must(edges, f"show a part of the image {image.shape}; got the box {box}")
    shown = to_units(as_shares(shown), seen.pixel_range)
    batch = np.stack([shown, shown * 0, shown[::-1], shown[:, ::-1], shown])
    scores = _ask(model, batch, len(batch))
    n_names, n_classes = len(scoring.class_names(model)), scores.shape[1]
    must(
        n_names in (0, n_classes),
        f"name all of its {n_classes} classes or none; got {n_names} names",
    )
    must(
        np.array_equal(_ask(model, batch, len(batch)), scores),
        "answer the same batch the same every time",
    )
    for size in (1, 2):
        apart = np.abs(_ask(model, batch, size) - scores).max()
        must(
            apart <= tolerance,
            f"answer an image alike in a batch of {size} and of {len(batch)}; "
            f"scores differ by {apart:g}",
        )


def check_method(method: Method, image: Image | None = None) -> None:
    """Check that a method returns a sound explanation and counts its model rows.

    It is asked to explain a model of three classes: the brightness of the image's halves, and
    one that never changes.

    Parameters
    ----------
    method : callable
        (model, image, progress) to `cilens.Explanation`. A dataclass is put through `check_part`
        too.
    image : (height, width, channels) array, optional
        In [0, 1]; by default a grey one of 20 x 17 pixels.

    Raises
    ------
    AssertionError
        If it breaks the contract.

    Examples
    --------
    >>> from cilens import ContextualImportance
    >>> check_method(ContextualImportance())
    """
    must = contract(method)
    asked: list[int] = []
    told: list[int] = []
    counted = _counted(asked)
    image = sample_images()[0] if image is None else image
    given = image.copy()
    explanation = method(counted, given, progress=told.append)
    must(np.array_equal(given, image), "leave the image as it came")
    _check_explanation(method, explanation)
    must(
        explanation.model_rows == sum(told) and sum(asked) - sum(told) in consistency.ROWS,
        f"count its model rows, those that check the model aside: {sum(asked)} were asked, "
        f"progress was told {sum(told)}, the explanation says {explanation.model_rows}",
    )
    again = method(_halves, image)
    for field in dataclasses.fields(Explanation):
        first, second = getattr(explanation, field.name), getattr(again, field.name)
        must(np.array_equal(first, second), f"find the same {field.name} every time")
    influence = explanation.influence
    still, moved = np.abs(influence[:, 2]).max(), np.abs(influence[:, :2]).max()
    must(still < 1e-9, "find no influence on a class that never changes")
    must(moved > 1e-3, "find influence on a class that does change")
    check_kept(method)


def check_metric(metric: Metric, method: Method) -> None:
    """Check that a metric gives the numbers it names, the same every time, and tells its rows.

    Parameters
    ----------
    metric : callable
        (model, explanation, target, method, progress) to numbers by name. A dataclass is put
        through `check_part` too.
    method : Method
        What explains, for the metric to judge; asked about the model of `check_method`.

    Raises
    ------
    AssertionError
        If it breaks the contract.

    Examples
    --------
    >>> from cilens import ContextualImportance
    >>> from cilens.metrics.sparsity import Sparsity
    >>> check_metric(Sparsity(), ContextualImportance())
    """
    must = contract(metric)
    asked: list[int] = []
    told: list[int] = []
    counted = _counted(asked)
    must(
        len(metric.better) > 0 and set(metric.better.values()) <= {"higher", "lower"},
        f"say of each number whether higher or lower is better; got {dict(metric.better)}",
    )
    explanation = method(_halves, sample_images()[0])
    found = metric(counted, explanation, method=method, progress=told.append)
    must(
        list(found) == list(metric.better),
        f"give the numbers it names, {list(metric.better)}; got {list(found)}",
    )
    numbers = [number for number in found.values() if number is not None]
    must(
        np.isfinite(numbers).all(),
        f"give finite numbers, or None where there is none; got {dict(found)}",
    )
    rows = f"{sum(asked)} were asked, progress was told {sum(told)}"
    checks = sum(asked) - sum(told)  # of a method that is asked again: two rows each time
    must(checks >= 0 and checks % 2 == 0, f"tell its model rows: {rows}")
    again = metric(_halves, explanation, explanation.predicted, method=method)
    must(again == found, "judge the predicted class by default, every time alike")
    other = metric(_halves, explanation, 1 - explanation.predicted, method=method)
    must(list(other) == list(found), "give the same numbers for every class")
    check_kept(metric)


def _check_explanation(method: Method, explanation: Explanation) -> None:
    """Check what must hold of the numbers of any explanation."""
    must = contract(method)
    n_regions = len(explanation.regions)
    must(n_regions > 0, "explain at least one region")
    must(
        bool(explanation.regions.any(axis=1).all())
        and explanation.regions.shape == (n_regions, int(explanation.segments.max()) + 1)
        and len(explanation.region_names) == n_regions,
        "name its regions, each of at least one segment",
    )
    for name, least, most in (
        ("low", -np.inf, explanation.scores),
        ("high", explanation.scores, np.inf),
        ("importance", 0, 1),
        ("utility", 0, 1),
        ("influence", -1, 1),
    ):
        values = getattr(explanation, name)
        inside = bool(((values >= least) & (values <= most)).all())
        must(inside, f"keep {name} within its bounds")
    must(explanation.method == repr(method), "sign the explanation with its repr")


def _ask(model: Model, batch: Batch, batch_size: int) -> Scores:
    """Ask about the rows of a batch, in the one loop that asks a model anything."""
    shown: list[Batch] = []

    def rows(image: Image, segments: Segments, coalitions: Coalitions) -> Batch:
        del image, segments  # which row is asked for is all that counts
        shown.append(batch[coalitions.argmax(axis=1)])
        return shown[-1]

    segments = np.zeros(batch.shape[1:3], dtype=np.intp)
    question = Question(batch[0], segments, np.eye(len(batch), dtype=bool), rows)
    (answer,) = scoring.score(model, [question], batch_size=batch_size)
    contract(model)(np.array_equal(np.concatenate(shown), batch), "leave its images as they came")
    return answer.scores


def _counted(asked: list[int]) -> Model:
    """Return a model that notes how many images it is asked about."""

    def counted(images: Batch) -> Scores:
        asked.append(len(images))
        return _halves(images)

    return counted


def _halves(images: Batch) -> Scores:
    """Score the brightness of the left half and of the right, and a class that never changes."""
    middle = images.shape[2] // 2
    left, right = (part.mean(axis=(1, 2, 3)) for part in np.split(images, [middle], axis=2))
    return np.stack([left, right, np.full(len(images), 0.25)], axis=1)
