"""Networks in .tflite files, run by LiteRT (TensorFlow Lite as it is called now)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from cilens.errors import FileError, InputError, ModelError, missing_extra
from cilens.models.adapter import (
    Network,
    Opened,
    Reading,
    adopt,
    agree,
    opened_once,
    own_fields,
    settle,
)
from cilens.models.inputs import Constants, feed, images_of
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits
from cilens.models.isolate.told import told
from cilens.models.litert.quantised import Port
from cilens.models.onnx.errors import check_kind
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import ask_in_batches, each
from cilens.types import Array, Batch, Image, OutputRange, Rows, Scores, View

if find_spec("ai_edge_litert") is None:
    raise missing_extra("a TFLite model (.tflite)", "ai-edge-litert", "litert")

_ANY = 64
"""Side of the images a network of any size is tried with."""


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
        Range of the scores, where they are no probabilities: two numbers, or two tuples with one
        number for each class. `load_model` takes it from what is stated beside the file.

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
    separate process, as a model does with ``isolate=True``: see `IsolatedModel`.

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
        settle(self)
        if self.threads < 1:
            raise InputError(f"threads must be 1 or more; got {self.threads}")
        adopt(self, self._open().reading._asdict())

    __getstate__ = own_fields

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
        return self._open().reading.view(image)

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
        return self._open().scores(images)

    def _open(self) -> Opened:
        """Return this object's file, opened once, or anew where its process has ended."""
        return opened_once(self, self._agreed, lambda opened: opened.network.is_open)

    def _agreed(self) -> Opened:
        network = open_litert(self.path, self.inputs, self.limits, self.threads)
        stated = self.preprocess, self.class_names, self.activation, self.output
        reading = agree(network, stated, "convert the network with its scores as the output")
        batch = _fixed_batch(network, reading)
        if not network.is_open:  # trying more rows has crashed it
            network = open_litert(self.path, self.inputs, self.limits, self.threads)
        return Opened(network, reading, batch)


def open_litert(
    path: str, constants: Constants = (), limits: Limits = Limits(), threads: int = 1
) -> Network:
    """Open a .tflite file in a separate process, or say in one line why that cannot be."""
    check_kind(path, "a TFLite file", "a TFLite file", "download or convert it anew")
    child = Child(
        path, "cilens.models.litert.runtime:serve", {"path": path, "threads": threads}, limits
    )
    try:
        return _network(path, child, constants)
    except BaseException:
        child.close()
        raise


class _Said(NamedTuple):
    """What the child says of a file."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    rows: tuple[int, ...]
    texts: dict[str, str]


def _network(path: str, child: Child, constants: Constants) -> Network:
    """Check what the child says, and that the network takes images."""
    try:
        said = told(child.texts, _Said)
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error
    inputs, outputs = ({one.name: one for one in ports} for ports in said[:2])
    taken, others = images_of(path, [port.tensor for port in inputs.values()], constants)
    own = {port.name: count for port, count in zip(said.inputs, said.rows, strict=False)}

    def ask(output: str, tensor: Rows) -> Array:
        fed = {taken.name: tensor} | feed(others, constants, len(tensor))
        written = {str(inputs[name].place): inputs[name].write(fed[name]) for name in fed}
        return outputs[output].read(child.ask(str(outputs[output].place), written))

    quantised = {
        port.name: port.steps
        for port in (inputs[taken.name], *outputs.values())
        if port.steps is not None
    }
    return Network(
        path,
        taken,
        others,
        tuple(port.tensor for port in outputs.values()),
        said.texts | {f"{name} is quantised": str(steps) for name, steps in quantised.items()},
        ask,
        own.get(taken.name, 1),
        quantised[taken.name].span() if taken.name in quantised else None,
        {name: steps.scale for name, steps in quantised.items()},
        child,
    )


def _fixed_batch(network: Network, reading: Reading) -> int | None:
    """Return how many rows a file takes; None where more give the answers each gives alone."""
    own, output = network.batch or 1, str(reading.output)
    size = reading.preprocess.size or (_ANY, _ANY)
    shape = (own + 1, *size, reading.preprocess.channels)
    tensor = reading.preprocess.tensor(np.random.default_rng(0).random(shape, np.float32))
    try:
        apart = ask_in_batches(each(partial(network.ask, output)), tensor, own)
        together = network.ask(output, tensor)
    except ModelError:
        return own
    within = max(1e-4, 1.5 * network.steps.get(output, 0.0))
    same = together.shape == apart.shape and np.allclose(apart, together, rtol=1e-3, atol=within)
    return None if same else own
