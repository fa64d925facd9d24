"""`--audit`: what the explanation is worth, in all that explain gives."""

from __future__ import annotations

import json

import pytest

import cilens
from cilens.followup.audit import Audit

PAPER = ("--method", "paper")


def words(ran) -> str:
    return " ".join(ran.out.split())


def test_the_numbers_are_the_librarys(run):
    (record,) = run("explain", "mnist:18", *PAPER, "--audit", "--json").json()
    model, method = cilens.load_model("digits"), cilens.ContextualImportance.paper()
    explanation = method(model, cilens.read_image("mnist:18"))
    found = Audit(cilens.Constant(0.0))(model, explanation, method=method)
    audit = record["audit"]
    assert audit["own"] == pytest.approx(found.own._asdict(), abs=1e-6)
    assert audit["edges"] == pytest.approx(found.edges._asdict(), abs=1e-6)
    assert audit["completeness"]["gap"] == pytest.approx(found.gap, abs=1e-6)
    assert audit["completeness"]["difference"] == pytest.approx(
        record["target"]["score"] - record["blank"]["score"], abs=1e-6
    )
    assert audit["stability"]["noise"]["rank_correlation"] == pytest.approx(
        found.again[1].rank_correlation, abs=1e-3
    )
    assert audit["model_rows"] == found.model_rows
    assert record["model_rows"] == explanation.model_rows  # counted apart


def test_without_the_option_there_is_nothing_of_it(run):
    assert "Audit" not in run("explain", "mnist:0").out
    (record,) = run("explain", "mnist:0", "--json").json()
    assert "audit" not in record


def test_a_block_is_printed_for_each_image(run):
    ran = run("explain", "mnist:18", "mnist:0", *PAPER, "--audit")
    heads = ("Audit", "this", "edges", "random", "sum", "hidden", "stability", "asked")
    found = [line.split()[0] for line in ran.out.splitlines() if line.startswith(heads)]
    assert found == [*heads, *heads]
    assert "the blank image is 1 (95.8 %): a loss may come of hiding itself" in words(ran)
    assert "20 steps, perturbation constant:value=0, output range 0 … 1" in words(ran)


def test_fill_and_target_are_those_of_the_explanation(run):
    ran = run("explain", "mnist:18", "--perturbation", "blur:sigma=3", "--target", 8, "--audit")
    assert "perturbation blur:sigma=3" in words(ran)
    options = ("--perturbation", "constant:value=1", "--target", 8, "--audit", "--json")
    (record,) = run("explain", "mnist:18", *options).json()
    assert record["audit"]["completeness"]["difference"] == pytest.approx(
        record["target"]["score"] - record["blank"]["score"], abs=1e-6
    )


@pytest.mark.parametrize("method", ["random", "occlusion:size=14,stride=14", "rise:budget=21"])
def test_other_methods(run, method):
    (record,) = run("explain", "mnist:0", "--method", method, "--audit", "--json").json()
    assert record["audit"]["steps"] == 20


def test_the_record_is_written(run, tmp_path):
    run("explain", "mnist:0", *PAPER, "--audit", "--out", tmp_path)
    (record,) = json.loads((tmp_path / "mnist-0.json").read_text())
    assert record["audit"]["steps"] == 20


def test_about_how_many_rows_it_takes_is_known_beforehand(run):
    plain, planned = (
        run("explain", "mnist:18", *PAPER, *options, "--dry-run", "--json").json()["images"][0]
        for options in ([], ["--audit"])
    )
    assert plain["audit_rows"] == 0
    assert planned["audit_rows"] == 253 + 2 * planned["model_rows"]
    (record,) = run("explain", "mnist:18", *PAPER, "--audit", "--json").json()
    assert record["audit"]["model_rows"] == pytest.approx(planned["audit_rows"], rel=0.05)
    said = words(run("explain", "mnist:18", *PAPER, "--audit", "--dry-run"))
    assert f"--audit takes about {planned['audit_rows']} more" in said
