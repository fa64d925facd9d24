"""Steps are done once, whole, and again when what they depend on changes."""

from __future__ import annotations

import json
from importlib import metadata

import pytest
from matplotlib.figure import Figure
from packaging.requirements import Requirement

from cilens.errors import FileError
from cilens.paper import steps as module
from cilens.paper.steps import Result, Step, run_steps, settings_key, write_json
from cilens.paper.verdicts import Measured


def drawn() -> Figure:
    figure = Figure(figsize=(1, 1))
    figure.text(0.5, 0.5, "a")
    return figure


class Work:
    """Three steps that count how often each is done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.told: list[str] = []
        self.fail = ""

    def steps(self):
        return [Step(name, f"title {name}", self.run(name)) for name in ("one", "two", "three")]

    def run(self, name):
        def step(study, before):
            assert list(before) == ["one", "two", "three"][: len(before)]
            if name == self.fail:
                raise KeyboardInterrupt
            self.done.append(name)
            figures = {"fig": drawn()} if name == "two" else {}
            checks = {f"P1.{name}": Measured(0.5, 2, 3, (0.25, 1.0), "note")}
            return Result(checks, {"name": name}, figures, {"apart": 1.5})

        return step


@pytest.fixture
def work():
    return Work()


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_second_run_does_nothing_and_returns_the_same(work, study, tmp_path):
    first = run_steps(work.steps(), study, tmp_path, work.told.append)
    before = files(tmp_path)
    assert work.done == ["one", "two", "three"]
    assert work.told == ["title one", "title two", "title three"]
    second = run_steps(work.steps(), study, tmp_path, work.told.append)
    assert work.done == ["one", "two", "three"]
    assert files(tmp_path) == before
    assert [(r.checks, dict(r.tables)) for r in first.values()] == [
        (r.checks, dict(r.tables)) for r in second.values()
    ]
    assert sorted(before) == [
        "figures/fig.png", "seconds.json", "steps/one.json", "steps/three.json", "steps/two.json",
    ]  # fmt: skip


def test_what_was_interrupted_goes_on_where_it_stopped(work, study, tmp_path):
    work.fail = "three"
    with pytest.raises(KeyboardInterrupt):
        run_steps(work.steps(), study, tmp_path, str)
    assert work.done == ["one", "two"]
    left = files(tmp_path)
    assert "steps/three.json" not in left
    assert not any("/." in name or name.startswith(".") for name in left)
    work.fail = ""
    run_steps(work.steps(), study, tmp_path, str)
    assert work.done == ["one", "two", "three"]
    whole = files(tmp_path)
    assert {name: whole[name] for name in left if name != "seconds.json"} == {
        name: data for name, data in left.items() if name != "seconds.json"
    }


def test_a_step_that_fails_while_it_writes_leaves_nothing(work, study, tmp_path, monkeypatch):
    def broken(self, *_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", broken)
    with pytest.raises(FileError, match="No space left on device"):
        run_steps(work.steps(), study, tmp_path, str)
    assert list(files(tmp_path)) == ["seconds.json", "steps/one.json"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda out: (out / "steps" / "two.json").unlink(),
        lambda out: (out / "steps" / "two.json").write_text("{"),
        lambda out: (out / "steps" / "two.json").write_text("[]"),
        lambda out: (out / "steps" / "two.json").write_text('{"key": 1}'),
        lambda out: (out / "figures" / "fig.png").unlink(),
        lambda out: (out / "figures" / "fig.png").write_bytes(b"cut"),
    ],
)
def test_only_what_is_missing_or_damaged_is_done_again(work, study, tmp_path, spoil):
    run_steps(work.steps(), study, tmp_path, str)
    before = files(tmp_path)
    spoil(tmp_path)
    run_steps(work.steps(), study, tmp_path, str)
    assert work.done == ["one", "two", "three", "two"]
    after = files(tmp_path)
    for name in set(before) - {"seconds.json"}:
        assert after[name] == before[name], name


def test_other_settings_are_another_run(work, study, tmp_path, monkeypatch):
    run_steps(work.steps(), study, tmp_path, str)
    key = settings_key(study)
    monkeypatch.setattr(module, "versions", lambda: {"numpy": "0"})
    assert settings_key(study) != key
    run_steps(work.steps(), study, tmp_path, str)
    assert len(work.done) == 6


def test_other_code_and_other_images_are_another_key(study, monkeypatch):
    from cilens.paper.study import open_study

    assert settings_key(open_study(count=13)) != settings_key(study)
    assert settings_key(open_study(count=12)) == settings_key(study)
    monkeypatch.setattr(module, "_code", lambda: "changed")
    assert settings_key(open_study(count=12)) != settings_key(open_study(count=13))


def test_packages_are_those_of_a_plain_install():
    required = {Requirement(one).name for one in metadata.requires("cilens") if "extra" not in one}
    assert set(module.versions()) <= required


def test_seconds_stand_apart(work, study, tmp_path):
    run_steps(work.steps(), study, tmp_path, str)
    seconds = json.loads((tmp_path / "seconds.json").read_text())
    assert list(seconds) == ["one", "two", "three"]
    assert seconds["two"]["apart"] == 1.5
    assert seconds["two"]["step"] >= 0
    assert "seconds" not in (tmp_path / "steps" / "two.json").read_text()


def test_a_foreign_file_is_not_overwritten(work, study, tmp_path):
    (tmp_path / "seconds.json").write_text("[1]")
    with pytest.raises(FileError, match=r"seconds.json is not one that cilens wrote"):
        run_steps(work.steps(), study, tmp_path, str)


def test_a_file_that_is_already_so_stays_untouched(tmp_path):
    write_json(tmp_path / "a.json", {"a": 1})
    inode = (tmp_path / "a.json").stat().st_ino
    write_json(tmp_path / "a.json", {"a": 1})
    assert (tmp_path / "a.json").stat().st_ino == inode
    write_json(tmp_path / "a.json", {"a": 2})
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 2}
