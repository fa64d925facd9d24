"""P18: several digits in one image, and a map for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from cilens import render
from cilens.datasets.synthetic import Scene
from cilens.explanation import Explanation
from cilens.metrics.localization import pointing
from cilens.paper.figures.layout import MARGIN, Sheet, bordered, new_sheet, outlined, panel
from cilens.paper.figures.scales import colour_bar
from cilens.plot.style import picture, sharpened

_HIGH, _STEP, _GAP, _TOP = 1.5, 2.05, 0.25, 1.2
"""A canvas, from one to the next below it, between two, and where the first begins."""


def objects_figure(cases: Sequence[tuple[Scene, Explanation]], model: str) -> Figure:
    """Draw canvases with several digits, and one map for each digit that is there.

    Parameters
    ----------
    cases : sequence of (Scene, Explanation)
        Canvases and their explanations.
    model : str
        What the network is called.

    Returns
    -------
    Figure
    """
    sheet = new_sheet(
        2 * MARGIN + max((_width(scene) + _GAP) * (1 + len(scene.classes)) for scene, _ in cases),
        _TOP + len(cases) * _STEP + 0.2,
        "Several digits in one image, one explanation for each",
        f"Network “{model}”, at every place of the canvas; the highest score counts. "
        "Outline: where the digit is. All maps of a row come from the same questions.",
    )
    limit = max(
        render.scale_limit(explanation.influence[:, list(scene.classes)])
        for scene, explanation in cases
    )
    for row, (scene, explanation) in enumerate(cases):
        _row(sheet, _TOP + row * _STEP, (scene, explanation), limit)
    colour_bar(sheet.axes(MARGIN, 0.75, 1.6, 0.08), limit)
    return sheet.figure


def _width(scene: Scene) -> float:
    return float(_HIGH * scene.image.shape[1] / scene.image.shape[0])


def _row(sheet: Sheet, top: float, case: tuple[Scene, Explanation], limit: float) -> None:
    """Draw a canvas with its segments, and a map for each of its digits."""
    (scene, explanation), width = case, _width(case[0])
    first = sheet.axes(MARGIN, top, width, _HIGH)
    shown = " and ".join(explanation.class_name(index) for index in scene.classes)
    pixels = render.to_rgb(scene.image)
    panel(first, pixels, shown, (f"{len(explanation.regions)} segments",))
    picture(first, bordered(sharpened(pixels), explanation.segments), scene.image.shape)
    for place, (index, where) in enumerate(zip(scene.classes, scene.objects, strict=True), start=1):
        ax = sheet.axes(MARGIN + place * (width + _GAP), top, width, _HIGH)
        share = pointing(explanation, where, index).share
        words = "none speaks for it" if share is None else f"{100 * share:.0f} % on its object"
        coloured = render.signed_map(explanation.saliency(index), limit)
        name = f"Influence on {explanation.class_name(index)}"
        panel(ax, outlined(coloured, where), name, (words,))
