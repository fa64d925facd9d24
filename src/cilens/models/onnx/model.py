"""Networks in ONNX files, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnxruntime as ort

from cilens.errors import FileError, InputError, ModelError, no_head, unknown
from cilens.models.adapter import Network, Opened, adopt, agree, opened_once, own_fields, settle
from cilens.models.deadline import TIMEOUT, at_once, within
from cilens.models.inputs import Constants, feed, images_of
from cilens.models.isolate.limits import Limits
from cilens.models.metadata import Tensor, show
from cilens.models.onnx.check import check_onnx
from cilens.models.onnx.errors import reason, unreadable, why
from cilens.models.onnx.grid import last_grid, with_outputs
from cilens.models.onnx.look import Ask, Look, confirmed
from cilens.models.onnx.runtime import (
    Several,
    check_runtime,
    compiled,
    streams_of,
    verified,
)
from cilens.models.preprocess.record import Preprocess
from cilens.scoring.ahead import processors
from cilens.types import Array, Batch, Cells, Head, Image, OutputRange, Rows, Scores, View

DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    **{f"tensor({kind})": kind for kind in ("uint8", "int8", "uint16", "int16", "int32", "int64")},
    "tensor(bool)": "bool",
}
"""NumPy's names for the types of ONNX that an input can have."""

_SILENT = 4  # ONNX Runtime writes to the terminal only what it dies of: errors are raised here
_PROCESSOR = ("CPUExecutionProvider",)
_FOLDER = "session.model_external_initializers_file_folder_path"

Answered = TypeVar("Answered")
"""What a session answers to one batch."""


@dataclass(frozen=True)
class OnnxModel:
    """A network in an ONNX file, opened once and asked about batches of images.

    What is not stated is read from the file's metadata (``cilens.preprocess``,
    ``cilens.class_names``), and stands in the fields afterwards. Nothing is guessed.

    Parameters
    ----------
    path : path
        The file. Opset 17 and later is tested; what ONNX Runtime can run, runs.
    preprocess : Preprocess, optional
        What the network wants its input to be. Its `dtype` must be the type of the file's input.
    class_names : sequence of str
        One for each class, or nothing where neither the caller nor the file names them.
    output : str, optional
        Which output holds the scores; needed where the file has several. Outputs are (rows,
        classes), (rows, classes, 1, 1) or (rows,). A single column is two classes, (1 - p, p),
        with ``activation="sigmoid"`` or with two class names; classes without names are numbered.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output. ``"none"`` where the network ends in its softmax or sigmoid.
    providers : sequence of str
        ONNX Runtime's execution providers, first choice first. One that is not there is an error.
    threads : int
        That compute on the processor; 0 is one for each that this process may use.
    runtime : {"onnx", "openvino"}
        What computes: ONNX Runtime, or OpenVINO in float32, which opens the file where ONNX Runtime
        has opened it, and whose first answers must be those of ONNX Runtime, within 1e-4 or 1e-5
        of the largest.
    inputs : mapping of str to number or array-like
        A constant for each input of the network that is not the images, as ``{"age": 41}``: it is
        brought to the shape that the input declares, the same for each row. Pairs afterwards.
    timeout : float
        Seconds that opening the file may take, and each time that the runtime is asked.
    hint : str
        Added to the error for an image that does not fit: what else to try.
    output_range : (absmin, absmax), optional
        Range of the scores, where they are no probabilities: two numbers, or two tuples with one
        number for each class. `load_model` takes it from what is stated beside the file.

    Raises
    ------
    FileError
        If the file is missing, damaged, not ONNX, without the weights it keeps beside itself, or
        wants more than a network does.
    InputError
        If the file and what is stated do not agree, or preprocessing is stated nowhere.

    Notes
    -----
    A network with a fixed batch is asked in batches of that size, the last one filled up.
    On one machine, the same batch gives the same scores, bit by bit, with the default provider.
    Copies made by pickle open the file again, where they are.

    Examples
    --------
    >>> import cilens, numpy as np
    >>> model = cilens.load_model("digits")
    >>> model.preprocess.size, len(model.class_names)
    ((28, 28), 10)
    >>> model(np.zeros((2, 28, 28, 1), dtype=np.float32)).shape
    (2, 10)
    """

    path: str
    preprocess: Preprocess | None = None
    class_names: tuple[str, ...] = field(default=(), repr=False)
    output: str | None = None
    activation: str = "none"
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    threads: int = 0
    runtime: str = "onnx"
    inputs: Constants = ()
    timeout: float = TIMEOUT
    hint: str = field(default="", repr=False, compare=False)
    output_range: OutputRange | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settle(self)
        object.__setattr__(self, "providers", tuple(self.providers))
        if self.threads < 0:
            raise InputError(f"threads must be 0 (all processors) or more; got {self.threads}")
        check_runtime(self.runtime, ("onnx", "openvino"), "an ONNX file")
        if self.runtime == "openvino" and self.providers != _PROCESSOR:
            raise InputError(
                f"runtime='openvino' needs the default providers; got {self.providers}: these are "
                "ONNX Runtime's"
            )
        adopt(self, self._open().reading._asdict())

    __getstate__ = own_fields

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

        Examples
        --------
        >>> import cilens
        >>> cilens.load_model("imagenet").view(np.zeros((300, 400, 3))).image.shape
        (224, 224, 3)
        """
        return self._open().reading.view(image, self.hint)

    def __call__(self, images: Batch) -> Scores:
        """Return the network's scores for a batch of images on its own grid.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) float32 array
            Or float64, where the network computes in it.

        Raises
        ------
        InputError
            If images have another shape or dtype than the network wants.
        ModelError
            If the runtime fails or takes longer than `timeout`, OpenVINO does not answer as ONNX
            Runtime does, or the network does not put out one row for each image.
        """
        return self._open().scores(images)

    @property
    def computed_by(self) -> str:
        """What computes: ``"onnx"`` or ``"openvino"``."""
        return self.runtime

    def head(self) -> Head | None:
        """Return how scores come from the last grid; None for a network without such a grid.

        The file is followed from its scores back to a mean over cells and one linear layer, and
        what is found there must give the scores of two images.

        Examples
        --------
        >>> import cilens
        >>> cilens.load_model("imagenet").head().where
        'the mean over head.relu6 (1280 x 7 x 7), then classifier.weight'
        """
        look = self._look()
        return None if look is None else look.head

    def cells(self, images: Batch) -> Cells:
        """Return the network's scores, and what its last grid holds.

        Raises
        ------
        InputError
            If there is no such grid, or images have another shape or dtype than the network wants.
        ModelError
            As for the scores alone.
        """
        if (look := self._look()) is None:
            raise no_head(self.path)
        return look.cells(images)

    def _look(self) -> Look | None:
        """Return this object's second session, which puts out the last grid too, opened once."""
        if "_looked" not in self.__dict__:
            self.__dict__["_looked"] = _open_look(self, self._open())
        looked: Look | None = self.__dict__["_looked"]
        return looked

    def _open(self) -> Opened:
        """Return this object's session, opened once."""
        return opened_once(self, self._agreed)

    def _agreed(self) -> Opened:
        limits = Limits(timeout=self.timeout)
        network = open_onnx(self.path, self.inputs, limits, self.providers, self.threads)
        if self.runtime == "openvino":
            network = network._replace(several=_by_openvino(network, self))
        stated = self.preprocess, self.class_names, self.activation, self.output
        reading = agree(network, stated, "export the network with floating-point scores")
        return Opened(network, reading, network.batch)


