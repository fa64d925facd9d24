"""`cilens explain`: what is printed, what is written, and what the options do."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.findings.write import SUFFIXES, stem
from command_line import left_over, raw_digit
from explained import explained

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"


@pytest.mark.parametrize("width", [80, 120])
def test_terminal_output(run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """To accept a change on purpose: CILENS_WRITE_GOLDEN=1 pytest tests/cli, and read the diff."""
    monkeypatch.setenv("COLUMNS", str(width))
    ran = run("explain", "mnist:18")
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= width
    timeless = re.sub(r"in \d+\.\d\d s", "in 0.00 s", ran.out)
    shown = "".join(line.rstrip() + "\n" for line in timeless.splitlines())
    golden = GOLDEN / f"explain-mnist-18-{width}.txt"
    if os.environ.get("CILENS_WRITE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_json_is_as_the_design_says(run) -> None:
    ran = run("explain", "mnist:0", "--json")
    assert (ran.code, ran.err) == (0, "")
    (record,) = ran.json()
    explanation = explained()
    assert record["image"] == "mnist:0"
    assert record["model"] == "digits"
    assert record["method"] == explanation.method
    score = explanation.scores[7]
    assert record["predicted"] == {"index": 7, "name": "7", "score": score} == record["target"]
    assert record["model_rows"] == explanation.model_rows == 97
    assert 0 < record["seconds"] < 60
    influences = [region["influence"] for region in record["regions"]]
    assert len(influences) == len(explanation.regions)
    assert np.array_equal(np.abs(influences), np.sort(np.abs(influences))[::-1])
    keys = {"id", "area", "centroid", "importance", "utility", "influence"}
    for region in record["regions"]:
        assert keys <= set(region)
        assert region["influence"] == explanation.influence[region["id"], 7]
        assert region["area"] == explanation.areas()[region["id"]]
    assert record["highlight"]["area"] == explanation.highlight().mean()
    assert record["highlight"]["predicted"] == 7
    assert record["remainder"].keys() == {"score", "predicted"}


def test_highlight_and_remainder_are_the_model_s_own_answers(run) -> None:
    (record,) = run("explain", "mnist:18", "--json").json()
    explanation, model = explained("mnist:18"), cilens.load_model("digits")
    kept = explanation.highlight()[..., None]
    shown = np.stack([explanation.image * kept, explanation.image * ~kept, explanation.image * 0])
    scores = model(shown)
    for name, row in zip(("highlight", "remainder", "blank"), scores, strict=True):
        assert record[name]["score"] == pytest.approx(row[explanation.predicted], abs=1e-6)
        assert record[name]["predicted"] == row.argmax()


def test_regions_are_those_of_the_target(run) -> None:
    (record,) = run("explain", "mnist:18", "--target", 8, "--json").json()
    explanation = explained("mnist:18")
    for region in record["regions"]:
        assert region["influence"] == explanation.influence[region["id"], 8]


def test_highlight_is_checked_with_the_method_s_own_fill(run) -> None:
    (record,) = run("explain", "mnist:0", "--perturbation", "constant:value=1", "--json").json()
    blank = cilens.load_model("digits")(np.ones((1, 28, 28, 1), np.float32))
    assert record["blank"]["score"] == pytest.approx(blank[0, 7], abs=1e-6)


def test_nothing_is_written_without_out(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("explain", "mnist:0").code == 0
    assert left_over(tmp_path) == []


@pytest.mark.slow
def test_files(run, digit: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    ran = run("explain", digit, "mnist:4013", "skimage:moon", "--channels", 1, "--out", out,
              "--preprocess", "size=28x28,channels=1,fit=crop,scale=255")  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    names = ["mnist-4013", "seven", "skimage-moon"]
    assert left_over(out) == sorted(f"{n}{s}" for n in names for s in SUFFIXES)
    for name in names:
        (record,) = json.loads((out / f"{name}.json").read_text())
        explanation = cilens.Explanation.load(out / f"{name}.npz")
        assert record["predicted"]["score"] == explanation.scores.max()
        with PIL.Image.open(out / f"{name}.png") as figure:
            assert figure.size[0] > 1500
            assert figure.size[1] > 800
    assert "seven.png, .detail.png, .json, .npz, .html" in ran.out
    assert np.array_equal(
        explanation.scores, cilens.Explanation.load(out / "skimage-moon.npz").scores
    )


@pytest.mark.slow
def test_files_of_an_earlier_run_are_replaced(run, tmp_path: Path) -> None:
    for target in (3, 5):
        assert run("explain", "mnist:0", "--target", target, "--out", tmp_path).code == 0
    (record,) = json.loads((tmp_path / "mnist-0.json").read_text())
    assert record["target"]["index"] == 5
    assert len(left_over(tmp_path)) == 5


@pytest.mark.slow
def test_file_and_standard_output_hold_the_same_json(run, tmp_path: Path) -> None:
    ran = run("explain", "mnist:0", "mnist:1", "--out", tmp_path, "--json")
    records = ran.json()
    assert [record["image"] for record in records] == ["mnist:0", "mnist:1"]
    for index in (0, 1):
        written = json.loads((tmp_path / f"mnist-{index}.json").read_text())
        assert written == [records[index]]


def test_standard_input(run, digit: Path, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(digit.read_bytes())))
    out = tmp_path / "out"
    (record,) = run("explain", "-", "--json", "--out", out).json()
    assert record["predicted"]["index"] == 7
    ends = ("detail.png", "html", "json", "npz", "png")
    assert left_over(out) == [f"stdin.{end}" for end in ends]


def test_the_page_alone(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("explain", "mnist:18", "--html")
    assert "Written: mnist-18.html" in ran.out
    assert left_over(tmp_path) == ["mnist-18.html"]
    page = (tmp_path / "mnist-18.html").read_text(encoding="utf-8")
    assert "<title>mnist:18: 3</title>" in page


def test_directory_and_pattern(run, tmp_path: Path) -> None:
    for index in (10, 9, 1):
        PIL.Image.fromarray(raw_digit(index)).save(tmp_path / f"digit{index}.png")
    for source in (tmp_path, tmp_path / "*.png"):
        records = run("explain", source, "--json").json()
        names = [Path(record["image"]).name for record in records]
        assert names == ["digit1.png", "digit9.png", "digit10.png"]


COUNTED = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def test_target_by_index_and_name(run, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("\n".join([f"digit, {name}" for name in COUNTED]))
    by_index = run("explain", "mnist:0", "--target", 3, "--json").json()
    named = run("explain", "mnist:0", "--target", "Three", "--class-names", names, "--json").json()
    assert by_index[0]["target"]["index"] == named[0]["target"]["index"] == 3
    assert named[0]["target"]["name"] == "digit, three"
    assert by_index[0]["regions"] == named[0]["regions"]
    assert by_index[0]["predicted"]["index"] == 7


def test_threshold(run) -> None:
    (some,) = run("explain", "mnist:18", "--threshold", 0.2, "--json").json()
    (nothing,) = run("explain", "mnist:18", "--threshold", 1, "--json").json()
    important = [region["id"] for region in some["regions"] if region["important"]]
    assert important == some["highlight"]["regions"]
    assert important == [one["id"] for one in some["regions"] if one["influence"] >= 0.2]
    assert not any(region["important"] for region in nothing["regions"])
    added = nothing["highlight"]
    assert added["added"] == len(added["regions"]) > 0
    assert added["predicted"] == nothing["predicted"]["index"]
    assert 3 < nothing["check_rows"] <= 3 + 8


@pytest.mark.parametrize("threshold", [0, -1, 5, "nan"])
def test_a_threshold_is_a_share(run, threshold) -> None:
    said = "--threshold is a share of the output range, above 0 and at most 1, as 0.05 for 5 %"
    run("explain", "mnist:18", "--threshold", threshold).refused(said)


def test_channels(run, tmp_path: Path) -> None:
    PIL.Image.fromarray(raw_digit()).convert("RGB").save(tmp_path / "rgb.png")
    run("explain", tmp_path / "rgb.png").refused("channels=1", code=1)
    assert run("explain", tmp_path / "rgb.png", "--channels", 1).code == 0


def test_photograph(run) -> None:
    (record,) = run("explain", "skimage:chelsea", "--model", "imagenet", "--json").json()
    assert record["shape"] == [224, 224, 3]
    assert "cat" in record["predicted"]["name"]
    assert "Slic(n_segments=50" in record["method"]


def test_model_file(run, tmp_path: Path) -> None:
    shipped = Path(cilens.__file__).parent / "models" / "shipped" / "data" / "digits.onnx"
    copy = tmp_path / "mine.onnx"
    copy.write_bytes(shipped.read_bytes())
    ours, theirs = (
        run("explain", "mnist:0", "--model", model, "--json").json()[0]
        for model in ("digits", copy)
    )
    assert theirs["model"] == str(copy)
    assert ours["regions"] == theirs["regions"]


def test_two_runs_print_the_same(run) -> None:
    first, second = (run("explain", "mnist:0", "--json").json()[0] for _ in range(2))
    assert first | {"seconds": 0} == second | {"seconds": 0}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("seven.png", "seven"),
        ("a/b.c/seven.tar.png", "seven.tar"),
        ("seven", "seven"),
        ("mnist:0", "mnist-0"),
        ("skimage:moon", "skimage-moon"),
        ("-", "stdin"),
    ],
)
def test_names_of_files(source: str, name: str) -> None:
    assert stem(source) == name


def test_a_method_that_adapts_its_questions_is_explained_and_not_counted_beforehand(run):
    method = ["--method", "greedy:budget=50", "--segmenter", "slic:n_segments=9"]
    (found,) = run("explain", "mnist:18", *method, "--json").json()
    assert found["model_rows"] <= 50
    assert found["highlight"]["predicted"] == 3
    counted = run("explain", "mnist:18", *method, "--dry-run")
    assert (counted.code, counted.out) == (1, "")
    assert "not known beforehand" in counted.err


@pytest.mark.slow
def test_animate_writes_a_gif_and_counts_its_rows(run, tmp_path: Path) -> None:
    ran = run("explain", "mnist:18", "--animate", "--json", "--out", tmp_path)
    (record,) = ran.json()
    inserted = record["insertion"]
    assert inserted["areas"][0] == 0
    assert inserted["areas"][-1] == pytest.approx(1)
    assert inserted["scores"][-1] == pytest.approx(record["target"]["score"])
    assert inserted["model_rows"] == len(inserted["scores"])
    with PIL.Image.open(tmp_path / "mnist-18.animation.gif") as moving:
        assert moving.n_frames == inserted["model_rows"]
    cost = run("explain", "mnist:18", "--animate", "--dry-run", "--json").json()
    assert cost["images"][0]["animate_rows"] >= inserted["model_rows"]
