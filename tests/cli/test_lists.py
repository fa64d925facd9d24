"""The lists name every part, with its options, defaults and help."""

from __future__ import annotations

import sys
from dataclasses import fields

import pytest

import cilens
from cilens.errors import InputError
from cilens.findings.catalogue import FILES
from cilens.findings.method import PRESETS
from cilens.models import model_names
from cilens.parts import KINDS, describe, part_class

LISTED = [
    ("segmenters", "segmenter"),
    ("perturbations", "perturbation"),
    ("methods", "method"),
    ("metrics", "metric"),
]


@pytest.mark.parametrize(("command", "kind"), LISTED)
def test_every_part_and_option_is_listed(run, command: str, kind: str) -> None:
    ran = run(command)
    assert (ran.code, ran.err) == (0, "")
    for name in KINDS[kind]:
        assert f"{name} – " in ran.out
        for option in describe(part_class(kind, name)).options:
            assert f"  {option.name}=" in ran.out


@pytest.mark.parametrize(("command", "kind"), LISTED)
def test_json(run, command: str, kind: str) -> None:
    records = {record["name"]: record for record in run(command, "--json").json()}
    assert list(records) == [*(PRESETS if kind == "method" else ()), *KINDS[kind]]
    for name in KINDS[kind]:
        told = describe(part_class(kind, name))
        assert records[name]["summary"] == told.summary
        assert records[name]["options"] == [option._asdict() for option in told.options]


def test_method_that_is_not_installed(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cilens.methods.partition", raising=False)
    monkeypatch.setitem(sys.modules, "shap", None)
    ran = run("methods")
    assert ran.code == 0
    assert 'pip install "cilens[peers]"' in " ".join(ran.out.split())
    run("explain", "mnist:0", "--method", "partition").refused('pip install "cilens[peers]"')


def test_models(run) -> None:
    ran = run("models")
    assert (ran.code, ran.err) == (0, "")
    for name in [*(model.name for model in model_names()), *FILES]:
        assert name in ran.out
    for field in fields(cilens.Preprocess):
        assert f"  {field.name}=" in ran.out


def test_models_as_json(run) -> None:
    records = run("models", "--json").json()
    assert [record["name"] for record in records] == [*(m.name for m in model_names()), *FILES]
    assert records[0]["classes"] == 10
    names = [option["name"] for option in records[-1]["options"]]
    assert names == [field.name for field in fields(cilens.Preprocess)]
    assert {option["default"] for option in records[-1]["options"]} >= {"any", "3", "NCHW"}


def test_model_files_are_those_that_can_be_loaded() -> None:
    with pytest.raises(InputError, match="must end in one of") as caught:
        cilens.load_model("network.magic")
    suffixes = str(caught.value).partition("one of ")[2].partition(";")[0].split(", ")
    assert sorted(f"FILE{suffix}" for suffix in suffixes) == sorted(FILES)


def test_help_of_methods_names_the_presets(run) -> None:
    for preset in PRESETS:
        assert preset in run("explain", "--help").out
