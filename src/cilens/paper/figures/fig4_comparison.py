"""Fig. 4: contextual importance beside occlusion sensitivity and LIME."""

from __future__ import annotations

from matplotlib.figure import Figure

from cilens.datasets.mnist import mnist_image
from cilens.evaluation.compare import Compared
from cilens.paper.figures import cells
from cilens.paper.figures.layout import MARGIN, Sheet, new_sheet, row, write
from cilens.paper.figures.scales import colour_bar
from cilens.paper.measure import p11_comparison
from cilens.paper.study import TUTORIAL, Study
from cilens.plot.style import SMALL, SOFT

COMPARED = (82, 300, 5878)
"""Images of the authors: the random forest has learnt from none of them."""

COLUMNS = {
    "occlusion": "Occlusion sensitivity",
    "LIME": "LIME, same network",
    "contextual importance": "Contextual importance",
    "forest": "LIME, random forest",
}
"""What is beside the image."""

_SIDE, _STEP, _TOP = 1.75, 2.05, 1.05


def figure_4(study: Study) -> Figure:
    """Draw four digits and, side by side, each method's map and numbers."""
    shown, high = (*COMPARED, study.even_example), _SIDE + 1.2
    sheet = new_sheet(
        MARGIN * 2 + 5 * _STEP - (_STEP - _SIDE),
        _TOP + len(shown) * high + 0.3,
        "Fig. 4   The same digits, explained by other methods",
        f"Network “{study.name}”; the last column explains a random forest on quickshift segments, "
        "as LIME's own tutorial does. Outline: every highlight, from 1 % on.",
    )
    for place, index in enumerate(shown):
        top, entries = _TOP + place * high, _entries(study, index)
        titles = list(COLUMNS.values()) if place == 0 else [""] * len(COLUMNS)
        network = entries[0].explanation
        pictures = [
            cells.image(network, f"mnist:{index}", cells.scored(network)),
            *(
                cells.influence(entry.explanation, entry.check.target, title, " ")
                for title, entry in zip(titles, entries, strict=True)
            ),
        ]
        row(sheet, (MARGIN, top), pictures, _SIDE, _STEP - _SIDE)
        for column, entry in enumerate(entries, start=1):
            _numbers(sheet, (MARGIN + column * _STEP, top + _SIDE + 0.16), entry)
    colour_bar(sheet.axes(MARGIN + 3 * _STEP, 0.55, _SIDE, 0.08))
    return sheet.figure


def _entries(study: Study, index: int) -> list[Compared]:
    """Explain an image in each of the ways, and let the judges judge."""
    made = {**p11_comparison.METHODS, "forest": TUTORIAL}
    asked = {"forest": study.forest}
    return [
        p11_comparison.stand(asked.get(name, study.model), [mnist_image(index)], name, made[name])[
            0
        ]
        for name in COLUMNS
    ]


def _numbers(sheet: Sheet, at: tuple[float, float], entry: Compared) -> None:
    explanation, ink = entry.explanation, entry.ink_precision
    numbers = {
        "rows asked": f"{explanation.model_rows:,}",
        "ink precision": "–" if ink is None else f"{100 * ink:.0f} %",
        "highlight alone": "empty" if entry.check.empty else cells.score_text(entry.check.score),
        "MIF · LIF": f"{entry.curves.mif:.2f} · {entry.curves.lif:.2f}",
        "SRG": f"{entry.curves.srg:+.2f}".replace("-", "−"),
    }
    if entry.name == "forest":
        numbers["the forest says"] = cells.scored(explanation)
    for line, (words, number) in enumerate(numbers.items()):
        write(sheet, (at[0], at[1] + 0.14 * line), words, size=SMALL, ink=SOFT)
        write(sheet, (at[0] + 0.92, at[1] + 0.14 * line), number, size=SMALL)
