"""`cilens calibrate`: the range of scores one can write down, kept and used."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

import cilens
import tiny_onnx
from cilens.models.sidecar import Stated, read_stated, stated_path, write_stated

PREPROCESS = "size=8x8,fit=stretch"


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    """Return a directory of three images: (1, 0, 0), (0, 1, 0) and (0, 0, 0.4)."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name, colour in (("a", (255, 0, 0)), ("b", (0, 255, 0)), ("c", (0, 0, 102))):
        PIL.Image.new("RGB", (8, 8), colour).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def logits(tmp_path: Path) -> Path:
    return tiny_onnx.write(tmp_path / "net.onnx", gain=10)


def test_extremes_with_the_margin(run, logits: Path, colours: Path) -> None:
    """Scores are 10 times the mean colour; blue ends with a picture behind grey windows."""
    blue = 10 * 128 / 255
    given = ("calibrate", logits, colours, "--preprocess", PREPROCESS, "--json")
    record = run(*given).json()
    assert record["measured"] == [[0, 0, 0], pytest.approx([10, 10, blue])]
    low, high = record["output_range"]
    assert low == pytest.approx([-1, -1, -blue / 10])
    assert high == pytest.approx([11, 11, 1.1 * blue])
    stated = read_stated(logits)
    assert stated.output_range == (tuple(low), tuple(high))
    assert (stated.activation, stated.preprocess) == ("none", cilens.Preprocess.parse(PREPROCESS))
    assert run(*given, "--margin", 0).json()["output_range"] == [
        [0, 0, 0],
        pytest.approx([10, 10, blue]),
    ]


def test_what_is_printed(run, logits: Path, colours: Path) -> None:
    ran = run("calibrate", logits, colours, "--preprocess", PREPROCESS)
    assert (ran.code, ran.err) == (0, "")
    assert "3 images" in ran.out
    assert "activation none" in ran.out
    assert "Probabilities need no range" not in ran.out
    assert f"Written: {stated_path(logits)}" in ran.out.replace("\n", "")


def test_compare_and_evaluate_use_it(run, logits: Path, colours: Path, tmp_path: Path) -> None:
    """Logits of 10 lie outside of 0 … 1: without a range no method could read them."""
    run("calibrate", logits, colours, "--preprocess", PREPROCESS)
    image = colours / "a.png"
    given = ("compare", image, "--model", logits, "--budget", 20, "--json")
    assert run(*given).json()["target"]["output_range"] == pytest.approx([-1, 11])
    own = run(*given, "--output-range", -9, 99).json()
    assert own["target"]["output_range"] == [-9, 99]
    record = run("evaluate", image, "--model", logits, "--json").json()
    assert list(record["methods"]) == ["default", "paper", "random"]


def test_explain_uses_it(run, logits: Path, colours: Path) -> None:
    image = colours / "a.png"
    given = ("explain", image, "--model", logits, "--target", 2, "--json")
    ran = run(*given, "--preprocess", PREPROCESS)
    assert (ran.code, ran.out) == (1, "[]\n")
    run("calibrate", logits, colours, "--preprocess", PREPROCESS)
    blue = 10 * 128 / 255
    (record,) = run(*given).json()
    assert record["output_range"] == pytest.approx([-blue / 10, 1.1 * blue])
    (record,) = run(*given, "--output-range", -5, 20).json()
    assert record["output_range"] == [-5, 20]
    (record,) = run(*given, "--method", "occlusion:size=4,stride=4").json()
    assert record["output_range"] == pytest.approx([-blue / 10, 1.1 * blue])
    e = cilens.explain(cilens.load_model(logits), cilens.read_image(image))
    assert e.output_range[:, 2] == pytest.approx([-blue / 10, 1.1 * blue])


@pytest.mark.parametrize(
    "option",
    [("--activation", "softmax"), ("--preprocess", "size=8x8,fit=stretch,scale=0.05")],
)
def test_a_range_is_not_used_where_it_does_not_hold(
    run, logits: Path, colours: Path, option: tuple[str, str]
) -> None:
    run("calibrate", logits, colours, "--preprocess", PREPROCESS)
    ran = run("explain", colours / "a.png", "--model", logits, "--json", *option)
    assert ran.json()[0]["output_range"] == [0, 1]
    assert f"was measured with another {option[0][2:]}, and is not used" in ran.err
    ran = run("explain", colours / "a.png", "--model", logits, "--activation", "none", "--json")
    assert (ran.err, ran.json()[0]["output_range"]) == ("", pytest.approx([-1, 11]))


