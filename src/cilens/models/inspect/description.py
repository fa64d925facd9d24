"""What a model file says of itself, whatever framework runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from cilens.errors import FileError, InputError, ModelError
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits, limits_of
from cilens.models.isolate.told import fields_in, list_in, mapping_in, number_in, tensor_in
from cilens.models.metadata import Tensor


class Described(NamedTuple):
    """A model file that was opened.

    Attributes
    ----------
    input : Tensor
        The images.
    outputs : tuple of Tensor
        As the file states them.
    metadata : mapping of str to str
        What else the file states, as texts.
    ask : callable
        From the name of an output and the network's input to what is put out, without any
        activation.
    span : (float, float), optional
        Smallest and largest number that a quantised input can hold.
    """

    input: Tensor
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str]
    ask: Callable[[str, Shaped[np.ndarray, "rows _ _ _"]], Shaped[np.ndarray, "..."]]
    span: tuple[float, float] | None = None


def describe(path: str, isolate: bool | Limits = False, timeout: float | None = None) -> Described:
    """Open a model file, and return what it says.

    Parameters
    ----------
    path : str
        Of an ``.onnx``, ``.keras`` or ``.tflite`` file.
    isolate : bool or Limits
        Whether to open it in a process of its own.
    timeout : float, optional
        Seconds that opening the file may take, and each question.

    Returns
    -------
    Described
        With the network, ready to be asked.

    Raises
    ------
    FileError
        If the file cannot be opened.
    InputError
        If the network takes no images, or the suffix is another.
    MissingDependencyError
        If the framework is not installed.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> describe(model_path("digits")).input.shape
    ('N', 1, 28, 28)
    """
    suffix = Path(path).suffix.lower()
    if suffix not in _WAYS:
        raise InputError(
            f"cilens inspect reads model files ({', '.join(_WAYS)}); state what {path} wants with "
            "--preprocess of cilens explain"
        )
    limits = limits_of(isolate, timeout)
    return (_isolated if isolate else _WAYS[suffix])(path, limits)


def _isolated(path: str, limits: Limits) -> Described:
    """Have a child describe a file, and believe of that what can be a description."""
    child = Child(path, "cilens.models.isolate.services:serve_description", {"path": path}, limits)
    try:
        told = child.texts
        span = None if told.get("span") is None else fields_in(told["span"], 2)
        return Described(
            tensor_in(told.get("input")),
            tuple(tensor_in(one) for one in list_in(told, "outputs")),
            mapping_in(told, "metadata"),
            lambda name, fed: child.ask(name, {"images": fed}),
            None if span is None else (number_in(span[0]), number_in(span[1])),
        )
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error


def _onnx(path: str, limits: Limits) -> Described:
    from cilens.models.onnx import model as onnx

    session = onnx.open_session(path, ("CPUExecutionProvider",), 0, limits.timeout)
    taken = onnx.images_input(path, session)

    nodes = [taken, *session.get_outputs()]
    tensors = [
        Tensor(one.name, onnx.DTYPES.get(one.type, one.type), tuple(one.shape)) for one in nodes
    ]
    return Described(
        tensors[0],
        tuple(tensors[1:]),
        dict(session.get_modelmeta().custom_metadata_map),
        lambda name, fed: onnx.ask_session(session, path, name, {taken.name: fed}, limits.timeout),
    )


def _keras(path: str, _: Limits) -> Described:
    from cilens.models.keras import model as keras
    from cilens.models.keras.says import input_of, named_outputs, own_preprocessing

    model = keras.open_keras(path)
    taken = input_of(model, path)
    if taken is None:
        raise InputError(f"{path} must say what it takes: give its network a keras.Input")
    outputs = named_outputs(model, model.compute_output_spec(model.inputs[0]))
    return Described(
        taken,
        tuple(Tensor(name, str(one.dtype), tuple(one.shape)) for name, one in outputs.items()),
        own_preprocessing(model),
        lambda name, fed: np.asarray(named_outputs(model, keras.ask_keras(model, fed, path))[name]),
    )


def _tflite(path: str, limits: Limits) -> Described:
    from cilens.models.litert import model as litert

    file = litert.open_litert(path, limits=limits)
    ports = {port.name: port for port in file.outputs}
    steps = {
        f"{name} is quantised": str(port.steps)
        for name, port in {file.input.name: file.input, **ports}.items()
        if port.steps is not None
    }
    tensors = [Tensor(port.name, port.dtype, port.shape) for port in (file.input, *file.outputs)]
    return Described(
        tensors[0],
        tuple(tensors[1:]),
        {**file.texts, **steps},
        lambda name, fed: litert.ask_litert(file, ports[name], fed),
        None if file.input.steps is None else file.input.steps.span(),
    )


_WAYS = {".onnx": _onnx, ".keras": _keras, ".tflite": _tflite}
