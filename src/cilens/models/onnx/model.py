"""Networks in ONNX files, run by ONNX Runtime."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
from jaxtyping import Float, Shaped

from cilens.errors import FileError, InputError, ModelError, no_head, unknown
from cilens.models.deadline import TIMEOUT, check_timeout, within
from cilens.models.heads import head_of, joined, split
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
from cilens.models.onnx.grid import Grid, last_grid, with_outputs
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.models.scores import (
    ask_in_batches,
    check_activation,
    choose_output,
    count_classes,
    to_scores,
)
from cilens.scoring.statement import require_range
from cilens.types import Batch, Cells, Features, Head, Image, OutputRange, Scores, View

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
_SIDE = 64  # of the images that tell whether a network of any size shows its last grid


class _Opened(NamedTuple):
    """A session, and what it was found to take and to put out."""

    session: Any
    images: Tensor
    others: tuple[Tensor, ...]
    output: str
    batch: int | None
    preprocess: Preprocess
    class_names: tuple[str, ...]


class _Look(NamedTuple):
    """A second session of a network, which puts out its last grid too, and what makes scores."""

    opened: _Opened
    features: str
    shape: tuple[int, int, int]
    head: Head
    last: bool

    def oriented(self, features: Shaped[np.ndarray, "rows ..."]) -> Features:
        """Return features with their channels first."""
        moved = np.moveaxis(features, 3, 1) if self.last else features
        return moved.astype(np.float32, copy=False)


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
        Threads of one operator; 0 leaves the number to ONNX Runtime.
    inputs : mapping of str to number or array-like
        A constant for each input of the network that is not the images, as ``{"age": 41}``: it is
        brought to the shape that the input declares, the same for each row. Pairs afterwards.
    timeout : float
        Seconds that opening the file may take, and each time that ONNX Runtime is asked.
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
            raise InputError(
                f"threads must be 0 (as ONNX Runtime likes) or more; got {self.threads}"
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
            If ONNX Runtime fails or takes longer than `timeout`, or the network does not put out
            one row for each image.
        """
        opened = self._open()

        def ask(tensor: Shaped[np.ndarray, "rows ..."]) -> Scores:
            (raw,) = self._run(opened, tensor, opened.output)
            return self._scores(raw, len(tensor))

        tensor, few = opened.preprocess.tensor(images), self.providers == _PROCESSOR
        return ask_in_batches(ask, tensor, opened.batch, few=few)

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
        """Return the network's scores, and what its last grid holds; see `cilens.types.Cells`.

        Raises
        ------
        InputError
            If there is no such grid, or images have another shape or dtype than the network wants.
        ModelError
            As for the scores alone.
        """
        opened, look = self._open(), self._look()
        if look is None:
            raise no_head(self.path)

        def ask(tensor: Shaped[np.ndarray, "rows ..."]) -> Float[np.ndarray, "rows _"]:
            raw, features = self._run(look.opened, tensor, opened.output, look.features)
            return joined(self._scores(raw, len(tensor)), look.oriented(features))

        tensor, few = opened.preprocess.tensor(images), self.providers == _PROCESSOR
        table = ask_in_batches(ask, tensor, opened.batch, few=few)
        return split(table, len(look.head.weights), look.shape)

    def _scores(self, raw: Shaped[np.ndarray, "..."], rows: int) -> Scores:
        return to_scores(raw, rows, self.activation, self.class_names)

    def _run(
        self, opened: _Opened, tensor: Shaped[np.ndarray, "rows ..."], *outputs: str
    ) -> list[Shaped[np.ndarray, "..."]]:
        fed = {opened.images.name: tensor} | feed(opened.others, self.inputs, len(tensor))
        try:
            return ask_session(opened.session, self.path, outputs, fed, self.timeout)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(
                f"{self.path} failed on an input of shape {show_shape(tensor.shape)}: "
                f"{reason(error)}"
            ) from error

    def _look(self) -> _Look | None:
        """Return this object's second session, which puts out the last grid too, opened once."""
        if "_looked" not in self.__dict__:
            self.__dict__["_looked"] = _look(self, self._open())
        looked: _Look | None = self.__dict__["_looked"]
        return looked

    def _open(self) -> _Opened:
        """Return this object's session, opened once."""
        if "_opened" not in self.__dict__:
            with self.__dict__.setdefault("_opening", threading.Lock()):
                if "_opened" not in self.__dict__:
                    session = open_session(self.path, self.providers, self.threads, self.timeout)
                    self.__dict__["_opened"] = _inspect(self, session)
        opened: _Opened = self.__dict__["_opened"]
        return opened


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
    options = _options(threads)

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
    path: str,
    outputs: Sequence[str],
    fed: Mapping[str, Shaped[np.ndarray, "..."]],
    timeout: float = TIMEOUT,
) -> list[Shaped[np.ndarray, "..."]]:
    """Return some outputs, or stop after so many seconds and at Ctrl-C.

    Raises
    ------
    ModelError
        If it takes longer.
    """
    options = ort.RunOptions()
    options.log_severity_level = _SILENT

    def stop() -> None:
        options.terminate = True

    answers = within(timeout, f"asking {path}", lambda: session.run(outputs, fed, options), stop)
    return [np.asarray(one) for one in answers]


