"""Methods side by side: the same image, the same model, the same judges."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool

from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight, HighlightCheck
from cilens.metrics.flipping import Curves, Flipping
from cilens.metrics.localization import pointing
from cilens.perturbation import Constant
from cilens.scoring.protocols import Method
from cilens.types import GivenImage, Image, Model, Perturbation, Progress

_BLACK = Constant(0.0)


class Compared(NamedTuple):
    """One method's explanation of an image, and what the judges say of it.

    Attributes
    ----------
    name : str
        The method's name in this comparison.
    explanation : Explanation
        Its answer.
    seconds : float
        What it took, segmentation included.
    ink_precision : float or None
        Share of the target's positive influence that lies on ink (pixels of a grey image above
        0); None for photographs and where nothing speaks for the target.
    check : HighlightCheck
        The highlight alone, removed, blank.
    curves : Curves
        Pixel flipping: MIF, LIF and SRG.
    """

    name: str
    explanation: Explanation
    seconds: float
    ink_precision: float | None
    check: HighlightCheck
    curves: Curves


def compare(
    model: Model,
    image: GivenImage,
    methods: Mapping[str, Method],
    *,
    perturbation: Perturbation = _BLACK,
    target: int | str | None = None,
    progress: Progress | None = None,
) -> Iterator[Compared]:
    """Explain one image by several methods and judge each alike.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    image : (height, width, channels) array
        Brought to the model's view first.
    methods : mapping of str to Method
        Each by its name.
    perturbation : Perturbation
        What hides pixels for the judges; the same for all.
    target : int or str, optional
        A class index or name; by default the predicted class.
    progress : callable, optional
        Called after each batch with the number of model rows just answered to a method.

    Yields
    ------
    Compared
        One for each method, in order.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> methods = {"paper": cilens.ContextualImportance.paper()}
    >>> [(one.name, one.check.predicted) for one in compare(model, image, methods)]
    [('paper', 7)]
    """
    flipping = Flipping(perturbation)
    for name, method in methods.items():
        start = time.perf_counter()
        explanation = method(model, image, progress=progress)
        seconds = time.perf_counter() - start
        index = explanation.target(target)
        yield Compared(
            name=name,
            explanation=explanation,
            seconds=seconds,
            ink_precision=ink_precision(explanation, explanation.image, index),
            check=Highlight(perturbation).check(model, explanation, index),
            curves=flipping.curves(model, explanation.view, explanation.ranking(index), index),
        )


def ink_precision(explanation: Explanation, image: Image, target: int) -> float | None:
    """Return the share of positive influence on ink, or None where there is no such thing.

    Ink is what a grey image has above 0: strokes on black.

    Examples
    --------
    >>> import cilens
    >>> image = np.array([[[1.0], [0.0]]])
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> explanation = cilens.ContextualImportance(cilens.Grid(1, 2))(bright, image)
    >>> ink_precision(explanation, image, 0)
    1.0
    """
    ink: Bool[np.ndarray, "height width"] = image[..., 0] > 0
    if image.shape[2] != 1 or not ink.any():
        return None
    return pointing(explanation, ink, target).share
