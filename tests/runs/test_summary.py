"""What a run found over all its images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cilens.errors import FileError
from cilens.findings.request import Request, RunOptions, RunRequest
from cilens.runs import run, summarize
from cilens.runs.schema import IMAGES, REGIONS
from cilens.runs.store import Rows, open_store
from runs.conftest import request


def image(index: int, **more: object) -> dict[str, object]:
    """Return the row of an image of class a, rightly so."""
    told = {"label_name": "a", "predicted_name": "a", "target_name": "a", "score": 0.9}
    return {"index": index, "image": f"{index}.png", "correct": True, **told, **more}


def region(index: int, **more: object) -> dict[str, object]:
    """Return the row of a small region in the lower right, as a tag would be."""
    told = {"is_target": True, "important": True, "influence": 0.5, "area": 0.02}
    return {"index": index, **told, "row": 0.9, "column": 0.9, "colour": [1.0], **more}


def written(out: Path, images: list[dict[str, Any]], regions: list[dict[str, Any]]) -> Path:
    """Write a part for each two images."""

    def columns(names: Any, rows: list[dict[str, Any]]) -> Rows:
        return {name: [row.get(name) for row in rows] for name in names}

    with open_store(out, pa.schema([])) as store:
        for part in range(0, len(images), 2):
            own = images[part : part + 2]
            inside = [row for row in regions if row["index"] in {one["index"] for one in own}]
            store.write(part // 2, columns(IMAGES, own), columns(REGIONS, inside))
    return out


def test_counts_mistakes_and_places(tmp_path: Path) -> None:
    wrong = {"correct": False, "predicted_name": "b", "target_name": "b"}
    images = [
        image(0),
        image(1, score=0.6, **wrong),
        image(2, score=0.8, **wrong),
        {"index": 3, "image": "3.png", "error": "no image"},
        image(4, correct=None, label_name=None),
    ]
    regions = [region(0, influence=0.3), region(0, row=0.1, influence=-0.1), region(1, row=0.5)]
    found = summarize(written(tmp_path, images, regions))
    assert (found.images, found.failed, found.labelled, found.correct) == (5, 1, 3, 1)
    assert found.mistakes == [(0.8, "2.png", "a", "b"), (0.6, "1.png", "a", "b")]
    np.testing.assert_allclose(found.places["a"], [[0, 0, -0.05], [0, 0, 0], [0, 0, 0.15]])
    np.testing.assert_allclose(found.places["b"], [[0, 0, 0], [0, 0, 0.25], [0, 0, 0]])


OTHERS = [image(at) for at in range(4, 8)]


@pytest.mark.parametrize(
    ("regions", "suspects"),
    [
        ([region(at) for at in range(4)], 1),
        ([region(at) for at in range(2)], 0),  # in too few
        ([region(at, influence=0.05) for at in range(4)], 0),  # too weak
        ([region(at, important=False) for at in range(4)], 0),
        ([region(at, is_target=False) for at in range(4)], 0),
        ([region(at, colour=[0.94 + 0.11 * (at % 2)]) for at in range(4)], 0),  # another look
        ([region(at, area=0.02 + 0.02 * at) for at in range(4)], 0),  # another size
        ([region(0) for _ in range(4)], 0),  # one image has it four times
    ],
)
def test_what_makes_a_suspect(tmp_path: Path, regions: list[Any], suspects: int) -> None:
    found = summarize(written(tmp_path, [*map(image, range(4)), *OTHERS], regions)).suspects
    assert len(found) == suspects
    for one in found:
        assert (one.name, one.images, one.of, one.influence) == ("a", 4, 8, 0.5)
        assert (one.colour, one.places) == ((1.0,), 1)
        assert one.examples == ("0.png", "1.png", "2.png")


def test_a_look_of_several_classes_is_no_suspect(tmp_path: Path) -> None:
    images = [image(at, target_name="ab"[at % 2]) for at in range(8)]
    assert summarize(written(tmp_path, images, [region(at) for at in range(8)])).suspects == []


def test_the_planted_tag_is_the_one_suspect(tmp_path: Path) -> None:
    asked = RunRequest(Request(["shapes:0-29"], "shapes"), RunOptions(out=tmp_path / "out"))
    run(asked)
    (found,) = summarize(tmp_path / "out").suspects
    assert (found.name, found.images, found.of) == ("square", 10, 10)
    assert found.area == pytest.approx(49 / 48**2, rel=0.1)
    np.testing.assert_allclose(found.colour, (0.98, 0.86, 0.1), atol=0.01)


def test_digits_have_none(tmp_path: Path) -> None:
    run(request("mnist:0-99", tmp_path / "out", part=50))
    found = summarize(tmp_path / "out")
    assert (found.labelled, found.correct, found.suspects) == (100, 99, [])
    assert found.mistakes[0][1:] == ("mnist:92", "9", "4")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="has no results of cilens run"):
        summarize(tmp_path)
    written(tmp_path, [image(0)], [])
    (tmp_path / "images" / "part-000000.parquet").write_bytes(b"")
    with pytest.raises(FileError, match=r"part-000000\.parquet is damaged"):
        summarize(tmp_path)
