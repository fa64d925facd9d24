"""`cilens reproduce`: everything from one command, again from where it stopped, and the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cilens
from cilens.cli import INTERRUPTED
from cilens.paper import run as module
from cilens.paper.claims import CLAIMS
from cilens.paper.steps import Result, Step
from cilens.paper.verdicts import Measured

IMAGES = 8
CHECKS = [check for claim in CLAIMS for check in claim.checks]
AGAIN = ("highlights", "compare-random", "distorted-line", "distortions", "words")
"""Steps that are done a second time, to see that they give the same, bit by bit."""


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(paths)}


@pytest.fixture
def quick(monkeypatch):
    """Leave two steps without any work, and a page without pictures; return what is done."""
    done = []

    def some(name, wanted):
        def step(study, before):
            done.append(name)
            checks = (check.id for check in CHECKS if wanted(check.id.partition(".")[0]))
            return Result({check: Measured(0.5, study.count, 1) for check in checks})

        return Step(name, f"the {name}", step)

    steps = [some("one", lambda claim: claim == "P1"), some("two", lambda claim: claim != "P1")]
    monkeypatch.setattr(module, "all_steps", lambda: steps)
    monkeypatch.setattr(module, "page", lambda document, figures: "<p>page</p>")
    return done


@pytest.mark.slow
def test_everything_from_one_command_and_the_same_again(run, tmp_path, unchecked):
    out = tmp_path / "paper"
    ran = run("reproduce", "--out", out, "--images", IMAGES, "--json")
    assert ran.code == 0, ran.err
    document = ran.json()
    first = files(out)
    assert document == json.loads(first["results.json"])
    assert [claim["id"] for claim in document["claims"]] == [claim.id for claim in CLAIMS]
    checks = [check for claim in document["claims"] for check in claim["checks"]]
    assert [check["id"] for check in checks] == [check.id for check in CHECKS]
    for number in range(1, 9):
        assert first[f"figures/fig{number}.png"].startswith(b"\x89PNG")
    assert {check["id"] for check in checks if check["verdict"] == "not measured"} >= {
        "P1.train", "P7.golden", "P15.a", "P17.four",
    }  # fmt: skip
    agrees_with_the_library(document)
    for name in AGAIN:
        (out / "steps" / f"{name}.json").unlink()
    (out / "figures" / "fig8.png").unlink()
    (out / "report.html").unlink()
    ran = run("reproduce", "--out", out, "--images", IMAGES)
    assert ran.code == 0, ran.err
    assert "Leaving out what matters little" in ran.out
    again = files(out)
    assert again.keys() == first.keys()
    assert {name for name in first if again[name] != first[name]} <= {"seconds.json"}


def agrees_with_the_library(document) -> None:
    """Compute a few of the numbers anew, by hand."""
    found = {check["id"]: check for claim in document["claims"] for check in claim["checks"]}
    model, method = cilens.load_model("digits"), cilens.ContextualImportance.paper()
    indices = [place * 10_000 // IMAGES for place in range(IMAGES)]
    explained = [method(model, cilens.read_image(f"mnist:{index}")) for index in indices]
    empty = [not explanation.important().any() for explanation in explained]
    assert found["P10.empty"]["value"] == np.mean(empty)
    kept = []
    for e, is_empty in zip(explained, empty, strict=True):
        alone = np.where(e.highlight()[..., None], e.image, np.float32(0))
        if not is_empty:
            kept.append(model(alone[None])[0].argmax() == e.predicted)
    assert found["P10.kept"]["value"] == np.mean(kept)
    rows = sum(len(e.regions) + 1 for e in explained)
    assert found["P6.rows"]["model_rows"] == rows
    foils = [(e.influence[:, e.runner_up] >= 0.01).any() for e in explained]
    assert found["P12.foil"]["value"] == np.mean(foils)


def test_an_interrupted_run_goes_on_where_it_stopped(run, tmp_path, quick, monkeypatch):
    one, two = module.all_steps()

    def stop(study, before):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "all_steps", lambda: [one, two._replace(run=stop)])
    ran = run("reproduce", "--out", tmp_path, "--images", IMAGES)
    assert ran.code == INTERRUPTED
    assert sorted(files(tmp_path)) == ["seconds.json", "steps/one.json"]
    monkeypatch.setattr(module, "all_steps", lambda: [one, two])
    assert run("reproduce", "--out", tmp_path, "--images", IMAGES).code == 0
    assert quick == ["one", "two"]
    assert run("reproduce", "--out", tmp_path, "--images", IMAGES).code == 0
    assert quick == ["one", "two"]


def test_a_claim_that_fails_is_a_result(run, tmp_path, quick):
    ran = run("reproduce", "--out", tmp_path, "--images", IMAGES, "--json")
    assert ran.code == 0
    document = ran.json()
    verdicts = {claim["id"]: claim["verdict"] for claim in document["claims"]}
    assert verdicts["P1"] == verdicts["P20"] == "fails"
    ran = run("reproduce", "--out", tmp_path, "--images", IMAGES)
    assert "fails" in ran.out
    assert "report.html" in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "0"], "the number of images must be 1 … 10000; got 0"),
        (["--model", "imagenet"], "28 x 28"),
        (["--model", "none.onnx"], "none.onnx cannot be read"),
        (["--data", "nowhere"], "nowhere must hold train-images-idx3-ubyte"),
    ],
)
def test_bad_input_is_refused_before_anything_is_done(run, tmp_path, arguments, message):
    run("reproduce", "--out", tmp_path / "new", *arguments).refused(message)
    assert files(tmp_path) == {}


def test_a_directory_that_is_none_is_refused(run, tmp_path):
    (tmp_path / "file").write_text("a")
    run("reproduce", "--out", tmp_path / "file").refused("--out must be a directory")
    ran = run("reproduce")
    ran.refused("--out")
