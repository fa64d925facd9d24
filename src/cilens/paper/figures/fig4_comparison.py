"""Fig. 4: contextual importance beside occlusion sensitivity and LIME."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cilens import render
from cilens.evaluation.compare import Compared
from cilens.explanation import Explanation
from cilens.paper.figures.layout import MARGIN, SOFT, Sheet, new_sheet, panel, wrapped, write
from cilens.paper.figures.scales import colour_bar, score_text

_SIDE, _STEP, _TOP = 1.75, 2.05, 1.05


COLUMNS = (
    "Occlusion sensitivity",
    "LIME, same network",
    "Contextual importance",
    "LIME, random forest",
)
"""What is beside the image."""


def comparison_figure(
    rows: Sequence[tuple[str, Sequence[Compared | None]]], model: str, missing: str
) -> Figure:
    """Draw Fig. 4: the image and, side by side, each method's map and numbers.

    Parameters
    ----------
    rows : sequence of (str, sequence of Compared or None)
        A row for each image: what it is called, and one for each of `COLUMNS`, None where a
        method is not installed.
    model : str
        What the network is called.
    missing : str
        Why an entry is not there.

    Returns
    -------
    Figure
    """
    high = _SIDE + 1.2
    sheet = new_sheet(
        MARGIN * 2 + 5 * _STEP - (_STEP - _SIDE),
        _TOP + len(rows) * high + 0.3,
        "Fig. 4   The same digits, explained by other methods",
        f"Network “{model}”; the last column explains a random forest on quickshift segments, as "
        "LIME's own tutorial does. Every highlight: from 1 % on.",
    )
    for row, (source, entries) in enumerate(rows):
        top = _TOP + row * high
        shown = [entry for entry in entries if entry is not None]
        _image(sheet.axes(MARGIN, top, _SIDE, _SIDE), source, shown[0].explanation)
        for column, entry in enumerate(entries, start=1):
            left = MARGIN + column * _STEP
            title = COLUMNS[column - 1] if row == 0 else ""
            if entry is None:
                write(sheet, (left, top - 0.06), title, bold=True)
                wrapped(sheet, (left, top + 0.5), missing, _SIDE)
            else:
                _entry(sheet, (left, top), title, entry)
                if column == len(COLUMNS):
                    _other_score(sheet, (left, top + _SIDE + 0.16 + 5 * 0.14), entry.explanation)
    colour_bar(sheet.axes(MARGIN + 3 * _STEP, 0.55, _SIDE, 0.08), 1.0)
    return sheet.figure


def _image(ax: Axes, source: str, explanation: Explanation) -> None:
    score = float(explanation.scores[explanation.predicted])
    panel(
        ax,
        render.to_rgb(explanation.image),
        source,
        (f"{explanation.class_name()}: {score_text(score)}",),
    )


def _entry(sheet: Sheet, at: tuple[float, float], title: str, entry: Compared) -> None:
    left, top = at
    pixels = render.signed_map(entry.explanation.saliency(), 1.0)
    ax = sheet.axes(left, top, _SIDE, _SIDE)
    panel(ax, pixels, title)
    ink = "–" if entry.ink_precision is None else f"{100 * entry.ink_precision:.0f} %"
    numbers = (
        ("rows asked", f"{entry.explanation.model_rows:,}"),
        ("ink precision", ink),
        ("highlight alone", "empty" if entry.check.empty else score_text(entry.check.score)),
        ("MIF · LIF", f"{entry.curves.mif:.2f} · {entry.curves.lif:.2f}"),
        ("SRG", f"{entry.curves.srg:+.2f}".replace("-", "−")),
    )
    for line, (words, number) in enumerate(numbers):
        y = top + _SIDE + 0.16 + 0.14 * line
        write(sheet, (left, y), words, size=7.0, ink=SOFT)
        write(sheet, (left + 0.92, y), number, size=7.0)


def _other_score(sheet: Sheet, at: tuple[float, float], explanation: Explanation) -> None:
    """Say what another model than the network sees."""
    score = float(explanation.scores[explanation.predicted])
    write(sheet, at, "the forest says", size=7.0, ink=SOFT)
    text = f"{explanation.class_name()}: {score_text(score)}"
    write(sheet, (at[0] + 0.92, at[1]), text, size=7.0)
