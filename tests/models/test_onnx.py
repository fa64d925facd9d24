"""An ONNX file does what it and the caller state, or says in one line why it cannot."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, save_model
from scipy import special

from cilens.errors import CilensError, FileError, InputError, ModelError
from cilens.models.onnx import OnnxModel
from cilens.models.preprocess import FitError, Preprocess
from cilens.types import ImageModel

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))


def images(rows: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(rows).random((rows, 8, 8, channels), dtype=np.float32)


def logits(weights: object, tensor: np.ndarray) -> np.ndarray:
    """Compute the network of conftest in float64: its input is (rows, channels, height, width)."""
    kernel, linear, bias = (array.astype(np.float64) for array in weights)
    windows = np.lib.stride_tricks.sliding_window_view(tensor.astype(np.float64), (3, 3), (2, 3))
    convolved = np.einsum("nchwij,kcij->nkhw", windows, kernel)
    return np.maximum(convolved, 0).mean(axis=(2, 3)) @ linear + bias


def expected(weights: object, batch: np.ndarray, p: Preprocess) -> np.ndarray:
    values = (batch.astype(np.float64) * p.scale - np.asarray(p.mean)) / np.asarray(p.std)
    return logits(weights, values.transpose(0, 3, 1, 2))


# ---- what works


@pytest.mark.parametrize("opset", [17, 20, 23])
@pytest.mark.parametrize(
    ("layout", "shape"),
    [("NCHW", ("n", 3, 8, 8)), ("NHWC", (None, 8, 8, 3)), ("NCHW", ("n", 3, "h", "w"))],
)
def test_scores_are_those_of_the_network(
    write_onnx: Callable, network_weights: Callable, layout: str, shape: tuple, opset: int
) -> None:
    p = replace(P, layout=layout)
    model = OnnxModel(write_onnx(shape, layout=layout, opset=opset), p)
    batch = images(3)
    scores = model(batch)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected(network_weights(3, 4), batch, p), atol=1e-5)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_a_network_of_bytes(write_onnx: Callable, network_weights: Callable, layout: str) -> None:
    shape = ("n", 1, 8, 8) if layout == "NCHW" else ("n", 8, 8, 1)
    p = Preprocess((8, 8), 1, scale=255, layout=layout, dtype="uint8")
    model = OnnxModel(write_onnx(shape, layout=layout, dtype="uint8"), p)
    batch = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 1)) / np.float32(255)
    scores = model(batch)
    np.testing.assert_allclose(scores, expected(network_weights(1, 4), batch, p), rtol=1e-5)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float16", 0.02), ("float64", 1e-5)])
def test_a_network_of_other_floats(
    write_onnx: Callable, network_weights: Callable, dtype: str, tolerance: float
) -> None:
    p = replace(P, dtype=dtype)
    model = OnnxModel(write_onnx(dtype=dtype), p)
    np.testing.assert_allclose(
        model(images(3)), expected(network_weights(3, 4), images(3), p), atol=tolerance
    )


@pytest.mark.parametrize("rows", [1, 3, 4, 7, 8])
def test_a_fixed_batch_answers_any_number(
    write_onnx: Callable, network_weights: Callable, rows: int
) -> None:
    model = OnnxModel(write_onnx((4, 3, 8, 8)), P)
    scores = model(images(rows))
    assert scores.shape == (rows, 4)
    np.testing.assert_allclose(scores, expected(network_weights(3, 4), images(rows), P), atol=1e-5)


def test_one_of_several_outputs(write_onnx: Callable, network_weights: Callable) -> None:
    path = write_onnx(ending=("Softmax",), outputs={"logits": ["n", 4], "softmax": ["n", 4]})
    wanted = expected(network_weights(3, 4), images(3), P)
    np.testing.assert_allclose(OnnxModel(path, P, output="logits")(images(3)), wanted, atol=1e-5)
    for model in (
        OnnxModel(path, P, output="softmax"),
        OnnxModel(path, P, output="logits", activation="softmax"),
    ):
        np.testing.assert_allclose(model(images(3)), special.softmax(wanted, axis=1), atol=1e-6)


@pytest.mark.parametrize("shape", [["n", 1], ["n", "k"]])
@pytest.mark.parametrize(
    ("ending", "activation", "names"),
    [
        ((), "sigmoid", ()),
        ((), "sigmoid", ("cat", "dog")),
        (("Sigmoid",), "none", ("cat", "dog")),
    ],
)
def test_a_single_sigmoid_is_two_classes(
    write_onnx: Callable,
    network_weights: Callable,
    ending: tuple,
    activation: str,
    names: tuple,
    shape: list,
) -> None:
    outputs = {"sigmoid" if ending else "logits": shape}
    path = write_onnx(classes=1, ending=ending, outputs=outputs)
    model = OnnxModel(path, P, names, activation=activation)
    p = special.expit(expected(network_weights(3, 1), images(3), P))
    np.testing.assert_allclose(model(images(3)), np.hstack([1 - p, p]), atol=1e-6)
    assert model.class_names == names


def test_a_single_output_stays_one_where_nobody_says_more(write_onnx: Callable) -> None:
    path = write_onnx(classes=1)
    assert OnnxModel(path, P)(images(3)).shape == (3, 1)
    assert OnnxModel(path, P, ("age",))(images(3)).shape == (3, 1)


@pytest.mark.parametrize(("kind", "shape"), [("squeeze", ["n"]), ("mean", ["n", 5, 1, 1])])
def test_outputs_of_other_ranks(write_onnx: Callable, kind: str, shape: list) -> None:
    ending = ("Squeeze",) if kind == "squeeze" else ()
    model = OnnxModel(write_onnx(classes=1, ending=ending, outputs={kind: shape}), P)
    assert model(images(3)).shape == (3, 1 if kind == "squeeze" else 5)


def test_metadata_stands_in_the_fields(write_onnx: Callable) -> None:
    path = write_onnx(
        metadata={"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c", "d"]'}
    )
    model = OnnxModel(path)
    assert model.preprocess == P
    assert model.class_names == ("a", "b", "c", "d")
    assert model.output == "logits"
    assert model == OnnxModel(path, P, ("a", "b", "c", "d"), "logits")
    assert hash(model) == hash(OnnxModel(path))
    np.testing.assert_array_equal(model(images(2)), OnnxModel(path, P)(images(2)))


def test_what_the_caller_states_comes_first(write_onnx: Callable) -> None:
    path = write_onnx(
        metadata={"cilens.preprocess": P.to_json(), "cilens.class_names": '["a", "b", "c", "d"]'}
    )
    other = replace(P, scale=3)
    model = OnnxModel(path, other, ("e", "f", "g", "h"))
    assert (model.preprocess, model.class_names) == (other, ("e", "f", "g", "h"))


def test_it_is_an_image_model_and_says_what_it_is(write_onnx: Callable) -> None:
    model = OnnxModel(write_onnx(), P, [f"class {i}" for i in range(4)])
    assert isinstance(model, ImageModel)
    assert repr(model).startswith("OnnxModel(path='")
    assert "class 0" not in repr(model)
    view = model.view(np.zeros((8, 8, 3)))
    assert view.box == (0.0, 0.0, 8.0, 8.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 9), batch=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_batch_split_changes_no_answer(
    write_onnx: Callable, rows: int, batch: int, seed: int
) -> None:
    model = OnnxModel(write_onnx(), P)
    whole = np.random.default_rng(seed).random((rows, 8, 8, 3), dtype=np.float32)
    parts = [model(whole[start : start + batch]) for start in range(0, rows, batch)]
    np.testing.assert_allclose(np.concatenate(parts), model(whole), atol=2e-6)


def test_the_same_batch_gives_the_same_bits(write_onnx: Callable) -> None:
    path = write_onnx()
    first = OnnxModel(path, P)(images(9))
    for threads in (0, 1, 2):
        np.testing.assert_array_equal(OnnxModel(path, P, threads=threads)(images(9)), first)


def test_the_session_is_made_once(write_onnx: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = onnxruntime.InferenceSession

    def counted(path: str, *given: object, **named: object) -> object:
        made.append(path)
        return real(path, *given, **named)

    monkeypatch.setattr(onnxruntime, "InferenceSession", counted)
    model = OnnxModel(write_onnx(), P)
    copy = pickle.loads(pickle.dumps(model))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: copy(images(2)), range(16)))
    model.view(np.zeros((8, 8, 3)))
    assert made == [model.path] * 2
    assert all((answer == answers[0]).all() for answer in answers)


def test_a_pickled_copy_is_equal_and_small(write_onnx: Callable) -> None:
    model = OnnxModel(write_onnx(), P, ("a", "b", "c", "d"))
    data = pickle.dumps(model)
    copy = pickle.loads(data)
    assert len(data) < 1000
    assert copy == model
    np.testing.assert_array_equal(copy(images(2)), model(images(2)))


def test_a_pickled_copy_misses_its_file(write_onnx: Callable) -> None:
    copy = pickle.loads(pickle.dumps(OnnxModel(write_onnx(), P)))
    Path(copy.path).unlink()
    with pytest.raises(FileError, match=r"net\.onnx cannot be read: No such file"):
        copy(images(2))


def test_inputs_are_left_alone(write_onnx: Callable) -> None:
    batch = images(3)
    batch.setflags(write=False)
    before = batch.copy()
    OnnxModel(write_onnx(), P)(batch)
    np.testing.assert_array_equal(batch, before)


# ---- what does not


def test_preprocessing_that_is_stated_nowhere(write_onnx: Callable) -> None:
    message = (
        r"net\.onnx does not say how an image becomes its input 'x' \(float32\), \(n, 3, 8, 8\): "
        r"state it, as in preprocess=Preprocess\.parse\('size=8x8,channels=3,scale="
    )
    with pytest.raises(InputError, match=message):
        OnnxModel(write_onnx())


@pytest.mark.parametrize(
    ("shape", "layout", "dtype", "message"),
    [
        (("n", 3, 9, 8), "NCHW", "float32", r"takes \(n, 3, 9, 8\); got \(n, 3, 8, 8\)"),
        (("n", 8, 8, 3), "NHWC", "float32", r"takes \(n, 8, 8, 3\); .*state layout=NHWC"),
        (("n", 1, 8, 8), "NCHW", "float32", r"takes \(n, 1, 8, 8\); got \(n, 3, 8, 8\)"),
        (("n", 3, 8, 8), "NCHW", "uint8", "takes uint8; got float32"),
    ],
)
def test_preprocessing_that_does_not_agree(
    write_onnx: Callable, shape: tuple, layout: str, dtype: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        OnnxModel(write_onnx(shape, layout=layout, dtype=dtype), P)


def test_several_outputs_have_to_be_chosen_from(write_onnx: Callable) -> None:
    path = write_onnx(
        ending=("Softmax", "ArgMax"),
        outputs={"logits": ["n", 4], "softmax": ["n", 4], "argmax": ["m", 4]},
    )
    message = r"has 3 outputs, choose one with output=: 'logits' \(n, 4\), 'softmax' \(n, 4\)"
    with pytest.raises(InputError, match=message):
        OnnxModel(path, P)
    with pytest.raises(InputError, match=r"unknown output .*'logit'; did you mean 'logits'\?"):
        OnnxModel(path, P, output="logit")
    with pytest.raises(InputError, match=r"output 'argmax' .* must be scores; .*int64"):
        OnnxModel(path, P, output="argmax")


@pytest.mark.parametrize("names", [("a", "b", "c"), tuple("abcde")])
def test_names_are_counted_before_any_row(write_onnx: Callable, names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=f"network's output: 4; got {len(names)}"):
        OnnxModel(write_onnx(), P, names)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"activation": "softmx"}, "unknown activation 'softmx'"),
        ({"class_names": "abcd"}, "class_names must be a sequence of texts"),
        ({"threads": -1}, "threads must be 0 .* got -1"),
        ({"providers": ("CPUExecutor",)}, "unknown execution provider 'CPUExecutor'; did you mean"),
        ({"output": "y"}, "unknown output"),
    ],
)
def test_settings_that_are_wrong(write_onnx: Callable, settings: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        OnnxModel(write_onnx(), P, **settings)


def test_softmax_over_one_output(write_onnx: Callable) -> None:
    with pytest.raises(InputError, match="softmax over a single output"):
        OnnxModel(write_onnx(classes=1), P, activation="softmax")


def test_an_image_that_does_not_fit_is_told_what_else_to_try(write_onnx: Callable) -> None:
    image = np.zeros((300, 451, 3))
    with pytest.raises(FitError, match=r"wants 8 x 8 .*; got 300 x 451 with 3 channels$"):
        OnnxModel(write_onnx(), P).view(image)
    model = OnnxModel(write_onnx(), P, hint="for photographs take another")
    with pytest.raises(FitError, match=r"wants 8 x 8 .*; got .*; for photographs take another$"):
        model.view(image)
    with pytest.raises(InputError, match=r"got uint8.*divide 8-bit pixels by 255$"):
        model.view(image.astype(np.uint8))


def test_rows_that_do_not_fit(write_onnx: Callable) -> None:
    model = OnnxModel(write_onnx(), P)
    with pytest.raises(FitError, match=r"wants 8 x 8 pixels .* got 9 x 8"):
        model(np.zeros((2, 9, 8, 3)))
    with pytest.raises(InputError, match="got uint8"):
        model(np.zeros((2, 8, 8, 3), np.uint8))
    with pytest.raises(InputError, match="at least one image"):
        model(images(3)[:0])


def damaged(folder: Path, content: bytes | None) -> str:
    path = folder / "bad.onnx"
    if content is not None:
        path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"bad\.onnx cannot be read: No such file or directory$"),
        (b"", r"bad\.onnx is not an ONNX file, or a damaged one"),
        (b"no network at all " * 99, r"bad\.onnx is not an ONNX file, or a damaged one"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), r"bad\.onnx is not an ONNX file, or a damaged one"),
    ],
)
def test_files_that_are_none(tmp_path: Path, content: bytes | None, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        OnnxModel(damaged(tmp_path, content), P)
    assert "\n" not in str(caught.value)


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        OnnxModel(str(tmp_path), P)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(write_onnx: Callable, tmp_path: Path, share: float) -> None:
    whole = Path(write_onnx()).read_bytes()
    path = damaged(tmp_path, whole[: int(share * len(whole))])
    with pytest.raises(FileError, match=r"bad\.onnx is not an ONNX file, or a damaged one"):
        OnnxModel(path, P)


def test_weights_in_another_file(write_onnx: Callable, tmp_path: Path) -> None:
    path = write_onnx(external=True)
    assert OnnxModel(path, P)(images(2)).shape == (2, 4)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(FileError, match="keeps its weights in another file, which cannot be read"):
        OnnxModel(path, P)


def write_identity(folder: Path, inputs: dict[str, tuple[int, list[int | str]]]) -> str:
    graph = helper.make_graph(
        [helper.make_node("Identity", [next(iter(inputs))], ["y"])],
        "identity",
        [helper.make_tensor_value_info(name, *of) for name, of in inputs.items()],
        [helper.make_tensor_value_info("y", *next(iter(inputs.values())))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    path = folder / "identity.onnx"
    save_model(model, path)
    return str(path)


@pytest.mark.parametrize(
    ("kind", "shape", "message"),
    [
        (TensorProto.FLOAT, ["n", 8, 8], r"'x' is tensor\(float\) of shape \(n, 8, 8\)"),
        (TensorProto.FLOAT, ["n", 3, 2, 8, 8], r"of shape \(n, 3, 2, 8, 8\)"),
        (TensorProto.INT64, ["n", 3, 8, 8], r"'x' is tensor\(int64\) of shape"),
        (TensorProto.STRING, ["n", 3, 8, 8], r"'x' is tensor\(string\) of shape"),
    ],
)
def test_inputs_that_are_no_images(
    tmp_path: Path, kind: int, shape: list[int | str], message: str
) -> None:
    with pytest.raises(InputError, match=f"identity.onnx must be images, .*{message}"):
        OnnxModel(write_identity(tmp_path, {"x": (kind, shape)}), P)


def test_several_inputs(tmp_path: Path) -> None:
    of = (TensorProto.FLOAT, ["n", 3, 8, 8])
    with pytest.raises(InputError, match="must have one input, the images; it has 2: 'x', 'mask'"):
        OnnxModel(write_identity(tmp_path, {"x": of, "mask": of}), P)


def test_a_network_that_answers_with_pictures(tmp_path: Path) -> None:
    model = OnnxModel(write_identity(tmp_path, {"x": (TensorProto.FLOAT, ["n", 3, 8, 8])}), P)
    with pytest.raises(ModelError, match=r"one row of scores .* got shape \(2, 3, 8, 8\)"):
        model(images(2))


def test_a_network_that_fails(write_onnx: Callable) -> None:
    """The file claims to take any size, but its convolution has no room."""
    model = OnnxModel(write_onnx(("n", 3, "h", "w")), Preprocess())
    with pytest.raises(ModelError, match=r"net\.onnx failed on an input of shape \(2, 3, 1, 1\)"):
        model(np.zeros((2, 1, 1, 3)))


def test_errors_write_nothing_to_the_terminal(write_onnx: Callable, tmp_path: Path) -> None:
    script = f"""
import numpy as np
from cilens import InputError, OnnxModel, Preprocess
for call in (
    lambda: OnnxModel({damaged(tmp_path, b"garbage")!r}, Preprocess()),
    lambda: OnnxModel({write_onnx(("n", 3, "h", "w"))!r}, Preprocess())(np.zeros((2, 1, 1, 3))),
    lambda: OnnxModel({write_onnx(("n", 3, "h", "w"))!r}, Preprocess(), providers=["CUDA"]),
):
    try:
        call()
    except Exception as error:
        assert type(error).__module__.startswith("cilens"), error
    else:
        raise AssertionError("no error")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_errors_are_caught_as_what_they_are(tmp_path: Path) -> None:
    for kind in (CilensError, OSError):
        with pytest.raises(kind):
            OnnxModel(str(tmp_path / "none.onnx"), P)
