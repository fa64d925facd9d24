"""The reference of a run's tables: `reference.md`, with the columns as they are.

``python -m cilens.runs.reference > docs/reference/runs.md`` writes it anew.
"""

from __future__ import annotations

from importlib import resources

from cilens.runs.schema import IMAGES, REGIONS, VERSION


def page() -> str:
    """Return the whole page."""
    parts = []
    for title, columns in (("images", IMAGES), ("regions", REGIONS)):
        rows = (f"| `{name}` | {one.type} | {one.text} |" for name, one in columns.items())
        head = f"## {title}/part-*.parquet\n"
        parts.append("\n".join([head, "| column | type | what |", "|---|---|---|", *rows]))
    text = resources.files("cilens.runs").joinpath("reference.md").read_text(encoding="utf-8")
    return text.format(version=VERSION, tables="\n\n".join(parts))


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
