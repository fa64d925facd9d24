"""The bar appears after a second, on a terminal's standard error, and leaves nothing behind."""

from __future__ import annotations

import io
import sys

import pytest
from rich.console import Console

from cilens.cli import progress
from cilens.cli.progress import Bar, Ticker
from cilens.runs import Progress


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress.time, "monotonic", clock)
    return clock


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Return what is written to a terminal 80 signs wide."""
    file = io.StringIO()
    terminal = Console(file=file, force_terminal=True, width=80)
    monkeypatch.setattr(progress, "Console", lambda **_: terminal)
    return file


def test_quick_work_shows_nothing(clock: Clock, screen: io.StringIO) -> None:
    with Bar(1) as bar:
        bar.begin("seven.png")
        bar.expect(10)
        clock.now = 0.9
        bar.advance(10)
    assert screen.getvalue() == ""


def test_slow_work_shows_a_bar_and_clears_it(clock: Clock, screen: io.StringIO) -> None:
    with Bar(4) as bar:
        for name in ("a.png", "b.png"):
            bar.begin(name)
            bar.expect(10)
            clock.now += 1.1
            bar.advance(5)
            bar._progress.refresh()
        assert "2 of 4  b.png" in screen.getvalue()
        assert "38 %" in screen.getvalue()  # one image and a half of four
    assert screen.getvalue().endswith("\x1b[2K")  # the line is erased


def test_one_image_needs_no_count(clock: Clock, screen: io.StringIO) -> None:
    with Bar(1) as bar:
        bar.begin("seven.png")
        bar.expect(4)
        clock.now = 2
        bar.advance(1)
        bar._progress.refresh()
    assert "25 %" in screen.getvalue()
    assert "1 of 1" not in screen.getvalue()


def test_bar_comes_back_after_something_was_printed(clock: Clock, screen: io.StringIO) -> None:
    with Bar(2) as bar:
        bar.begin("a.png")
        clock.now = 2
        bar.advance(1)
        bar.hide()
        shown = len(screen.getvalue())
        bar.begin("b.png")
        bar.advance(1)
        bar._progress.refresh()
        assert "2 of 2  b.png" in screen.getvalue()[shown:]


def test_nobody_watches(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=file))
    with Bar(1) as bar:
        bar.begin("seven.png")
        clock.now = 5
        bar.advance(1)
    assert file.getvalue() == ""


def test_results_stay_on_standard_output(clock: Clock, screen: io.StringIO, capsys) -> None:
    with Bar(1) as bar:
        bar.begin("seven.png")
        clock.now = 2
        bar.advance(1)
        sys.stdout.write("a result\n")
    assert "a result" in capsys.readouterr().out
    assert "a result" not in screen.getvalue()


class Heard:
    """A bar that writes down what it is told."""

    def __init__(self, items: int) -> None:
        self.told: list[tuple[str, object]] = [("items", items)]
        HEARD.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None: ...

    def begin(self, name: str) -> None:
        self.told.append(("begin", name))

    def expect(self, steps: int) -> None:
        self.told.append(("expect", steps))

    def advance(self, steps: int) -> None:
        self.told.append(("advance", steps))

    def hide(self) -> None:
        self.told.append(("hide", None))


HEARD: list[Heard] = []


def test_explaining_tells_the_bar(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cilens.cli.progress.Bar", Heard)
    assert run("explain", "mnist:18", "mnist:0", "--batch-size", 8, "--method", "paper").code == 0
    assert HEARD.pop().told == [
        ("items", 2),
        *[("begin", "mnist:18"), ("expect", 10), ("advance", 8), ("advance", 2), ("hide", None)],
        *[("begin", "mnist:0"), ("expect", 9), ("advance", 8), ("advance", 1), ("hide", None)],
        ("hide", None),  # for the summary
    ]


def test_a_run_is_told_of_in_one_line_of_a_terminal(clock: Clock, screen: io.StringIO) -> None:
    with Ticker() as ticker:
        ticker(Progress(10, 2, 1, 2, 20, 4.0))
        ticker(Progress(10, 3, 1, 3, 30, 6.0))
    told = "3 of 10 images · 1 failed · 0.5 images/s · 5 rows/s · 14.0 s left"
    assert told in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")


def test_a_run_is_told_of_at_times_without_a_terminal(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Ticker(every=10) as ticker:
        for now in range(1, 31):
            clock.now = now
            ticker(Progress(30, now, 0, now, 10 * now, float(now)))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" images")[0] for line in lines] == ["10 of 30", "20 of 30", "30 of 30"]
