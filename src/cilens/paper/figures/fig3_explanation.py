"""Fig. 2 and 3: from an image to its segments, its perturbed samples and its explanation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.coalitions import one_out
from cilens.explanation import Explanation
from cilens.followup.highlight import HighlightCheck
from cilens.paper.figures.layout import (
    BODY,
    INK,
    MARGIN,
    SMALL,
    SOFT,
    Sheet,
    new_sheet,
    outlined,
    panel,
    segments_panel,
    write,
)
from cilens.paper.figures.scales import colour_bar, score_text
from cilens.perturbation import Constant

_SIDE = 1.45
"""Of a picture in Fig. 3, in inches."""

_WIDE, _GAP = 10.6, 0.12
"""Of Fig. 2, and between its samples."""


def process_figure(explanation: Explanation, check: HighlightCheck, source: str) -> Figure:
    """Draw Fig. 2: over-segmentation, perturbed samples with their scores, and what comes of it.

    Parameters
    ----------
    explanation : Explanation
        With the paper's settings: black in the place of one segment at a time.
    check : HighlightCheck
        Of the same explanation.
    source : str
        What the image is called.

    Returns
    -------
    Figure
    """
    across, side = _tiles(len(explanation.regions))
    down = -(-len(explanation.regions) // across)
    top = 3.55
    sheet = new_sheet(
        _WIDE,
        top + 0.35 + down * (side + 0.62) + 0.25,
        "Fig. 2   Over-segmentation and perturbed samples",
        f"{source}. Score of {explanation.class_name()} beneath each sample, and by how much it "
        "is lower than the image's: the segment's influence (Eq. 2).",
    )
    _first_row(sheet, explanation, check)
    write(sheet, (MARGIN, top), "b   The perturbed samples: each hides one segment", bold=True)
    _samples(sheet, explanation, top + 0.2)
    return sheet.figure


def explanations_figure(
    cases: Sequence[tuple[str, Explanation, HighlightCheck]], model: str
) -> Figure:
    """Draw Fig. 3: image and score, segments, the paper's picture and the highlight's score.

    Parameters
    ----------
    cases : sequence of (str, Explanation, HighlightCheck)
        A column for each: what the image is called, its explanation, and the check of it.
    model : str
        What the network is called.

    Returns
    -------
    Figure
    """
    left, top, step = 1.45, 0.85, _SIDE + 0.48
    width = left + len(cases) * (_SIDE + 0.2) + MARGIN - 0.2
    sheet = new_sheet(
        width,
        top + 3 * step + 0.5,
        "Fig. 3   Digits, their segments, and what matters",
        f"Network “{model}”. Red: ink of segments whose influence on the class is 1 % or more; "
        "white: all other ink. Beneath it the class's score on the red part alone.",
    )
    rows = ("The image", "and its score"), ("The segments", ""), ("What matters,", "and its score")
    for row, words in enumerate(rows):
        for line, text in enumerate(words):
            write(sheet, (MARGIN, top + row * step + 0.65 + 0.16 * line), text, bold=line == 0)
    for column, (source, explanation, check) in enumerate(cases):
        places = [
            sheet.axes(left + column * (_SIDE + 0.2), top + row * step, _SIDE, _SIDE)
            for row in range(3)
        ]
        _column(places, source, explanation, check)
    return sheet.figure


def alone_text(explanation: Explanation, check: HighlightCheck) -> str:
    """Write what the model says of a highlight alone.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    check : HighlightCheck
        Of the same explanation.

    Returns
    -------
    str
        An empty highlight is called blank.
    """
    if check.empty:
        return "nothing reaches 1 %"
    name = explanation.class_name(check.target)
    text = f"{name}: {score_text(check.score)}"
    if check.predicted == check.target:
        return text
    return f"{text}, seen as {explanation.class_name(check.predicted)}"


def _column(
    places: Sequence[Axes], source: str, explanation: Explanation, check: HighlightCheck
) -> None:
    image, segments, picture = places
    name, score = explanation.class_name(), float(explanation.scores[explanation.predicted])
    panel(image, render.to_rgb(explanation.image), source, (f"{name}: {score_text(score)}",))
    segments_panel(segments, explanation, "", (f"{len(explanation.regions)} segments",))
    kept = render.paper_picture(explanation.image, explanation.highlight())
    numbers = np.flatnonzero(explanation.important())
    which = ", ".join(map(explanation.region_name, numbers)) or "none"
    panel(picture, kept, "", (alone_text(explanation, check), f"segments: {which}"))


def _first_row(sheet: Sheet, explanation: Explanation, check: HighlightCheck) -> None:
    """Draw image, segments, influence, and the paper's picture."""
    side, step, top = 1.9, 2.65, 0.85
    index = explanation.predicted
    name, score = explanation.class_name(), float(explanation.scores[index])
    places = [sheet.axes(MARGIN + column * step, top, side, side) for column in range(4)]
    panel(
        places[0], render.to_rgb(explanation.image), "The image", (f"{name}: {score_text(score)}",)
    )
    segments_panel(
        places[1], explanation, "a   Its segments", (f"{len(explanation.regions)} of them",)
    )
    limit = render.scale_limit(explanation.influence[:, index])
    pixels = render.signed_map(explanation.saliency(), limit)
    panel(places[2], pixels, f"Their influence on {name}")
    colour_bar(sheet.axes(MARGIN + 2 * step, top + side + 0.2, 1.3, 0.08), limit, "")
    panel(
        places[3],
        render.paper_picture(explanation.image, explanation.highlight()),
        "What matters",
        (f"alone: {alone_text(explanation, check)}",),
    )


def _tiles(count: int) -> tuple[int, float]:
    """Return how many samples stand in a row of Fig. 2, and their size."""
    across = min(max(count, 8), 10)
    return across, (_WIDE - 2 * MARGIN - (across - 1) * _GAP) / across


def _samples(sheet: Sheet, explanation: Explanation, top: float) -> None:
    """Draw each perturbed sample, the hidden segment outlined."""
    asked = one_out(explanation.regions)
    batch = Constant(0.0)(explanation.image, explanation.segments, asked)
    target, (across, side) = explanation.predicted, _tiles(len(batch))
    for number, (sample, coalition) in enumerate(zip(batch, asked, strict=True)):
        row, column = divmod(number, across)
        ax = sheet.axes(
            MARGIN + column * (side + _GAP), top + 0.15 + row * (side + 0.62), side, side
        )
        hidden = ~coalition[explanation.segments]
        influence = float(explanation.influence[number, target])
        score = float(explanation.scores[target]) - influence
        sign = "−" if influence < 0 else "+" if influence > 0 else ""
        strong = abs(influence) >= 0.01
        panel(
            ax,
            outlined(render.to_rgb(sample), hidden),
            f"without {explanation.region_name(number)}",
        )
        for line, (text, size, ink) in enumerate(
            (
                (score_text(score), BODY, INK if strong else SOFT),
                (f"{sign}{score_text(abs(influence))}", SMALL, SOFT),
            )
        ):
            ax.annotate(
                text,
                (0, 0),
                xycoords="axes fraction",
                xytext=(0, -4 - line * BODY * 1.5),
                textcoords="offset points",
                fontsize=size,
                color=ink,
                va="top",
                parse_math=False,
            )
