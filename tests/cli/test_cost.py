"""`--dry-run` tells the exact number of model rows, and about how long they take."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.findings import cost as costs
from cilens.text.cost import duration, size
from command_line import left_over


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--method", "paper"],
        ["--method", "contextual", "--strategy", "one-in"],
        ["--method", "contextual", "--perturbation", "blur", "--perturbation", "image-mean"],
        ["--budget", "30", "--batch-size", "4"],
        ["--method", "occlusion"],
        ["--method", "random"],
    ],
    ids=" ".join,
)
def test_model_rows_are_those_of_the_explanation(run, options) -> None:
    planned = run("explain", "mnist:18", "mnist:0", *options, "--dry-run", "--json").json()
    explained = run("explain", "mnist:18", "mnist:0", *options, "--json").json()
    for promise, kept in zip(planned["images"], explained, strict=True):
        for name in ("image", "model_rows"):
            assert promise[name] == kept[name]
        assert 0 <= kept["check_rows"] - promise["check_rows"] <= 8  # where regions are added
    assert planned["total"]["model_rows"] == sum(record["model_rows"] for record in explained)


def test_numbers_of_one_image(run) -> None:
    planned = run("explain", "mnist:0", "--batch-size", 4, "--dry-run", "--json").json()
    (image,) = planned["images"]
    assert image["batch_size"] == 4
    assert image["batch_bytes"] == 2 * 4 * 28 * 28 * 4  # two batches of four float32 digits
    assert 0 < image["seconds"] < 60
    assert planned["total"] == {
        "images": 1,
        "model_rows": image["model_rows"],
        "batch_bytes": image["batch_bytes"],
        "seconds": image["seconds"],
    }


def test_batch_that_is_never_full(run) -> None:
    planned = run("explain", "mnist:0", "--batch-size", 1000, "--dry-run", "--json").json()
    (image,) = planned["images"]
    assert image["batch_bytes"] == 2 * image["model_rows"] * 28 * 28 * 4


def test_estimate_grows_with_the_rows(monkeypatch: pytest.MonkeyPatch, run) -> None:
    times = iter([0.0, 1.0, 10.0, 14.0])  # one second to plan, four for the timed batch of four
    monkeypatch.setattr(costs.time, "perf_counter", lambda: next(times))
    planned = run("explain", "mnist:0", "--batch-size", 4, "--dry-run", "--json").json()
    assert planned["total"]["seconds"] == 1.0 + planned["total"]["model_rows"]


def test_one_batch_is_timed_for_each_shape(monkeypatch: pytest.MonkeyPatch, run) -> None:
    asked = []
    score = costs.scoring.score
    monkeypatch.setattr(costs.scoring, "score", lambda *a, **k: asked.append(1) or score(*a, **k))
    arguments = ("--model", "imagenet", "--budget", 17, "--batch-size", 2, "--dry-run", "--json")
    run("explain", "skimage:coffee", "skimage:chelsea", *arguments).json()
    assert len(asked) == 2  # one to warm up, one that is timed: both are 224 x 224


def test_table(run) -> None:
    ran = run("explain", "mnist:0", "mnist:18", "--method", "paper", "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines() if line.strip()]
    assert rows[0][:3] == ["image", "model", "rows"]
    assert rows[2][:3] == ["mnist:0", "9", "32"]
    assert rows[3][:3] == ["mnist:18", "10", "32"]
    assert rows[5][:3] == ["all", "2", "19"]
    assert "Nothing was explained" in ran.out


def test_nothing_is_written(run, tmp_path: Path) -> None:
    assert run("explain", "mnist:0", "--dry-run", "--out", tmp_path / "out").code == 0
    assert left_over(tmp_path) == []


def test_failures(run) -> None:
    ran = run("explain", "none.png", "mnist:0", "--dry-run")
    assert ran.code == 1
    assert "mnist:0" in ran.out
    assert ran.err.splitlines()[1] == "cilens: none.png does not exist"
    run("explain", "none.png", "--dry-run").refused("none.png does not exist", code=1)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0123, "12 ms"), (1.26, "1.3 s"), (59.4, "59.4 s"), (61, "1 min 1 s"), (3600, "60 min 0 s")],
)
def test_time_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(("count", "words"), [(6272, "6.3 kB"), (38_535_168, "38.5 MB")])
def test_size_in_words(count: int, words: str) -> None:
    assert size(count) == words