def session_of(
    content: bytes,
    providers: tuple[str, ...] = _PROCESSOR,
    threads: int = 0,
    folder: str | None = None,
) -> ort.InferenceSession:
    """Open a network that is in memory with the same settings; `folder` has weights beside it."""
    options = _options(threads)
    if folder is not None:
        options.add_session_config_entry(_FOLDER, folder)
    chosen = list(providers)
    return ort.InferenceSession(content, options, providers=chosen, enable_fallback=False)


def _look(model: OnnxModel, opened: _Opened) -> _Look | None:
    """Open a network with its last grid among its outputs, if it has one that gives the scores."""
    content = Path(model.path).read_bytes()
    grid = last_grid(content, opened.output)
    if grid is None:
        return None
    own = {one.name for one in opened.session.get_outputs()}
    names = [name for name in grid[:3] if name]
    more = with_outputs(content, [name for name in names if name not in own])
    folder = str(Path(model.path).resolve().parent)
    try:
        session = session_of(more, model.providers, model.threads, folder)
    except Exception:  # noqa: BLE001 (ONNX Runtime raises its own kinds): it shows no grid
        return None
    size = opened.preprocess.size or (_SIDE, _SIDE)
    shape = opened.batch or 2, *size, opened.preprocess.channels
    images = np.random.default_rng(0).random(shape, dtype=np.float32)
    asked = opened._replace(session=session)
    raw, features, *constants = model._run(  # noqa: SLF001
        asked, opened.preprocess.tensor(images), opened.output, *names
    )
    scores = model._scores(raw, len(images))  # noqa: SLF001
    return _checked_look(asked, grid, Cells(scores, features), constants)


def _checked_look(
    opened: _Opened, grid: Grid, seen: Cells, constants: Sequence[Shaped[np.ndarray, "..."]]
) -> _Look | None:
    """Return the look that the scores confirm, with the channels first or last; or None."""
    known = dict(zip([name for name in grid[1:3] if name], constants, strict=True))
    weights, bias = known.get(grid.weights), known.get(grid.bias)
    if weights is not None:
        weights = weights.reshape(weights.shape[:2]) if weights.ndim == 4 else weights
        weights = weights if grid.transposed else weights.T
    for last in (False, True) if seen.features.ndim == 4 else ():
        features = np.moveaxis(seen.features, 3, 1) if last else seen.features
        shape = features.shape[1], features.shape[2], features.shape[3]
        then = f", then {grid.weights}" if grid.weights else ""
        where = f"the mean over {grid.features} ({' x '.join(map(str, shape))}){then}"
        head = head_of(Cells(seen.scores, features.astype(np.float32)), weights, bias, where)
        if head is not None:
            return _Look(opened, grid.features, shape, head, last)
    return None


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.log_severity_level = _SILENT
    options.use_deterministic_compute = True
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
    return _Opened(session, taken, others, output.name, batch, preprocess, names)


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