def test_probabilities_stay_in_their_bounds(run, logits: Path, colours: Path) -> None:
    given = ("calibrate", logits, colours, "--preprocess", PREPROCESS, "--json")
    low, high = run(*given, "--activation", "sigmoid").json()["output_range"]
    assert high[0] == 1
    assert low[0] == pytest.approx(0.45, abs=0.001)
    assert read_stated(logits).activation == "sigmoid"
    ran = run("explain", colours / "a.png", "--model", logits, "--output-range", 0, 1, "--json")
    assert ran.json()[0]["output_range"] == [0, 1]


def test_probabilities_are_told_to_need_none(run, tmp_path: Path, colours: Path) -> None:
    path = tiny_onnx.write(tmp_path / "soft.onnx", ("Softmax",))
    ran = run("calibrate", path, colours, "--preprocess", PREPROCESS)
    assert "Probabilities need no range of their own" in ran.out


def test_inspect_keeps_the_range_while_it_holds(run, logits: Path, colours: Path) -> None:
    run("calibrate", logits, colours, "--preprocess", PREPROCESS)
    measured = read_stated(logits).output_range
    ran = run("inspect", logits, "--preprocess", PREPROCESS + ",scale=1,mean=0,std=1")
    assert (ran.code, ran.err) == (0, "")
    assert read_stated(logits).output_range == measured
    ran = run("inspect", logits, "--activation", "softmax", "--save")
    assert "dropped" in ran.err
    assert read_stated(logits).output_range is None


def test_what_stands_beside_the_file_is_kept(run, logits: Path, colours: Path) -> None:
    names = ("red", "green", "blue")
    write_stated(logits, Stated(cilens.Preprocess.parse(PREPROCESS), class_names=names))
    assert "blue" in run("calibrate", logits, colours).out
    stated = read_stated(logits)
    assert stated.class_names == names
    assert stated.output_range is not None


def test_a_class_without_a_range(run, tmp_path: Path, colours: Path) -> None:
    constant = tiny_onnx.write(tmp_path / "constant.onnx", gain=0)
    given = ("calibrate", constant, colours / "a.png", "--preprocess", PREPROCESS)
    run(*given).refused("class 0 has the score 0 in all", "give more images")
    assert not stated_path(constant).exists()


def test_what_is_refused(run, logits: Path, colours: Path) -> None:
    run("calibrate", "digits", colours).refused("digits comes with cilens")
    run("calibrate", logits, colours).refused("does not say how an image becomes its input")
    run("calibrate", logits, colours, "--margin", -1).refused("--margin must be")
    run("calibrate", logits, colours, "--margin", "nan").refused("--margin must be")
    given = ("calibrate", logits, colours / "none.png", "--preprocess", PREPROCESS)
    run(*given).refused("none.png")
    run("calibrate", logits).refused("IMAGE")


def test_inspect_states_a_range_and_drops_no_option(run, logits: Path, colours: Path) -> None:
    run("inspect", logits, "--preprocess", PREPROCESS + ",scale=1,mean=0,std=1",
        "--output-range", -1, 12)  # fmt: skip
    assert cilens.load_model(logits).output_range == (-1.0, 12.0)
    given = ("inspect", logits, "--image", colours / "a.png")
    assert run(*given, "--batch-size", 1).code == 0
    run(*given, "--allow-noise").refused("leave out --allow-noise")
    run("calibrate", logits, colours, "--output-range", 0, 1).refused("leave out --output-range")


def test_noise_is_refused_and_allowed(run, tmp_path: Path, colours: Path) -> None:
    """A softmax over the images of a batch, which makes each image's scores those of the others."""
    path = tiny_onnx.write(tmp_path / "net.onnx", ("LogSoftmax",), axis=0)
    given = ("explain", colours / "a.png", "--model", path, "--preprocess", PREPROCESS)
    given = (*given, "--output-range", -9, 9, "--method", "contextual:tolerance=0.001")
    ran = run(*given)
    assert (ran.code, "a model must be a function of one image" in ran.err) == (1, True)
    assert run(*given, "--allow-noise").code == 0
    assert run(*given, "--batch-size", 1).code == 0
