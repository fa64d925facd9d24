"""A figure and a table as one piece of HTML, for notebooks."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

_CELL = "padding: 0.2em 0.8em; text-align: right; font-variant-numeric: tabular-nums"


def to_html(png: bytes, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a figure and a table to be unfolded as HTML that needs no other file.

    Parameters
    ----------
    png : bytes
        Bytes of the figure.
    title : str
        For readers who see no pictures.
    heads : sequence of str
        One for each column.
    rows : sequence of sequences of str
        The cells.

    Returns
    -------
    str
        All texts escaped. Ink and ground of the table are the page's own, light or dark.

    Examples
    --------
    >>> to_html(b"", "a < b", ["n"], [["1"]])[:23]
    '<div><img alt="a &lt; b'
    """
    data = base64.b64encode(png).decode()
    cells = [
        "".join(f'<{tag} style="{_CELL}">{html.escape(cell)}</{tag}>' for cell in row)
        for tag, row in [("th", heads), *(("td", row) for row in rows)]
    ]
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return (
        f'<div><img alt="{html.escape(title)}" src="data:image/png;base64,{data}" '
        f'style="width: 100%; max-width: 1000px"><details><summary>Regions</summary>'
        f'<table style="color: inherit; border-collapse: collapse">{table}</table></details></div>'
    )
