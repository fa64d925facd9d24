"""`cilens summarize`."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_lines_and_json(run: Any, tmp_path: Path) -> None:
    out = tmp_path / "results"
    assert run("run", "shapes:0-11", "--model", "shapes", "--out", out, "--part", "12").code == 0
    ran = run("summarize", out)
    assert ran.code == 0
    assert ran.out.startswith("12 images, 0 failed; 12 of 12 with a label were right: 100")
    assert "square is read in" in ran.out
    said = " ".join(ran.out.split())
    assert "Shortcut suspect: in 4 of 4 images of square, regions that look the same" in said
    found = run("summarize", out, "--json").json()
    assert (found["images"], found["correct"], found["mistakes"]) == (12, 12, [])
    assert set(found["places"]) == {"circle", "square", "triangle"}
    assert [one["name"] for one in found["suspects"]] == ["square"]


def test_what_is_no_run_is_refused(run: Any, tmp_path: Path) -> None:
    run("summarize", tmp_path).refused("has no results of cilens run")
