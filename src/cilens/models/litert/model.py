"""Networks in .tflite files, run by LiteRT (TensorFlow Lite as it is called now)."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from cilens.errors import FileError, InputError, ModelError, missing_extra
from cilens.models import metadata
from cilens.models.inputs import (
    Constants,
    check_constants,
    check_input,
    feed,
    images_of,
    not_stated,
)
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits
from cilens.models.isolate.told import list_in, mapping_in, number_in
from cilens.models.litert.errors import check_tflite
from cilens.models.litert.quantised import Port, port_in, quantise, restore
from cilens.models.names import check_names
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import (
    ask_in_batches,
    check_activation,
    choose_output,
    count_classes,
    to_scores,
)
from cilens.scoring.statement import require_range
from cilens.types import Batch, Image, OutputRange, Scores, View

if find_spec("ai_edge_litert") is None:
    raise missing_extra("a TFLite model (.tflite)", "ai-edge-litert", "litert")

_ANY = 64
"""Side of the images a network of any size is tried with."""


class LiteRtFile(NamedTuple):
    """A .tflite file that a child has opened, and what it says."""

    path: str
    child: Child
    input: Port
    others: tuple[Port, ...]
    constants: Constants
    outputs: tuple[Port, ...]
    rows: int
    texts: Mapping[str, str]


class _Opened(NamedTuple):
    """A file, and what it was found to take and to put out."""

    file: LiteRtFile
    output: Port
    batch: int | None
    preprocess: Preprocess
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class LiteRtModel:
    """A network in a .tflite file, opened once and asked about batches of images.

    Quantised inputs and outputs are met by the scale and zero point that the file states:
    `preprocess` says, with ``dtype="float32"``, which real numbers the network was trained on.

    Parameters
    ----------
    path : path
        The file. What LiteRT's own operators can run, runs.
    preprocess : Preprocess, optional
        What the network wants its input to be, ``layout="NHWC"`` mostly; by default what the
        file's metadata has under ``cilens.preprocess``.
    class_names : sequence of str
        One for each class; by default what the metadata has under ``cilens.class_names``, or the
        lines of the one label file that it carries, or none.
    output : str, optional
        Which output holds the scores, by the name of its tensor; needed where there are several.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output. ``"none"`` where the network ends in its softmax or sigmoid.
    threads : int
        Threads of one operator.
    inputs : mapping of str to number or array-like
        A constant for each input of the network that is not the images, by the name of its
        tensor: it is brought to that shape, the same for each row. Pairs afterwards.
    limits : Limits
        Memory, and seconds for opening the file and for each question, of the process that runs
        LiteRT: a damaged file can crash it.
    output_range : (absmin, absmax), optional
        Of the scores, where they are no probabilities: two numbers, or two tuples with one number
        for each class. `load_model` takes it from what is stated beside the file.

    Raises
    ------
    FileError
        If the file is missing, damaged, no TFLite file, wants operators of others or more than the
        limits, or crashes LiteRT.
    InputError
        If the file and what is stated do not agree, or preprocessing is stated nowhere.

    Notes
    -----
    A file made for one row is asked about many at once where it gives the answers that it gives
    row by row, which is tried when it is opened; else in rows of its own number. LiteRT runs in a
    process of its own, as a model does with ``isolate=True``: see `IsolatedModel`.

    Examples
    --------
    >>> LiteRtModel("none.tflite")
    Traceback (most recent call last):
    cilens.errors.FileError: none.tflite cannot be read: No such file or directory
    """

    path: str
    preprocess: Preprocess | None = None
    class_names: tuple[str, ...] = field(default=(), repr=False)
    output: str | None = None
    activation: str = "none"
    threads: int = 1
    inputs: Constants = ()
    limits: Limits = Limits()
    output_range: OutputRange | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", os.fspath(self.path))
        object.__setattr__(self, "class_names", check_names(self.class_names))
        object.__setattr__(self, "inputs", check_constants(self.inputs))
        check_activation(self.activation)
        if self.output_range is not None:
            require_range(self.output_range)
        if self.threads < 1:
            raise InputError(f"threads must be 1 or more; got {self.threads}")
        opened = self._open()
        object.__setattr__(self, "preprocess", opened.preprocess)
        object.__setattr__(self, "class_names", opened.class_names)
        object.__setattr__(self, "output", opened.output.name)

    def __getstate__(self) -> dict[str, object]:
        """Leave the child behind: it belongs to this process."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @property
    def computed_by(self) -> str:
        """What computes: ``"litert"``."""
        return "litert"

    def view(self, image: Image) -> View:
        """Bring an image to the network's size, as `preprocess` states.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1].

        Returns
        -------
        View
            The image as the network looks at it, and which part of `image` that is.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1], or the image does not fit.
        """
        return self._open().preprocess.view(image)

    def __call__(self, images: Batch) -> Scores:
        """Return the network's scores for a batch of images on its own grid.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) float32 array
            Of a quantised network in its steps.

        Raises
        ------
        InputError
            If images do not fit, or leave what a quantised input can hold.
        ModelError
            If LiteRT fails, crashes or takes too long, or the network does not put out one row for
        each image.
        """
        opened = self._open()

        def ask(tensor: Shaped[np.ndarray, "rows ..."]) -> Scores:
            raw = ask_litert(opened.file, opened.output, tensor)
            return to_scores(raw, len(tensor), self.activation, self.class_names)

        return ask_in_batches(ask, opened.preprocess.tensor(images), opened.batch)

    def _open(self) -> _Opened:
        """Return this object's file, opened once, or anew where its process has ended."""
        with self.__dict__.setdefault("_opening", threading.Lock()):
            opened: _Opened | None = self.__dict__.get("_opened")
            if opened is None or not opened.file.child.alive:
                opened = self.__dict__["_opened"] = _inspect(self)
        return opened


