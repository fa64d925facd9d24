"""Networks in ONNX files, run by ONNX Runtime."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import onnxruntime as ort
from jaxtyping import Shaped

from cilens.errors import FileError, InputError, ModelError, unknown
from cilens.models.deadline import TIMEOUT, at_once, check_timeout, within
from cilens.models.inputs import (
    Constants,
    check_constants,
    check_input,
    feed,
    images_of,
    not_stated,
)
from cilens.models.metadata import Tensor, read_names, read_preprocess
from cilens.models.metadata import show as show_shape
from cilens.models.names import check_names
from cilens.models.onnx.check import check_onnx
from cilens.models.onnx.errors import reason, unreadable, why
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.models.runtime import (
    check_runtime,
    compiled,
    difference,
    processors,
    spread,
    streams_of,
)
from cilens.models.scores import (
    ask_together,
    check_activation,
    choose_output,
    count_classes,
    to_scores,
)
from cilens.scoring.statement import require_range
from cilens.types import Batch, Image, OutputRange, Scores, View

if TYPE_CHECKING:
    from cilens.models.onnx.openvino import Compiled

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


class _Opened(NamedTuple):
    """A session, and what it was found to take and to put out."""

    session: Any
    images: Tensor
    others: tuple[Tensor, ...]
    output: str
    batch: int | None
    preprocess: Preprocess
    class_names: tuple[str, ...]
    compiled: Compiled | None


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
        Of the scores, where they are no probabilities: two numbers, or two tuples with one number
        for each class. `load_model` takes it from what is stated beside the file.

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
        object.__setattr__(self, "path", os.fspath(self.path))
        object.__setattr__(self, "class_names", check_names(self.class_names))
        object.__setattr__(self, "providers", tuple(self.providers))
        object.__setattr__(self, "inputs", check_constants(self.inputs))
        check_activation(self.activation)
        object.__setattr__(self, "timeout", check_timeout(self.timeout))
        if self.output_range is not None:
            require_range(self.output_range)
        if self.threads < 0:
            raise InputError(f"threads must be 0 (all processors) or more; got {self.threads}")
        check_runtime(self.runtime, ("onnx", "openvino"), "an ONNX file")
        if self.runtime == "openvino" and self.providers != _PROCESSOR:
            raise InputError(
                f"runtime='openvino' needs the default providers; got {self.providers}: these are "
                "ONNX Runtime's"
            )
        opened = self._open()
        object.__setattr__(self, "preprocess", opened.preprocess)
        object.__setattr__(self, "class_names", opened.class_names)
        object.__setattr__(self, "output", opened.output)

    def __getstate__(self) -> dict[str, object]:
        """Leave the session behind: it belongs to this process."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

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
        try:
            return self._open().preprocess.view(image)
        except FitError as error:
            raise FitError(f"{error}; {self.hint}" if self.hint else str(error)) from None

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
        opened = self._open()
        tensor = opened.preprocess.tensor(images)
        scores = self._scores(opened, tensor)
        if opened.compiled is not None and not self.__dict__.get("_checked"):
            rows = spread(len(tensor))
            wanted = self._scores(opened._replace(compiled=None), tensor[rows])
            if apart := difference(scores[rows], wanted):
                raise ModelError(
                    f"OpenVINO must answer as ONNX Runtime does; for {self.path} {apart}: state "
                    "runtime='onnx'"
                )
            self.__dict__["_checked"] = True
        return scores

    @property
    def computed_by(self) -> str:
        """What computes: ``"onnx"`` or ``"openvino"``."""
        return self.runtime

    def _scores(self, opened: _Opened, tensor: Shaped[np.ndarray, "rows ..."]) -> Scores:
        here = self.providers == _PROCESSOR
        streams = streams_of(self.threads) if here else 1

        def ask(parts: list[Shaped[np.ndarray, "_ ..."]]) -> list[Scores]:
            raws = zip(self._run(opened, parts, streams), parts, strict=True)
            return [
                to_scores(raw, len(part), self.activation, self.class_names) for raw, part in raws
            ]

        return ask_together(ask, tensor, opened.batch, few=here, streams=streams)

    def _run(
        self, opened: _Opened, parts: list[Shaped[np.ndarray, "_ ..."]], streams: int
    ) -> list[Shaped[np.ndarray, "..."]]:
        fed = [
            {opened.images.name: part} | feed(opened.others, self.inputs, len(part))
            for part in parts
        ]
        limits, compiled = (self.timeout, f"asking {self.path}"), opened.compiled
        try:
            if compiled is None:
                return ask_session(opened.session, opened.output, fed, limits, streams)
            return within(*limits, lambda: compiled.run(fed, opened.output), compiled.stop)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(
                f"{self.path} failed on an input of shape {show_shape(parts[0].shape)}: "
                f"{reason(error)}"
            ) from error

    def _open(self) -> _Opened:
        """Return this object's session, opened once."""
        if "_opened" not in self.__dict__:
            with self.__dict__.setdefault("_opening", threading.Lock()):
                if "_opened" not in self.__dict__:
                    session = open_session(self.path, self.providers, self.threads, self.timeout)
                    opened = _inspect(self, session)
                    if self.runtime == "openvino":
                        opened = opened._replace(compiled=_compiled(self))
                    self.__dict__["_opened"] = opened
        found: _Opened = self.__dict__["_opened"]
        return found


