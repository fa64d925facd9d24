"""A contact sheet of explanations: what was seen in many images, side by side, to be filtered."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from cilens import render
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.files import whole_file
from cilens.printable import printable
from cilens.text import about, percent
from cilens.view.pack import pack
from cilens.view.page import document

NAME = "index.html"
"""What the sheet is called, beside the explanations."""

_SIDE = 128
"""Pixels of a preview's longer side, about."""


def gallery(directory: Path) -> str:
    """Write the contact sheet of the explanations in a directory.

    Parameters
    ----------
    directory : Path
        What ``cilens explain --out`` wrote: each .npz is an image, and .html beside it its page.

    Returns
    -------
    str
        HTML that needs no other file; its pictures open the pages that are there.

    Raises
    ------
    InputError
        If there is no explanation.
    FileError
        If a .npz is none.

    Examples
    --------
    >>> gallery(Path("nowhere"))
    Traceback (most recent call last):
    cilens.errors.InputError: nowhere has no explanation (.npz): cilens explain --out writes some
    """
    paths = sorted(directory.glob("*.npz"))
    if not paths:
        raise InputError(f"{directory} has no explanation (.npz): cilens explain --out writes some")
    cards = [_card(path, Explanation.load(path)) for path in paths]
    title = f"{len(cards)} {'image' if len(cards) == 1 else 'images'}"
    said = "What was seen in each, from the explanations of one directory."
    return document("gallery.js", title, said, pack({"cards": cards}, {}))


def save_gallery(directory: Path) -> Path:
    """Write the contact sheet beside the explanations, and return where it is.

    Raises
    ------
    FileError
        If it cannot be written, or a .npz is no explanation.
    """
    text, path = gallery(directory), directory / NAME
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
    return path


def off_centre(explanation: Explanation) -> float | None:
    """Return how much of what surely speaks for the predicted class lies off the middle.

    The middle is half as high and half as wide as the image. A network that looks at what is
    there has little outside; one that has learnt a marker in a corner, much.

    Returns
    -------
    float or None
        A share of the influence, by area; None where nothing surely speaks for the class.
    """
    influence = np.maximum(explanation.saliency(), 0.0) * explanation.sure_pixels()
    height, width = influence.shape
    rows, columns = (
        np.abs((np.arange(size) + 0.5) / size - 0.5) <= 0.25 for size in (height, width)
    )
    # A region counts by its influence, however large it is.
    own = np.bincount(explanation.segments.ravel())[explanation.segments]
    weights = influence / own
    total = float(weights.sum())
    return 1 - float(weights[np.ix_(rows, columns)].sum()) / total if total else None


def _card(path: Path, explanation: Explanation) -> dict[str, Any]:
    """Return what the sheet has of an image."""
    topic, sure = about(explanation), explanation.sure_pixels()
    picture = render.overlay(explanation.image, explanation.saliency(), sure)
    small = render.shrink(render.enlarge(picture, _SIDE), _SIDE * 3 // 2)
    page, area = path.with_suffix(".html"), float(explanation.highlight().mean())
    return {
        "name": printable(path.stem),
        "href": page.name if page.is_file() else None,
        "class": explanation.class_name(),
        "score": float(explanation.scores[explanation.predicted]),
        "said": topic.own_score(explanation.predicted),
        "area": area,
        "off": off_centre(explanation),
        "seen": f"highlight {percent(area)} of the image" if area else "nothing surely counts",
        "picture": f"data:image/jpeg;base64,{base64.b64encode(render.to_jpeg(small)).decode()}",
    }
