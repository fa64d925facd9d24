"""What a figure shows once it is drawn."""

from __future__ import annotations

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def drawn_texts(figure, monkeypatch) -> list[Text]:
    """Return the texts that a drawing of the figure shows."""
    seen = []
    draw = Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            seen.append(text)
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", record)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    monkeypatch.undo()
    return seen


def boxes(texts):
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def overlaps(texts) -> list[tuple[str, str]]:
    return [
        (one, other)
        for (one, box), (other, other_box) in itertools.combinations(boxes(texts), 2)
        if min(box.x1, other_box.x1) - max(box.x0, other_box.x0) > 0.5
        and min(box.y1, other_box.y1) - max(box.y0, other_box.y0) > 0.5
    ]


def outside(figure, texts) -> list[str]:
    page = figure.bbox
    return [
        text
        for text, box in boxes(texts)
        if box.x0 < page.x0 or box.y0 < page.y0 or box.x1 > page.x1 or box.y1 > page.y1
    ]
