"""An ONNX file that cannot be used says why in one line, and ONNX Runtime writes nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, save_model

from cilens.errors import CilensError, FileError, InputError, ModelError
from cilens.models.onnx.errors import reason
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import FitError, Preprocess

P = Preprocess((8, 8), scale=2, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))
IMAGES = np.random.default_rng(0).random((3, 8, 8, 3), dtype=np.float32)


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
        (("n", 3, 8, 8), "NCHW", "uint8", "takes uint8; got float32; state dtype=uint8$"),
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
        model(IMAGES[:0])


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
    assert OnnxModel(path, P)(IMAGES).shape == (3, 4)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(
        FileError, match=r"another file, 'weights\.bin', which cannot be read: .*beside"
    ):
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
        (TensorProto.FLOAT, ["n"], r"'x' is float32 of shape \(n\)"),
        (TensorProto.FLOAT, ["n", 3, 2, 8, 8], r"of shape \(n, 3, 2, 8, 8\)"),
        (TensorProto.BOOL, ["n", 3, 8, 8], r"'x' is bool of shape"),
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
    with pytest.raises(InputError, match=r"one input, the images; it has 2: 'x' float32 \(n"):
        OnnxModel(write_identity(tmp_path, {"x": of, "mask": of}), P)


def test_a_network_that_answers_with_pictures(tmp_path: Path) -> None:
    model = OnnxModel(write_identity(tmp_path, {"x": (TensorProto.FLOAT, ["n", 3, 8, 8])}), P)
    with pytest.raises(ModelError, match=r"one row of scores .* got shape \(3, 3, 8, 8\)"):
        model(IMAGES)


def test_a_network_that_fails(write_onnx: Callable) -> None:
    """The file claims to take any size, but its convolution has no room."""
    model = OnnxModel(write_onnx(("n", 3, "h", "w")), Preprocess())
    with pytest.raises(ModelError, match=r"net\.onnx failed on an input of shape \(2, 3, 1, 1\)"):
        model(np.zeros((2, 1, 1, 3)))


def test_reasons_are_one_line_without_codes() -> None:
    said = "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions\n index: 1 Got: 1"
    assert reason(ValueError(said)) == "Got invalid dimensions index: 1 Got: 1"


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