def _compiled(model: OnnxModel) -> Compiled:
    """Compile a file that ONNX Runtime has opened, or say in one line why that cannot be."""
    try:
        return within(
            model.timeout,
            f"opening {model.path} by OpenVINO",
            lambda: compiled(model.path, model.threads),
            lambda: None,
        )
    except ModelError as error:
        raise FileError(
            f"{model.path} by runtime='openvino': {error}; state runtime='onnx'"
        ) from error


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


def ask_session(
    session: ort.InferenceSession,
    output: str,
    fed: Sequence[Mapping[str, Shaped[np.ndarray, "..."]]],
    limits: tuple[float, str],
    streams: int = 1,
) -> list[Shaped[np.ndarray, "..."]]:
    """Return one output for each of several inputs, so many of them at a time.

    Parameters
    ----------
    session : InferenceSession
        Of `open_session`.
    output : str
        Its name.
    fed : sequence of mapping
        The inputs of each call.
    limits : (float, str)
        Seconds that all may take, and what is said where they take longer: "asking net.onnx".
    streams : int
        Calls at a time.

    Raises
    ------
    ModelError
        If it takes longer.
    """
    options = ort.RunOptions()
    options.log_severity_level = _SILENT

    def stop() -> None:
        options.terminate = True

    def ask(one: Mapping[str, Shaped[np.ndarray, "..."]]) -> Shaped[np.ndarray, "..."]:
        return np.asarray(session.run([output], one, options)[0])

    return within(*limits, lambda: at_once(ask, fed, streams), stop)


def run_of(
    network: bytes,
) -> Callable[[list[Shaped[np.ndarray, "_ ..."]]], list[Shaped[np.ndarray, "..."]]]:
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

    def ask(piece: Shaped[np.ndarray, "_ ..."]) -> Shaped[np.ndarray, "..."]:
        return np.asarray(session.run(None, {name: piece})[0])

    return lambda pieces: at_once(ask, pieces, streams_of(0))


def _options(providers: tuple[str, ...], threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.use_deterministic_compute = True
    if providers == _PROCESSOR:  # beside the threads that call: one thread where these are all
        options.intra_op_num_threads = (threads or processors()) - streams_of(threads) + 1
    else:
        options.intra_op_num_threads = threads
    # Measured on EfficientNet-Lite0, 32 rows, two cores. Threads that do not spin while they wait:
    # as fast alone (116 against 122 ms), a quarter less processor time, up to twice as fast
    # beside other work. No plan of memory for each shape of batch: as fast, a fifth less memory.
    # The arena stays: without it a batch takes 205 ms.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False
    return options


def _inspect(model: OnnxModel, session: ort.InferenceSession) -> _Opened:
    """Find out what the network takes and puts out, and check it against what is stated."""
    path, metadata = model.path, session.get_modelmeta().custom_metadata_map
    taken, others = images_of(path, tensors(session.get_inputs()), model.inputs)
    preprocess = model.preprocess or read_preprocess(metadata, path)
    if preprocess is None:
        raise not_stated(path, f"input {taken.name!r} ({taken.dtype})", taken.shape)
    check_input(path, taken.shape, taken.dtype, preprocess)
    names = model.class_names or read_names(metadata, path)
    output = _choose_output(path, session.get_outputs(), model.output)
    columns = (*output.shape, 1)[1] if output.shape else None
    if isinstance(columns, int):
        count_classes(columns, model.activation, names)
    batch = taken.shape[0] if isinstance(taken.shape[0], int) else None
    return _Opened(session, taken, others, output.name, batch, preprocess, names, None)


def tensors(nodes: Sequence[ort.NodeArg]) -> tuple[Tensor, ...]:
    """Return inputs or outputs with the types of NumPy, as far as it has them."""
    return tuple(
        Tensor(one.name, DTYPES.get(one.type, one.type), tuple(one.shape)) for one in nodes
    )


def _choose_output(path: str, outputs: list[ort.NodeArg], name: str | None) -> ort.NodeArg:
    known = {output.name: output for output in outputs}
    name = choose_output(path, {output.name: output.shape for output in outputs}, name)
    if not DTYPES.get(known[name].type, "").startswith("float"):
        raise InputError(
            f"output {name!r} of {path} must be scores; it is {known[name].type}: export the "
            "network with floating-point scores"
        )
    return known[name]
