"""Tables, records and sentences say what the explanation's arrays hold."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

import made
from cilens.methods import ContextualImportance
from cilens.segmentation import Grid
from cilens.table import as_records, regions_table
from cilens.text import about
from cilens.text.numbers import percent


def printed(table, width=80) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


# Records


def test_records_hold_the_arrays_numbers_strongest_first(corner_model):
    image = np.linspace(0.2, 0.9, 64).reshape(8, 8, 1)
    explanation = ContextualImportance(Grid(rows=2, columns=2))(corner_model, image)
    records = as_records(about(explanation, 1))
    assert [record["id"] for record in records] == explanation.ranked(1).tolist()
    assert records[0]["id"] == 0
    for record in records:
        row = record["id"]
        assert record["influence"] == explanation.influence[row, 1]
        assert record["importance"] == explanation.importance[row, 1]
        assert record["utility"] == explanation.utility[row, 1]
        assert record["area"] == explanation.areas()[row]
        assert record["centroid"] == explanation.centroids()[row].tolist()
    assert json.loads(json.dumps(records)) == records


def test_size_ranks_whatever_the_sign_and_equals_keep_their_order():
    explanation = made.explanation([0.1, -0.4, 0.0, 0.3, 0.1])
    assert explanation.ranked(1).tolist() == [1, 3, 0, 4, 2]
    assert explanation.ranked(0).tolist() == [0, 1, 2, 3, 4]


# The table


@pytest.mark.parametrize("shape", [(28, 28, 1), (1000, 1000, 3)])
def test_table_fits_a_terminal_and_holds_the_numbers(shape):
    explanation = made.explanation(np.linspace(-0.9, 0.8, 100), shape=shape)
    lines = printed(regions_table(about(explanation)))
    assert "…" not in "".join(lines)
    records = as_records(about(explanation))
    for line, record in zip(lines[2:12], records, strict=False):
        assert record["name"] in line.split()
        assert percent(record["influence"], None, signed=True) in line
        assert percent(record["importance"], None) in line
        assert percent(record["area"], None) in line
    assert lines[12] == "and 90 more, up to 77 %"
    assert len(lines) == 13


def test_rest_below_the_threshold_is_said_so():
    explanation = made.explanation([0.5] + [0.004] * 14)
    assert printed(regions_table(about(explanation)))[-1] == "and 5 more below 1 %"
    assert printed(regions_table(about(explanation, threshold=0.05)))[-1] == "and 5 more below 5 %"
    assert printed(regions_table(about(explanation), top=15))[-1].split()[0] == "15"


def test_bars_are_on_the_scale_their_head_states():
    lines = printed(regions_table(about(made.explanation([0.25, 0.125, 0.0]))))
    assert lines[0].endswith("25 %")
    assert "±" not in lines[0]
    assert [line.count("█") for line in lines[2:]] == [8, 4, 0]
    lines = printed(regions_table(about(made.explanation([0.25, -0.125]))))
    assert lines[0].endswith("±25 %")
    assert [(line.count("█"), line.count("▐")) for line in lines[2:]] == [(4, 0), (2, 0)]
    zero = lines[2].index("█")
    assert lines[3].rindex("█") == zero - 1


def test_important_regions_stand_out():
    table = regions_table(about(made.explanation([0.2, 0.01, 0.0099, -0.5])))
    assert [row.style for row in table.rows] == ["dim", "bold", "bold", "dim"]


def test_named_regions_have_number_and_name():
    names = ("upper loop", "a name that is far too long to fit", "[bold]stem")
    lines = printed(regions_table(about(made.explanation([0.3, 0.2, -0.1], region_names=names))))
    assert "0 upper loop" in lines[2]
    assert "1 a name that is …" in lines[3]
    assert "2 [bold]stem" in lines[4]
    assert lines[2].split()[4:] == ["25.0", "%", "30.0", "%", "1.00", "+30.0", "%", "██▌"]