def open_litert(
    path: str, threads: int = 1, constants: Constants = (), limits: Limits = Limits()
) -> LiteRtFile:
    """Open a .tflite file in a process of its own, or say in one line why that cannot be."""
    check_tflite(path)
    child = Child(
        path, "cilens.models.litert.runtime:serve", {"path": path, "threads": threads}, limits
    )
    try:
        return _file(path, child, constants)
    except BaseException:
        child.close()
        raise


def _file(path: str, child: Child, constants: Constants) -> LiteRtFile:
    """Check what the child says, and that the network takes images."""
    try:
        inputs, outputs = (
            tuple(port_in(one) for one in list_in(child.texts, key))
            for key in ("inputs", "outputs")
        )
        texts = mapping_in(child.texts, "texts")
        rows = [int(number_in(one)) for one in list_in(child.texts, "rows")]
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error
    ports = {port.name: port for port in inputs}
    taken, others = images_of(path, list(map(tensor_of, ports.values())), constants)
    own = dict(zip(inputs, rows, strict=True))[ports[taken.name]]
    left = tuple(ports[one.name] for one in others)
    return LiteRtFile(path, child, ports[taken.name], left, constants, outputs, own, texts)


def ask_litert(
    file: LiteRtFile, output: Port, tensor: Shaped[np.ndarray, "rows ..."]
) -> Shaped[np.ndarray, "..."]:
    """Return one output in real numbers, without any activation."""
    constants = feed(list(map(tensor_of, file.others)), file.constants, len(tensor))
    fed = {
        str(port.place): values if port.steps is None else quantise(values, port.steps)
        for port, values in [
            (file.input, tensor),
            *((port, constants[port.name]) for port in file.others),
        ]
    }
    raw = file.child.ask(str(output.place), fed)
    return raw if output.steps is None else restore(raw, output.steps)


def fixed_batch(file: LiteRtFile, output: Port, preprocess: Preprocess) -> int | None:
    """Return how many rows a file takes; None where more give the answers each gives alone."""
    own = file.rows
    size = preprocess.size or (_ANY, _ANY)
    pixels = np.random.default_rng(0).random((own + 1, *size, preprocess.channels), np.float32)
    tensor = preprocess.tensor(pixels)
    step = 0.0 if output.steps is None else output.steps.scale
    try:
        apart = ask_in_batches(lambda part: ask_litert(file, output, part), tensor, own)
        together = ask_litert(file, output, tensor)
    except ModelError:
        return own
    if together.shape != apart.shape:
        return own
    return None if np.allclose(apart, together, rtol=1e-3, atol=max(1e-4, 1.5 * step)) else own


def _inspect(model: LiteRtModel) -> _Opened:
    """Find out what the network takes and puts out, and check it against what is stated."""
    path = model.path
    file = open_litert(path, model.threads, model.inputs, model.limits)
    taken = file.input
    preprocess = model.preprocess or metadata.read_preprocess(file.texts, path)
    if preprocess is None:
        raise not_stated(path, f"input {taken.name!r} ({taken.dtype})", taken.shape)
    check_input(path, taken.shape, taken.dtype, preprocess)
    names = model.class_names or metadata.read_names(file.texts, path)
    output = _choose_output(file, model.output)
    columns = (*output.shape, 1)[1] if output.shape else None
    if isinstance(columns, int):
        count_classes(columns, model.activation, names)
    batch = fixed_batch(file, output, preprocess)
    if not file.child.alive:  # trying more rows has crashed it
        file = open_litert(path, model.threads, model.inputs, model.limits)
    return _Opened(file, output, batch, preprocess, names)


def tensor_of(port: Port) -> metadata.Tensor:
    """Return an input or output as of any network."""
    return metadata.Tensor(port.name, port.dtype, port.shape)


def _choose_output(file: LiteRtFile, name: str | None) -> Port:
    known = {output.name: output for output in file.outputs}
    name = choose_output(file.path, {one.name: one.shape for one in file.outputs}, name)
    if not known[name].dtype.startswith("float"):
        raise InputError(
            f"output {name!r} of {file.path} must be scores; it is {known[name].dtype}: convert "
            "the network with its scores as the output"
        )
    return known[name]
