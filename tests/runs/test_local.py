"""A run loses nothing: stopped in any way, the same command goes on to the same rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cilens
from cilens.errors import FileError, InputError, StoppedError
from cilens.findings.examine import prepare
from cilens.findings.request import ModelOptions, ResultOptions
from cilens.runs import Progress, local, run
from runs.conftest import PAPER, request, rows, same
from support.killed_run import PART

TESTS = Path(__file__).parents[1]
resource = pytest.importorskip("resource")  # not on Windows


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run over twenty digits that nothing has stopped."""
    out = tmp_path_factory.mktemp("whole") / "results"
    run(request("mnist:0-19", out, PART))
    return out


def test_killed_at_any_moment_it_ends_with_the_same_rows(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    made = subprocess.run(
        [sys.executable, "-m", "support.killed_run", str(out), "0", "8"],
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    lines = [line.split() for line in made.stdout.splitlines()]
    endings = [int(ended) for _, ended, *_ in lines]
    assert endings.count(signal.SIGKILL) >= 6
    assert endings[-1] == 0
    assert all(int(again) == 0 for *_, again in lines), "a recorded image was read again"
    assert same(out, whole)
    assert (out / "_SUCCESS").exists()
    assert not list(out.glob("*/.cilens-draft-*"))


def test_the_rows_are_those_of_single_explanations(tmp_path: Path) -> None:
    asked = request("mnist:0-1", tmp_path / "out", part=1)
    run(asked)
    examiner, regions = prepare(asked.asked), rows(tmp_path / "out", "regions").to_pylist()
    for index, row in enumerate(rows(tmp_path / "out").to_pylist()):
        name = f"mnist:{index}"
        found = examiner.examine(name, cilens.read_image(name))
        explanation = found.explanation
        assert (row["image"], row["score"]) == (name, explanation.scores.max())
        assert row["computed_by"] == explanation.computed_by is not None
        assert (row["highlight_area"], row["remainder_score"]) == (
            found.check.area,
            found.check.remainder_score,
        )
        for kept in (row["predicted"], row["runner_up"]):
            said = [one for one in regions if one["index"] == index and one["class"] == kept]
            for name in ("influence", "importance", "utility", "low", "high"):
                numbers = getattr(explanation, name)[:, kept]
                assert [one[name] for one in said] == numbers.tolist()
            assert [one["area"] for one in said] == explanation.areas().tolist()


def test_batches_are_filled_across_images(tmp_path: Path) -> None:
    calls: list[int] = []
    examiner = prepare(request("mnist:0-7", tmp_path).asked)
    clock = local.Clock()
    watch = local._Watch(Progress(8), lambda _: None, lambda: None)
    watch.advance = calls.append  # type: ignore[method-assign]
    tasks = [local.Task(index, f"mnist:{index}", None) for index in range(8)]
    assert len(list(local.work(examiner, tasks, watch, clock))) == 8
    assert calls[:-1] == [32] * (len(calls) - 1)


def test_ctrl_c_ends_after_the_batch_and_the_run_goes_on(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "stopped"

    def interrupt(now: Progress) -> None:
        if now.done == 7:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        run(request("mnist:0-19", out, PART), interrupt)
    assert rows(out).num_rows == 6
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    report = run(request("mnist:0-19", out, PART))
    assert (report.progress.done, report.progress.here) == (20, 14)
    assert same(out, whole)


def test_full_disk_stops_it_and_the_run_goes_on(whole: Path, tmp_path: Path) -> None:
    out, (soft, hard) = tmp_path / "full", resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(now: Progress) -> None:
        if now.done == 5:  # as on a full disk, no file can grow beyond
            resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))

    try:
        with pytest.raises(StoppedError, match=r"cannot be written: .*; what is recorded stays"):
            run(request("mnist:0-19", out, PART), fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert rows(out).num_rows == 4
    assert not list(out.glob("*/.cilens-draft-*"))
    run(request("mnist:0-19", out, PART))
    assert same(out, whole)


def test_a_finished_run_does_nothing_more(tmp_path: Path, monkeypatch: Any) -> None:
    run(request("mnist:0-3", tmp_path / "out"))
    monkeypatch.setattr(local, "work", None)
    report = run(request("mnist:0-3", tmp_path / "out"))
    assert (report.progress.done, report.progress.here, report.spent) == (4, 0, {})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"told": ResultOptions(threshold=0.05)}, "--threshold was 0.01, is 0.05"),
        ({"stated": ModelOptions(batch_size=8)}, "--batch-size was None, is 8"),
        ({"images": "mnist:0-4"}, r"images was 4 images, .*, is 5 images"),
        ({"images": ["mnist:1", "mnist:0", "mnist:2-3"]}, "images was 4 images"),
        ({"part": 2}, "--part was 4, is 2"),
    ],
)
def test_what_changed_is_said_and_not_mixed(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    run(request("mnist:0-3", tmp_path / "out"))
    images = changed.pop("images", "mnist:0-3")
    with pytest.raises(FileError, match=said):
        run(request(images, tmp_path / "out", **changed))


def test_a_changed_image_is_not_mixed(tmp_path: Path, digits: Any) -> None:
    paths = [digits(f"in/{number}.png", number) for number in range(4)]
    asked = request(str(tmp_path / "in"), tmp_path / "out", part=2)
    run(asked)
    (tmp_path / "out" / "images" / "part-000001.parquet").unlink()
    os.utime(paths[0], ns=(0, 0))  # the same pixels
    assert run(asked).progress.here == 2
    digits("in/1.png", 9)
    with pytest.raises(FileError, match=r"1\.png has changed since its results were written"):
        run(asked)
    paths[1].write_bytes(b"no image")
    with pytest.raises(FileError, match=r"1\.png, which can no longer be read"):
        run(asked)


def test_failures_are_rows_and_are_tried_again_when_asked(tmp_path: Path, digits: Any) -> None:
    for number in range(5):
        digits(f"in/{number}.png", number)
    broken = tmp_path / "in" / "2.png"
    broken.write_bytes(b"no image")
    asked = request(str(tmp_path / "in"), tmp_path / "out")
    first = run(asked).progress
    assert (first.done, first.failed) == (5, 1)
    errors = rows(tmp_path / "out")["error"].to_pylist()
    assert [error is None for error in errors] == [True, True, False, True, True]
    digits("in/2.png", 2)
    assert run(asked).progress.here == 0
    mended = run(asked, retry_failed=True).progress
    assert (mended.done, mended.here, mended.failed) == (5, 1, 0)
    found = rows(tmp_path / "out").to_pylist()
    assert [row["index"] for row in found] == [0, 1, 2, 3, 4]
    assert found[2]["predicted"] == 1
    places = rows(tmp_path / "out", "regions")["index"].to_pylist()
    assert places == sorted(places)
    assert set(places) == set(range(5))


@dataclass(frozen=True)
class Fussy:
    """The digits network, which fails on a batch with an image of much ink."""

    model: Any
    class_names: tuple[str, ...] = tuple("0123456789")

    def view(self, image: Any) -> Any:
        return self.model.view(image)

    def __call__(self, images: Any) -> Any:
        if (images.mean(axis=(1, 2, 3)) > 0.15).any():
            raise ValueError("too much ink")
        return self.model(images)


def test_only_the_images_fail_that_the_model_fails_on(
    tmp_path: Path, whole: Path, monkeypatch: Any
) -> None:
    def fussy(asked: Any) -> Any:
        examiner = prepare(asked)
        return replace(examiner, model=Fussy(examiner.model))

    monkeypatch.setattr(local, "prepare", fussy)
    run(request("mnist:0-19", tmp_path / "out", part=20))
    ink = [cilens.read_image(f"mnist:{index}").mean() > 0.15 for index in range(20)]
    assert 0 < sum(ink) < 10
    found, sound = rows(tmp_path / "out").to_pylist(), rows(whole).to_pylist()
    assert ["too much ink" in (row["error"] or "") for row in found] == ink
    for row, other in zip(found, sound, strict=True):
        if row["error"] is None:
            np.testing.assert_allclose(row["scores"], other["scores"], atol=1e-6)


def test_two_files_of_one_name_are_two_rows(tmp_path: Path, digits: Any) -> None:
    named = [str(digits("a/1.png", 0)), str(digits("b/1.png", 0))]
    run(request(named, tmp_path / "out"))
    found = rows(tmp_path / "out").to_pylist()
    assert [row["image"] for row in found] == named
    assert found[0]["id"] != found[1]["id"]
    assert found[0]["scores"] == found[1]["scores"]


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    asked = request("mnist:0-3", tmp_path / "out")

    def another(_: Progress) -> None:
        with pytest.raises(FileError, match="another run works on"):
            run(asked)

    assert run(asked, another).progress.done == 4


def test_a_clock_that_goes_back_changes_nothing(
    tmp_path: Path, whole: Path, monkeypatch: Any
) -> None:
    clock = iter(range(10**9, 0, -3600))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    report = run(request("mnist:0-19", tmp_path / "out", PART))
    assert report.progress.seconds >= 0
    assert same(tmp_path / "out", whole)


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="is a file"):
        run(request("mnist:0", tmp_path / "file"))
    with pytest.raises(FileError, match="cannot be written to"):
        run(request("mnist:0", tmp_path / "file" / "below"))