def open_onnx(
    path: str,
    constants: Constants = (),
    limits: Limits = Limits(),
    providers: tuple[str, ...] = _PROCESSOR,
    threads: int = 0,
) -> Network:
    """Open a file that takes images, and return what it says."""
    session = open_session(path, providers, threads, limits.timeout)
    taken, others = images_of(path, _tensors(session.get_inputs()), constants)
    streams = streams_of(threads) if providers == _PROCESSOR else 0

    fed = partial(feed, others, constants)
    several = _asker(session, path, taken.name, fed, limits.timeout, streams or 1)

    def ask(output: str, parts: list[Array]) -> list[Array]:
        return [answers[0] for answers in several((output,), parts)]

    outputs, rows = _tensors(session.get_outputs()), taken.shape[0]
    metadata = dict(session.get_modelmeta().custom_metadata_map)
    batch = rows if isinstance(rows, int) else None

    def single(output: str, tensor: Rows) -> Array:
        return ask(output, [tensor])[0]

    return Network(
        path, taken, others, outputs, metadata, single, batch, several=ask, streams=streams
    )


def _asker(
    session: ort.InferenceSession,
    path: str,
    images: str,
    fed: Callable[[int], dict[str, Array]],
    timeout: float,
    streams: int,
) -> Ask:
    """Return what asks a session for some of its outputs, about several batches."""

    def ask(outputs: Sequence[str], parts: list[Array]) -> list[list[Array]]:
        options = ort.RunOptions()
        options.log_severity_level = _SILENT

        def stop() -> None:
            options.terminate = True

        def one(part: Array) -> list[Array]:
            answers = session.run(list(outputs), {images: part} | fed(len(part)), options)
            return [np.asarray(answer) for answer in answers]

        return _asked(path, timeout, parts, lambda: at_once(one, parts, streams), stop)

    return ask


