"""P18: several digits in one image, and a map for each of them."""

from __future__ import annotations

from dataclasses import replace

from matplotlib.figure import Figure

from cilens import render
from cilens.datasets.synthetic import Scene
from cilens.explanation import Explanation
from cilens.metrics.localization import pointing
from cilens.models.wrappers.canvas import CanvasModel
from cilens.paper.figures.layout import MARGIN, Cell, bordered, new_sheet, outlined, row, sharpened
from cilens.paper.figures.scales import colour_bar
from cilens.paper.measure import p18_objects
from cilens.paper.study import PAPER, Study

_HIGH, _STEP, _GAP, _TOP = 1.5, 2.05, 0.25, 1.3
"""A canvas, from one to the next below it, between two, and where the first begins."""


def objects_figure(study: Study) -> Figure:
    """Draw canvases and a mosaic with several digits, and one map for each digit that is there."""
    scenes = [*p18_objects.canvases(4)[:3], next(p18_objects.mosaics(1, study.test[1].tolist()))]
    looking, cuts = CanvasModel(study.model), [p18_objects.SEGMENTER] * 3 + [p18_objects.FOUR]
    shown = [
        _cells(scene, replace(PAPER, segmenter=cut)(looking, scene.image))
        for scene, cut in zip(scenes, cuts, strict=True)
    ]
    widths = [
        len(one) * (_HIGH * scene.image.shape[1] / scene.image.shape[0] + _GAP)
        for scene, one in zip(scenes, shown, strict=True)
    ]
    sheet = new_sheet(
        2 * MARGIN + max(widths),
        _TOP + len(scenes) * _STEP + 0.3,
        "Several digits in one image, one explanation for each",
        f"Network “{study.name}”, at every place of the canvas; the highest score counts. "
        "Outline: where the digit is. All maps of a row come from the same questions.",
    )
    for place, one in enumerate(shown):
        row(sheet, (MARGIN, _TOP + place * _STEP), one, _HIGH, _GAP)
    colour_bar(sheet.axes(MARGIN, 0.75, 1.6, 0.08))
    return sheet.figure


def _cells(scene: Scene, explanation: Explanation) -> list[Cell]:
    """Show a canvas with its segments, and a map for each of its digits."""
    names = [explanation.class_name(index) for index in scene.classes]
    pixels = bordered(sharpened(render.to_rgb(scene.image)), explanation.segments)
    title = f"{', '.join(names[:-1])} and {names[-1]}"
    found = [Cell(pixels, title, (f"{len(explanation.regions)} segments",))]
    for name, index, where in zip(names, scene.classes, scene.objects, strict=True):
        share = pointing(explanation, where, index).share
        words = "none speaks for it" if share is None else f"{100 * share:.0f} % on its object"
        coloured = outlined(render.signed_map(explanation.saliency(index), 1.0), where)
        found.append(Cell(coloured, f"Influence on {name}", (words,)))
    return found