def test_an_empty_folder_and_standard_input_are_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(FileError, match="holds no image"):
        run(request(str(tmp_path / "none"), tmp_path / "out"))
    with pytest.raises(InputError, match="standard input cannot"):
        run(request("-", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_damaged_and_foreign_parts_are_refused(tmp_path: Path) -> None:
    asked, parts = request("mnist:0-3", tmp_path / "out", part=2), tmp_path / "out" / "images"
    run(asked)
    second = parts / "part-000001.parquet"
    second.write_bytes((parts / "part-000000.parquet").read_bytes())
    with pytest.raises(FileError, match="part 1 of the results has other images"):
        run(asked)
    second.write_bytes(b"PAR1")
    with pytest.raises(FileError, match=r"part-000001\.parquet is damaged"):
        run(asked)
    second.unlink()
    assert run(asked).progress.here == 2
    (tmp_path / "out" / "manifest.json").unlink()
    with pytest.raises(FileError, match=r"has parts and no manifest\.json"):
        run(asked)


def test_where_the_time_went(tmp_path: Path) -> None:
    plain, timed = tmp_path / "plain", tmp_path / "timed"
    run(request("mnist:0-3", plain))
    report = run(request("mnist:0-3", timed, stated=ModelOptions()), profile=True)
    assert set(report.spent) == {"reading", "cutting", "model", "writing"}
    assert all(seconds > 0 for seconds in report.spent.values())
    assert same(plain, timed)
    stated = request("mnist:0", tmp_path / "o", stated=ModelOptions(output_range=(0, 1)))
    assert run(stated, profile=True).spent["model"] > 0


def test_a_method_that_asks_as_it_goes(tmp_path: Path) -> None:
    how = replace(PAPER, method="greedy", budget=200)
    report = run(request("mnist:0-1", tmp_path / "out", how=how))
    assert report.progress.model_rows > 2
    assert rows(tmp_path / "out")["error"].null_count == 2


def test_scores_beyond_the_range_are_an_error_of_the_image(tmp_path: Path) -> None:
    asked = request("mnist:0", tmp_path / "out", stated=ModelOptions(output_range=(0, 0.5)))
    assert run(asked).progress.failed == 1
    (error,) = rows(tmp_path / "out")["error"].to_pylist()
    assert "output range (0, 0.5)" in error
