"""`cilens inspect`: what a new user sees, and what is kept beside the file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import PIL.Image
import pytest
from onnx import TensorProto, helper, numpy_helper

import keras_networks
import tiny_onnx
import tiny_tflite
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import read_stated, stated_path

WHOLE = "fit=stretch,scale=255,mean=127,std=128"


@pytest.fixture
def green(tmp_path: Path) -> Path:
    path = tmp_path / "green.png"
    PIL.Image.new("RGB", (12, 10), (0, 255, 0)).save(path)
    return path


@pytest.fixture
def logits(tmp_path: Path) -> Path:
    return tiny_onnx.write(tmp_path / "net.onnx")


def test_what_is_printed(run, logits: Path) -> None:
    ran = run("inspect", logits)
    assert (ran.code, ran.err) == (0, "")
    for text in ("(n, 3, 8, 8) float32", "logits", "(n, 3)", "NCHW", "Not known, and not guessed"):
        assert text in ran.out
    assert '--preprocess "size=8x8,channels=3,fit=?,scale=?,mean=?,std=?' in ran.out
    assert ran.out.rstrip().endswith("--activation ?")
    assert not stated_path(logits).exists()


def test_json(run, logits: Path, green: Path) -> None:
    record = run("inspect", logits, "--image", green, "--json").json()
    assert record["inputs"] == [{"name": "x", "dtype": "float32", "shape": ["n", 3, 8, 8]}]
    (output,) = record["outputs"]
    assert output["looks"]["high"] == 255
    assert output["looks"]["activation"] is None
    assert record["known"]["layout"]["value"] == "NCHW"
    assert list(record["unknown"]) == ["fit", "scale", "mean", "std", "activation"]
    assert record["saved"] is None
    assert record["preprocess"] in record["command"]


def test_the_shipped_network_says_all(run) -> None:
    record = run("inspect", "digits", "--image", "mnist:0", "--json").json()
    assert record["unknown"] == {}
    assert record["command"].endswith("--activation none")
    run("inspect", "digits", "--save").refused("digits comes with cilens")


def test_what_is_stated_is_saved_and_used(run, logits: Path, green: Path) -> None:
    ran = run("inspect", logits, "--preprocess", WHOLE, "--activation", "softmax")
    assert ran.code == 0
    assert f"Written: {stated_path(logits)}" in ran.out
    stated = read_stated(logits)
    assert stated.preprocess == Preprocess((8, 8), fit="stretch", scale=255, mean=127, std=128)
    assert stated.activation == "softmax"
    given = ("explain", green, "--model", logits, "--json")
    (record,) = run(*given).json()
    assert record["predicted"]["index"] == 1
    assert 0.5 < record["predicted"]["score"] < 1
    run(*given[:-1], "--activation", "none").refused("scores must lie in the output range", code=1)
    run(*given, "--preprocess", "size=9x9").refused("takes (n, 3, 8, 8)", "net.onnx.cilens.toml")


def test_the_printed_line_is_what_works(run, logits: Path, green: Path) -> None:
    line = run("inspect", logits, "--preprocess", WHOLE, "--json").json()["preprocess"]
    stated_path(logits).unlink()
    given = ("explain", green, "--model", logits, "--preprocess", line)
    assert run(*given, "--activation", "softmax").code == 0


def test_nothing_is_saved_half_known(run, logits: Path) -> None:
    run("inspect", logits, "--save").refused("nothing is saved", "fit:", "scale:", "std:")
    run("inspect", logits, "--preprocess", "scale=255").refused("nothing is saved", "mean:")
    assert not stated_path(logits).exists()


def test_class_names(run, logits: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("red\ngreen\n")
    given = ("inspect", logits, "--preprocess", WHOLE, "--class-names", names)
    run(*given).refused("class_names must name each class of the network's output: 3; got 2")
    names.write_text("red\ngreen\nblue\n")
    assert "3: red, green, blue" in run(*given).out
    assert read_stated(logits).class_names == ("red", "green", "blue")
    assert run("inspect", logits, "--json").json()["classes"] == ["red", "green", "blue"]


def test_several_outputs(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "two.onnx", ("Softmax",), outputs=("logits", "softmax"))
    ran = run("inspect", path, "--image", green)
    assert ran.out.rstrip().endswith("--activation ? --output-name ?")
    given = ("inspect", path, "--image", green, "--preprocess", WHOLE)
    run(*given).refused("output: which of the outputs holds the scores")
    ran = run(*given, "--output-name", "softmax")
    assert "--activation none --output-name softmax\n" in ran.out
    assert read_stated(path).output == "softmax"
    assert run("explain", green, "--model", path).code == 0


def test_an_activation_twice(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "soft.onnx", ("Softmax",))
    ran = run("inspect", path, "--image", green, "--activation", "softmax")
    assert "Caution: output 'softmax'" in ran.out


def test_a_network_that_answers_nan(run, tmp_path: Path, green: Path) -> None:
    path = tiny_onnx.write(tmp_path / "nan.onnx", gain=float("nan"))
    assert "not finite in 6 rows: preprocessing may be wrong" in run(
        "inspect", path, "--image", green
    ).out.replace("\n", " ")
    (output,) = run("inspect", path, "--image", green, "--json").json()["outputs"]
    assert (output["looks"]["low"], output["looks"]["activation"]) == (None, None)


def test_what_is_refused(run, logits: Path, tmp_path: Path) -> None:
    run("inspect", tmp_path / "net.pt2").refused("reads model files")
    run("inspect", tmp_path / "none.onnx").refused("cannot be read: No such file")
    run("inspect", logits, "--activation", "softmx").refused("did you mean 'softmax'")
    run("inspect", logits, "--preprocess", "layout=NHWC," + WHOLE).refused("state layout=NCHW")
    stated_path(logits).write_text("nothing")
    run("inspect", logits).refused("net.onnx.cilens.toml must be TOML")


@pytest.mark.parametrize("suffix", ["keras", "tflite"])
def test_other_files_are_inspected_too(run, tmp_path: Path, green: Path, suffix: str) -> None:
    path = tmp_path / f"net.{suffix}"
    if suffix == "tflite":
        tiny_tflite.colours(path)
    else:
        keras_networks.means(lambda mean: mean).save(path)
    record = run("inspect", path, "--image", green, "--json").json()
    assert record["preprocess"] == "size=8x8,channels=3,fit=?,scale=?,mean=?,std=?,layout=NHWC"
    assert run("inspect", path, "--preprocess", WHOLE, "--activation", "softmax").code == 0
    assert read_stated(path).preprocess.layout == "NHWC"
    (record,) = run("explain", green, "--model", path, "--json").json()
    assert record["predicted"]["index"] == 1


def test_a_constant_for_another_input_is_asked_for_and_kept(run, tmp_path: Path, green: Path):
    path = tiny_onnx.two_inputs(tmp_path / "net.onnx")
    run("inspect", path).refused("it has 2: 'x' float32 (n, 3, 8, 8), 'weight'", "--input weight=…")
    given = ("--preprocess", WHOLE.replace("255", "1").replace("128", "1").replace("127", "0"))
    stated = (*given, "--activation", "softmax", "--input", "weight=0/10/0")
    record = run("inspect", path, *stated, "--json").json()
    assert [one["name"] for one in record["inputs"]] == ["x", "weight"]
    assert record["command"].endswith("--input weight=0/10/0")
    assert "inputs = { weight = [0, 10, 0] }" in stated_path(path).read_text()
    (found,) = run("explain", green, "--model", path, "--json").json()
    assert (found["predicted"]["index"], round(found["predicted"]["score"], 3)) == (1, 1.0)
    (found,) = run("explain", green, "--model", path, "--input", "weight=0", "--json").json()
    assert found["predicted"]["score"] == pytest.approx(1 / 3)
    run("explain", green, "--model", path, "--input", "wait=0").refused("did you mean 'weight'")
    run("explain", green, "--model", path, "--input", "weight").refused("NAME=VALUE, as in age=41")


def reshaped(path: Path, shape: list[int | str]) -> Path:
    """Write a network that puts out an array of another form."""
    values = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, shape),
    ]
    size = numpy_helper.from_array(np.array([0, *shape[1:]]), "size")
    node = helper.make_node("Reshape", ["x", "size"], ["y"])
    graph = helper.make_graph([node], "g", values[:1], values[1:], [size])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize(
    ("shape", "what", "way"),
    [
        (["n", 3, 8, 8], "maps, (n, 3, 8, 8), as networks for segmentation", "each map's mean"),
        (["n", 24, 8], "detectors such as YOLO", "pass cilens.detector a function"),
    ],
)
def test_what_is_no_classifier_is_promised_nothing(
    run, tmp_path: Path, green: Path, shape, what: str, way: str
):
    path = reshaped(tmp_path / "net.onnx", shape)
    ran = run("inspect", path, "--preprocess", WHOLE)
    assert ran.code == 0
    told = " ".join(ran.out.split())
    assert what in told
    assert way in told
    assert "cilens explain" not in told
    record = run("inspect", path, "--json").json()
    assert (record["command"], record["kind"]["explained"]) == (None, False)
    run("explain", green, "--model", path).refused(what.partition(",")[0], way, code=1)


def test_one_number_is_told_of_and_explained(run, tmp_path: Path):
    path = reshaped(tmp_path / "net.onnx", ["n", 1])
    record = run("inspect", path, "--json").json()
    assert record["kind"]["explained"]
    assert "a regression is explained as it is" in record["kind"]["way"]
    assert record["command"].startswith("cilens explain")


@pytest.mark.parametrize(
    ("shape", "stated", "preprocess"),
    [
        (["n", 28, 20], "", "size=28x20,channels=1,fit=?,scale=?,mean=?,std=?,layout=NHW"),
        (["n", 784], "", "size=?,channels=?,fit=?,scale=?,mean=?,std=?,layout=?"),
        (
            ["n", 784],
            "size=28x28,channels=1,fit=exact,scale=1,mean=0,std=1",
            "size=28x28,channels=1,fit=exact,scale=1,mean=0,std=1,layout=flat_HWC",
        ),
        (
            ["n", 5, 8, 8],
            "layout=NCHW,fit=exact,scale=1,mean=0,std=1",
            "size=8x8,channels=5,fit=exact,scale=1,mean=0,std=1,layout=NCHW",
        ),
    ],
)
def test_what_follows_from_other_shapes(run, tmp_path: Path, shape, stated: str, preprocess: str):
    path = tmp_path / "net.onnx"
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, one)
        for name, one in (("x", shape), ("y", ["n", "k"]))
    ]
    node = helper.make_node("Flatten", ["x"], ["y"])
    graph = helper.make_graph([node], "g", values[:1], values[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    given = ("--preprocess", stated) if stated else ()
    record = run("inspect", path, *given, "--json").json()
    assert record["preprocess"] == preprocess
    if "size" in record["unknown"]:
        assert record["unknown"]["size"].endswith("; 28x28 would fit")


def test_class_names_that_carry_their_index(run, logits: Path, green: Path, tmp_path: Path):
    names = tmp_path / "names.csv"
    names.write_text("index,name\n2,blue\n1,green\n0,red\n")
    stated = ("--preprocess", WHOLE, "--activation", "softmax", "--class-names", names)
    assert run("inspect", logits, *stated).code == 0
    (found,) = run("explain", green, "--model", logits, "--json").json()
    assert found["predicted"]["name"] == "green"
    names.write_text("index,name\n2,blue\n1,green\n3,red\n")
    run("explain", green, "--model", logits, "--class-names", names).refused("0 is missing")


def test_it_ends_with_what_the_network_sees(run, logits: Path, green: Path) -> None:
    ran = run("inspect", "shapes", "--image", "shapes:circle-with-tag")
    assert ran.out.rstrip().endswith("\nsquare, 99.99 %: does that look right?")
    saw = run("inspect", "shapes", "--image", "shapes:circle", "--json").json()["guess"]
    assert (saw["index"], saw["name"], saw["activation"], saw["proposed"]) == (
        0, "circle", "none", False,
    )  # fmt: skip
    assert "look right" not in run("inspect", "shapes").out
    assert run("inspect", logits, "--image", green, "--json").json()["guess"] is None


def test_softmax_is_proposed_for_logits_and_not_applied(run, logits: Path, green: Path) -> None:
    given = ("inspect", logits, "--image", green, "--preprocess", WHOLE)
    ran = run(*given)
    assert "softmax would fit" in " ".join(ran.out.split())
    assert re.search(r"\nWith softmax: class 1, \d\d %: does that look right\?$", ran.out.rstrip())
    record = run(*given, "--json").json()
    assert record["guess"]["proposed"] is True
    assert list(record["unknown"]) == ["activation"]
    assert read_stated(logits).activation is None
    told = run(*given, "--activation", "none")
    last = told.out.splitlines()[-1]
    assert re.fullmatch(r"class 1, [\d.]+( %)?: does that look right\?", last)
