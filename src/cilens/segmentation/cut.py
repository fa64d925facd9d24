"""Run any segmenter: gaps in its labels are closed in this one place, and its own are kept."""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer

from cilens.errors import InputError
from cilens.pixels import as_shares
from cilens.segmentation.grid import on_grid
from cilens.types import Image, Segmenter, Segments, View


def segment(
    segmenter: Segmenter, image: Image | View
) -> tuple[Segments, Integer[np.ndarray, " segments"]]:
    """Run a segmenter and close the gaps in its labels.

    Parameters
    ----------
    segmenter : Segmenter
        Any callable, image to (height, width) integer array.
    image : (height, width, channels) array or View
        In shares of the pixel range; handed to it as float32. Labels of the whole image that a view
        shows a part of are cut and resized as the view was, to the nearest.

    Returns
    -------
    segments : (height, width) int array
        Labels 0 … S-1, every one present.
    labels : (S,) int array
        The segmenter's own, ascending.

    Raises
    ------
    InputError
        If the segmenter's answer is not an integer array of the image's height and width.

    Examples
    --------
    >>> from cilens.segmentation import Labels
    >>> labels = np.array([[7, 7], [-1, 7]])
    >>> segments, own = segment(Labels(labels), np.zeros((2, 2, 1)))
    >>> segments.tolist(), own.tolist()
    ([[1, 1], [0, 1]], [-1, 7])
    """
    view = image if isinstance(image, View) else None
    pixels = image.image if isinstance(image, View) else image
    shares, shape = as_shares(pixels).astype(np.float32, copy=False), pixels.shape[:2]
    labelled = segmenter(shares)
    if isinstance(labelled, np.ma.MaskedArray):
        raise InputError("segments must label every pixel; got a masked array: fill it first")
    found = np.asarray(labelled)
    if found.dtype.kind not in "iu":
        raise InputError(f"segment labels must be integers; got dtype {found.dtype}")
    if view is not None and view.size == found.shape != shape:
        found = on_grid(found, view.box, shape)
    if found.shape != shape:
        other = f", or that of the image given, {view.size}" if view and view.size else ""
        raise InputError(f"segments must have the image's shape {shape}{other}; got {found.shape}")
    labels, segments = np.unique(found, return_inverse=True)
    return segments.reshape(found.shape).astype(np.intp), labels
