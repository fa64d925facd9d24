"""Methods: ask a model about coalitions of segments, and read its answers as importance."""

from __future__ import annotations

from cilens import scoring
from cilens.explanation import Explanation
from cilens.methods.contextual import ContextualImportance
from cilens.segmentation import Slic
from cilens.types import AnyImage, Image, Method, Model, Progress

_SMALL = 64
"""Up to this many pixels on the longer side, an image is explained by few large segments."""


def explain(
    model: Model, image: AnyImage, *, method: Method | None = None, progress: Progress | None = None
) -> Explanation:
    """Explain what an image classifier saw.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores: a function, or what
        `cilens.load_model` returns.
    image : (height, width, channels) array
        In the range the model expects; `cilens.read_image` gives [0, 1].
    method : Method, optional
        By default the one that `recommended` names for this image.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Returns
    -------
    Explanation
        For every class of the model, from the same questions.

    Raises
    ------
    InputError
        If the image does not fit the model or is not an image.
    ModelError
        If the model's answer is not finite, not one row for each image, or out of range.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> cilens.explain(model, image).predicted
    7
    """
    if method is None:
        method = recommended(scoring.view(model, image).image)
    return method(model, image, progress=progress)


def recommended(image: Image) -> ContextualImportance:
    """Return the method `explain` uses where none is named.

    Small images (up to 64 pixels on the longer side) get the paper's nine superpixels, larger ones
    fifty: on a digit, many small segments hidden one at a time each change too little to be seen.

    Examples
    --------
    >>> import numpy as np
    >>> recommended(np.zeros((224, 224, 3))).segmenter
    Slic(n_segments=50, compactness=None, sigma=0.0)
    """
    small = max(image.shape[:2]) <= _SMALL
    return ContextualImportance(segmenter=Slic(n_segments=9 if small else 50))


__all__ = ["ContextualImportance", "explain", "recommended"]