def _open_look(model: OnnxModel, opened: Opened) -> Look | None:
    """Open a network with its last grid among its outputs, if it has one that gives the scores."""
    content, network = Path(model.path).read_bytes(), opened.network
    grid = last_grid(content, str(opened.reading.output))
    if grid is None:
        return None
    own = {one.name for one in network.outputs}
    content = with_outputs(content, [name for name in grid[:3] if name and name not in own])
    options = _options(model.providers, model.threads)
    options.add_session_config_entry(_FOLDER, str(Path(model.path).resolve().parent))
    try:
        session = ort.InferenceSession(
            content, options, providers=list(model.providers), enable_fallback=False
        )
    except Exception:  # noqa: BLE001 (ONNX Runtime's own kinds)
        return None  # it does not put out what its graph has: it shows no grid
    fed, streams = partial(feed, network.others, model.inputs), network.streams or 1
    name = network.input.name
    return confirmed(opened, grid, _asker(session, model.path, name, fed, model.timeout, streams))


def _by_openvino(network: Network, model: OnnxModel) -> Several:
    """Compile a file that ONNX Runtime has opened, or say in one line why that cannot be."""
    path, timeout = network.path, model.timeout
    try:
        made = within(
            timeout,
            f"opening {path} by OpenVINO",
            lambda: compiled(path, model.threads),
            lambda: None,
        )
    except ModelError as error:
        raise FileError(f"{path} by runtime='openvino': {error}; state runtime='onnx'") from error

    def ask(output: str, parts: list[Array]) -> list[Array]:
        fed = [
            {network.input.name: part} | feed(network.others, model.inputs, len(part))
            for part in parts
        ]
        return _asked(path, timeout, parts, lambda: made.run(fed, output), made.stop)

    def own(output: str, parts: list[Array]) -> list[Array]:
        return [network.ask(output, part) for part in parts]

    return verified(ask, own, network.batch, f"OpenVINO must answer as ONNX Runtime does: {path}")


def _asked(
    path: str,
    timeout: float,
    parts: list[Array],
    call: Callable[[], list[Answered]],
    stop: Callable[[], None],
) -> list[Answered]:
    """Return the answers of a call, or stop it after so many seconds and at Ctrl-C."""
    try:
        return within(timeout, f"asking {path}", call, stop)
    except ModelError:
        raise
    except Exception as error:
        shape = show(parts[0].shape)
        raise ModelError(f"{path} failed on an input of shape {shape}: {reason(error)}") from error


def open_session(
    path: str, providers: tuple[str, ...], threads: int, timeout: float = TIMEOUT
) -> ort.InferenceSession:
    """Open a file, or say in one line why that cannot be."""
    for provider in providers:
        if provider not in ort.get_available_providers():
            raise unknown("execution provider", provider, ort.get_available_providers())
    if fault := unreadable(path):
        raise FileError(fault)
    check_onnx(path)
    options = _options(providers, threads)

    def create() -> ort.InferenceSession:
        session = ort.InferenceSession(
            path, options, providers=list(providers), enable_fallback=False
        )
        # What the file says is read once here: it raises where a text is none.
        for one in (*session.get_inputs(), *session.get_outputs()):
            str((one.name, one.type, one.shape))
        str(session.get_modelmeta().custom_metadata_map)
        return session

    try:
        session = within(
            timeout, f"opening {path}", create, lambda: options.set_load_cancellation_flag(True)
        )
    except ModelError as error:
        raise FileError(str(error)) from error
    except Exception as error:
        raise FileError(f"{path} {why(path, error, ort.__version__)}") from error
    missing = [name for name in providers if name not in session.get_providers()]
    if missing:
        raise InputError(f"execution provider {missing[0]} is installed, but does not start here")
    return session


def run_of(network: bytes) -> Callable[[list[Array]], list[Array]]:
    """Open a network with one input, in memory, on the processor, with the same settings.

    Returns
    -------
    callable
        From pieces of a batch to the first output for each.
    """
    session = ort.InferenceSession(
        network, _options(_PROCESSOR, 0), providers=list(_PROCESSOR), enable_fallback=False
    )
    name = session.get_inputs()[0].name

    def ask(piece: Array) -> Array:
        return np.asarray(session.run(None, {name: piece})[0])

    return lambda pieces: at_once(ask, pieces, streams_of(0))


def _options(providers: tuple[str, ...], threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.use_deterministic_compute = True
    if providers == _PROCESSOR:  # beside the threads that call: one where these are all
        threads = (threads or processors()) - streams_of(threads) + 1
    options.intra_op_num_threads = threads
    # Measured on EfficientNet-Lite0, 32 rows, two cores. Threads that do not spin while they wait:
    # as fast alone (116 against 122 ms), a quarter less processor time, up to twice as fast
    # beside other work. No plan of memory for each shape of batch: as fast, a fifth less memory.
    # The arena stays: without it a batch takes 205 ms.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False
    return options


def _tensors(nodes: Sequence[ort.NodeArg]) -> tuple[Tensor, ...]:
    """Return inputs or outputs with the types of NumPy, as far as it has them."""
    return tuple(
        Tensor(one.name, DTYPES.get(one.type, one.type), tuple(one.shape)) for one in nodes
    )
