"""The reference of the tables is current, and the tables are what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.runs import reference, run, schema
from runs.conftest import request, rows

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "runs.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference.page(), (
        "write it anew: python -m cilens.runs.reference > docs/reference/runs.md"
    )


@pytest.mark.parametrize("columns", [schema.IMAGES, schema.REGIONS])
def test_every_column_is_told_of(columns: dict[str, schema.Column]) -> None:
    assert all(one.text.endswith(".") for one in columns.values())


def test_the_tables_have_these_columns(tmp_path: Path) -> None:
    run(request("mnist:0", tmp_path / "out"))
    images, regions = rows(tmp_path / "out"), rows(tmp_path / "out", "regions")
    assert [*images.column_names, "seconds"] == [
        *(name for name in schema.IMAGES if name != "seconds"),
        "seconds",
    ]
    assert regions.column_names == list(schema.REGIONS)
    for table, columns in ((images, schema.IMAGES), (regions, schema.REGIONS)):
        for name in table.column_names:
            kind = str(table.schema.field(name).type)
            assert kind == {"list": "list<element: double>"}.get(
                columns[name].type, columns[name].type
            )
