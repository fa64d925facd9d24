"""What a model file says of itself, whatever framework runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from cilens.errors import FileError, InputError, ModelError
from cilens.models.inputs import Constants, feed, images_of
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
    others : tuple of Tensor
        Inputs that constants are stated for.
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
    others: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str]
    ask: Callable[[str, Shaped[np.ndarray, "rows ..."]], Shaped[np.ndarray, "..."]]
    span: tuple[float, float] | None = None


def describe(
    path: str,
    constants: Constants = (),
    *,
    isolate: bool | Limits = False,
    timeout: float | None = None,
) -> Described:
    """Open a model file, and return what it says.

    Parameters
    ----------
    path : str
        Of an ``.onnx``, ``.keras`` or ``.tflite`` file.
    constants : tuple of (str, value)
        For each input that is not the images.
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
    return (_isolated if isolate else _WAYS[suffix])(path, constants, limits)


def _isolated(path: str, constants: Constants, limits: Limits) -> Described:
    """Have a child describe a file, and believe of that what can be a description."""
    request = {"path": path, "constants": constants}
    child = Child(path, "cilens.models.isolate.services:serve_description", request, limits)
    try:
        told = child.texts
        span = None if told.get("span") is None else fields_in(told["span"], 2)
        return Described(
            tensor_in(told.get("input")),
            tuple(tensor_in(one) for one in list_in(told, "others")),
            tuple(tensor_in(one) for one in list_in(told, "outputs")),
            mapping_in(told, "metadata"),
            lambda name, fed: child.ask(name, {"images": fed}),
            None if span is None else (number_in(span[0]), number_in(span[1])),
        )
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error


def _onnx(path: str, constants: Constants, limits: Limits) -> Described:
    from cilens.models.onnx import model as onnx

    session = onnx.open_session(path, ("CPUExecutionProvider",), 0, limits.timeout)
    taken, others = images_of(path, onnx.tensors(session.get_inputs()), constants)

    def ask(name: str, images: Shaped[np.ndarray, "rows ..."]) -> Shaped[np.ndarray, "..."]:
        fed = {taken.name: images} | feed(others, constants, len(images))
        (answer,) = onnx.ask_session(session, path, [name], fed, limits.timeout)
        return answer

    return Described(
        taken,
        others,
        onnx.tensors(session.get_outputs()),
        dict(session.get_modelmeta().custom_metadata_map),
        ask,
    )


def _keras(path: str, constants: Constants, _: Limits) -> Described:
    from cilens.models.keras import model as keras
    from cilens.models.keras.says import named_outputs, own_preprocessing

    model = keras.open_keras(path)
    taken = keras.images_and_others(model, path, constants)
    if taken is None:
        raise InputError(f"{path} must say what it takes: give its network a keras.Input")
    spec = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    outputs = named_outputs(model, model.compute_output_spec(spec))

    def ask(name: str, images: Shaped[np.ndarray, "rows ..."]) -> Shaped[np.ndarray, "..."]:
        return np.asarray(
            named_outputs(model, keras.ask_keras(model, images, path, constants))[name]
        )

    return Described(
        *taken,
        tuple(Tensor(name, str(one.dtype), tuple(one.shape)) for name, one in outputs.items()),
        own_preprocessing(model),
        ask,
    )


def _tflite(path: str, constants: Constants, limits: Limits) -> Described:
    from cilens.models.litert import model as litert

    file = litert.open_litert(path, constants=constants, limits=limits)
    ports = {port.name: port for port in file.outputs}
    steps = {
        f"{name} is quantised": str(port.steps)
        for name, port in {file.input.name: file.input, **ports}.items()
        if port.steps is not None
    }
    return Described(
        litert.tensor_of(file.input),
        tuple(map(litert.tensor_of, file.others)),
        tuple(map(litert.tensor_of, file.outputs)),
        {**file.texts, **steps},
        lambda name, fed: litert.ask_litert(file, ports[name], fed),
        None if file.input.steps is None else file.input.steps.span(),
    )


_WAYS = {".onnx": _onnx, ".keras": _keras, ".tflite": _tflite}
