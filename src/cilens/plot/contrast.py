"""One class against another: both maps and their difference, on one colour scale."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cilens import render
from cilens.contrast import Contrast
from cilens.explanation import Explanation
from cilens.plot.panels import BAR_ROOM, plot_difference, plot_image, plot_influence
from cilens.plot.style import DPI, INK, SMALL, SOFT, TITLE, fitted, inches, write
from cilens.text.names import short_name

_MARGIN, _GAP, _SIDE, _TOP, _BOTTOM = 0.5, 0.35, 2.4, 1.45, 0.45


def contrast_figure(explanation: Explanation, contrast: Contrast) -> Figure:
    """Draw the image, what speaks for each class, and what speaks for the one rather.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    contrast : Contrast
        Of two of its classes.

    Returns
    -------
    Figure
        Neither shown nor saved.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> explanation = cilens.explain(model, image)
    >>> figure = contrast_figure(explanation, explanation.contrast(3, 8))
    """
    high = _SIDE * explanation.image.shape[0] / explanation.image.shape[1]
    across = 2 * _MARGIN + 4 * _SIDE + 3 * _GAP + 3 * BAR_ROOM
    figure = Figure(figsize=(across, _TOP + high + _BOTTOM), dpi=DPI, facecolor="white")
    one, other = contrast.target, contrast.foil
    both = explanation.influence[:, [one, other]]
    limit = render.scale_limit(np.concatenate([both.ravel(), contrast.difference]))
    lefts = [_MARGIN + n * (_SIDE + _GAP) + max(n - 1, 0) * BAR_ROOM for n in range(4)]
    axes = [inches(figure, (left, _BOTTOM, _SIDE, high)) for left in lefts]
    plot_image(explanation, one, ax=axes[0])
    plot_influence(explanation, one, limit=limit, ax=axes[1])
    plot_influence(explanation, other, limit=limit, ax=axes[2])
    plot_difference(explanation, contrast, limit=limit, ax=axes[3])
    names = [short_name(explanation.class_name(index)) for index in (one, other)]
    height = _TOP + high + _BOTTOM
    room = 72 * (across - 2 * _MARGIN)
    for text, y, size, ink in (
        (f"Why {names[0]} and not {names[1]}", height - 0.5, TITLE, INK),
        (explanation.method, 0.2, SMALL, SOFT),
    ):
        line = fitted(text, room, size, bold=size == TITLE)
        write(figure, (_MARGIN, y), line, size, ink=ink)
    return figure
