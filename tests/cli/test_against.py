"""`--against` and `--words`: another class, and a paragraph, from the same questions."""

from __future__ import annotations

import pytest

import cilens
from command_line import left_over


@pytest.fixture
def three():
    method = cilens.ContextualImportance.paper()
    return method(cilens.load_model("digits"), cilens.read_image("mnist:18"))


def test_the_contrast_is_the_librarys_and_costs_no_row(run, three):
    plain = run("explain", "mnist:18", "--method", "paper", "--json").json()[0]
    (found,) = run("explain", "mnist:18", "--method", "paper", "--against", "8", "--json").json()
    contrast = three.contrast(3, 8)
    assert found["model_rows"] == plain["model_rows"]
    assert "contrast" not in plain
    assert found["contrast"]["foil"]["index"] == 8
    assert found["contrast"]["differences"] == contrast.difference.tolist()
    assert found["contrast"]["for_target_only"] == [0, 1]
    assert found["contrast"]["both"] == [3]


@pytest.mark.parametrize(("named", "index"), [("runner-up", 5), ("0", 0)])
def test_the_foil_is_named_by_index_or_place(run, named, index):
    (found,) = run("explain", "mnist:18", "--method", "paper", "--against", named, "--json").json()
    assert found["contrast"]["foil"]["index"] == index


def test_both_sentences_are_printed(run):
    out = " ".join(run("explain", "mnist:18", "--method", "paper", "--against", "8").out.split())
    assert "It is 3, because regions 0 and 1 matter to 3 and not to 8." in out
    assert "It is not 8 (8.3 %), because region 3 matters more to 3 (66 %) than to 8" in out


def test_the_paragraph_is_the_librarys(run, three):
    (found,) = run(
        "explain", "mnist:18", "--method", "paper", "--words", "--against", "8", "--json"
    ).json()
    model = cilens.load_model("digits")
    from cilens.followup.highlight import check_highlight

    check = check_highlight(model, three)
    assert found["words"] == three.describe(check, foil=8, kind="digit")
    out = " ".join(
        run("explain", "mnist:18", "--method", "paper", "--words", "--against", "8").out.split()
    )
    assert " ".join(found["words"].split()) in out


def test_the_figure_is_written_beside_the_others(run, tmp_path):
    run("explain", "mnist:18", "--method", "paper", "--against", "8", "--out", tmp_path / "new")
    names = [
        "mnist-18.against.png",
        "mnist-18.detail.png",
        "mnist-18.html",
        "mnist-18.json",
        "mnist-18.npz",
        "mnist-18.png",
    ]
    assert left_over(tmp_path / "new") == names


@pytest.mark.parametrize(
    ("arguments", "message", "code"),
    [
        (["--against", "3"], "--against must name another class than the target", 1),
        (["--target", "8", "--against", "8"], "both are '8'", 1),
        (["--against", "eight"], "unknown class 'eight'", 2),  # before anything is asked
        (["--against", "10"], "a class index must be in 0 … 9; got 10", 2),
    ],
)
def test_a_foil_that_is_none_is_refused(run, arguments, message, code):
    run("explain", "mnist:18", "--method", "paper", *arguments).refused(message, code=code)
