"""`--objects`: each class that is there, from the same questions; and the five best."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

import cilens
from command_line import left_over

PAPER = ("explain", "mnist:18", "--method", "paper")


def test_the_objects_are_the_librarys_and_cost_no_row(run):
    plain = run(*PAPER, "--json").json()[0]
    (found,) = run(*PAPER, "--objects", "--above", "0.08", "--json").json()
    method = cilens.ContextualImportance.paper()
    explanation = method(cilens.load_model("digits"), cilens.read_image("mnist:18"))
    objects = cilens.find_objects(explanation, above=0.08)
    assert found["model_rows"] == plain["model_rows"]
    assert "objects" not in plain
    assert [one["index"] for one in found["objects"]] == list(objects.classes) == [3, 5, 8]
    for one, speaks, own in zip(found["objects"], objects.speaks, objects.own, strict=True):
        assert one["regions"] == np.flatnonzero(speaks).tolist()
        assert one["own"] == (None if np.isnan(own) else own)


def test_the_target_is_always_among_them(run):
    (found,) = run(*PAPER, "--objects", "--target", "0", "--json").json()
    assert found["objects"][-1]["index"] == 0
    assert len(found["objects"]) > 1


@pytest.mark.slow
def test_a_line_for_each_is_printed_and_the_figure_is_written(run, tmp_path):
    ran = run(*PAPER, "--objects", "--out", tmp_path / "new")
    out = " ".join(ran.out.split())
    assert "% of the image, speak for it; region" in out
    assert ", .objects.png" in out
    names = [
        "mnist-18.detail.png",
        "mnist-18.html",
        "mnist-18.json",
        "mnist-18.npz",
        "mnist-18.objects.png",
        "mnist-18.png",
    ]
    assert left_over(tmp_path / "new") == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--above", "1.5"], "--above must be a share, 0 to 1; got 1.5"),
        (["--threshold", "0"], "--threshold is a share of the output range"),
    ],
)
def test_what_makes_no_sense_is_refused(run, arguments, message):
    run(*PAPER, "--objects", *arguments).refused(message)


def test_files_that_would_overwrite_each_other_are_refused(run, tmp_path, digit):
    other = tmp_path / "seven.objects.png"
    PIL.Image.open(digit).save(other)
    out = tmp_path / "new"
    run("explain", digit, other, "--objects", "--out", out).refused("would both be written to")
    run("explain", digit, "--objects", "--out", tmp_path).refused("would overwrite an image")
    assert run("explain", digit, other, "--method", "paper", "--out", out).code == 0


def test_the_five_best_are_listed_where_there_are_many_classes(run):
    arguments = ("explain", "skimage:chelsea", "--model", "imagenet", "--budget", "21")
    assert "Top 5: tiger cat 38.8 % · Egyptian cat 36.2 % · tabby" in run(*arguments).out
    assert "Top 5" not in run(*PAPER).out
    top = run(*PAPER, "--json").json()[0]["top"]
    assert [one["index"] for one in top][:3] == [3, 5, 8]
    assert top == sorted(top, key=lambda one: -one["score"])
    assert len(top) == 5
