"""Networks of PyTorch: a module at hand, or a program from a file."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from cilens.errors import CilensError, FileError, InputError, needs, no_head, unknown
from cilens.models.adapter import Reading, adopt, own_fields, settle
from cilens.models.inputs import check_input, stated_preprocess
from cilens.models.metadata import Dimensions, read_names
from cilens.models.onnx.runtime import RUNTIMES, check_runtime
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import ask_in_batches, each, to_scores
from cilens.proxy.head import joined, split
from cilens.types import Array, Batch, Cells, Head, Image, OutputRange, Rows, Scores, View

with needs("a PyTorch model (.pt2, .ts, .pt)", "torch", "torch"):
    import torch
    from torch import _C
    from torch.jit._recursive import wrap_cpp_module

from cilens.files import reading
from cilens.models.torch.archive import Archive, program_input, read_archive, without_log
from cilens.models.torch.errors import check_device, check_mode, find_device
from cilens.models.torch.look import Look, find_look
from cilens.models.torch.operators import check_graphs
from cilens.models.torch.runtime import OnnxForward, forward
from cilens.models.torch.trial import try_memory

_PRECISIONS = {"bfloat16": torch.bfloat16, "float16": torch.float16}
_ANY_SIZE = 224


@dataclass(frozen=True)
class TorchModel:
    """A PyTorch module, asked about batches of images in inference mode.

    The module is used as it is: not moved, not switched to another mode.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode, on `device`. Takes one tensor of images, returns one of scores,
        (rows, classes), (rows, classes, 1, 1) or (rows,), or `output` says where that is.
    preprocess : Preprocess
        What the module wants its input to be.
    class_names : sequence of str
        One for each class, or nothing. Two names, or ``activation="sigmoid"``, make two classes
        of a single column p: (1 - p, p).
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output. ``"none"`` where the module ends in its softmax or sigmoid.
    device : str
        Where the module is: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``.
    autocast : {"bfloat16", "float16"}, optional
        Let PyTorch compute in this precision where it holds that to be safe.
    channels_last : bool
        Lay batches out channels last in memory, which some convolutions are faster with. The
        shape stays that of `preprocess`.
    batch : int, optional
        Rows the module takes, where it takes that many only; the last batch is filled up.
    path : str, optional
        The file the module was read from. Copies made by pickle read it again.
    output : str or int, optional
        Key, field or place of the scores, where the module returns a dict, a dataclass (as
        Hugging Face's do: ``"logits"``) or a tuple.
    runtime : {"torch", "onnx", "openvino"}
        What computes. ONNX Runtime and OpenVINO are several times faster on a processor: the module
        is exported when it is first asked, in seconds, checked, and exported anew where it
        changed; see `OnnxForward`. Where that fails a `CilensWarning` says why, and PyTorch
        computes.
    output_range : (absmin, absmax), optional
        Range of the scores, where they are no probabilities: two numbers, or two tuples with one
        number for each class. `load_model` takes it from what is stated beside the file.

    Raises
    ------
    InputError
        If the module is in training mode or on another device, or a setting is unknown, or
        another `runtime` than PyTorch meets a device other than ``"cpu"`` or an `autocast`.

    Examples
    --------
    >>> import numpy as np
    >>> module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3)).eval()
    >>> model = TorchModel(module, Preprocess((2, 2), 1), activation="softmax")
    >>> model(np.zeros((5, 2, 2, 1), dtype=np.float32)).shape
    (5, 3)
    """

    module: torch.nn.Module = field(repr=False)
    preprocess: Preprocess
    class_names: tuple[str, ...] = field(default=(), repr=False)
    activation: str = "none"
    device: str = "cpu"
    autocast: str | None = None
    channels_last: bool = False
    batch: int | None = None
    path: str | None = None
    output: str | int | None = None
    runtime: str = "torch"
    output_range: OutputRange | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settle(self)
        if self.autocast is not None and self.autocast not in _PRECISIONS:
            raise unknown("autocast precision", str(self.autocast), _PRECISIONS)
        if self.batch is not None and self.batch < 1:
            raise InputError(f"batch must be at least 1; got {self.batch}")
        check_mode(self.module)
        check_device(self.module, self.device)
        if self.channels_last and self.preprocess.layout not in ("NCHW", "NHWC"):
            raise InputError(
                "channels_last is for batches of four axes; got a preprocess with layout="
                f"{self.preprocess.layout!r}"
            )
        check_runtime(self.runtime, tuple(RUNTIMES), "a PyTorch module")
        if self.runtime != "torch":
            if self.device != "cpu" or self.autocast is not None:
                came = f"device={self.device!r}, autocast={self.autocast!r}"
                raise InputError(
                    f"runtime={self.runtime!r} needs device='cpu' and no autocast; got {came}"
                )
            self._fast()

    def __getstate__(self) -> dict[str, object]:
        """Leave a module behind that can be read again: PyTorch's programs do not pickle."""
        state = own_fields(self)
        if self.path is not None:
            del state["module"]
        return state

    def __setstate__(self, state: dict[str, object]) -> None:
        adopt(self, state)
        if self.path is not None:
            program = _load(self.path, read_archive(self.path), self.device)
            object.__setattr__(self, "module", program.module)

    @property
    def computed_by(self) -> str:
        """What computes: `runtime`, or ``"torch"`` where that could not."""
        return "torch" if self.runtime == "torch" else self._fast().computed_by

    def view(self, image: Image) -> View:
        """Bring an image to the module's size, as `preprocess` states.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1].

        Returns
        -------
        View
            The image as the module looks at it, and which part of `image` that is.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1], or the image does not fit.

        Examples
        --------
        >>> import numpy as np
        >>> model = TorchModel(torch.nn.Flatten().eval(), Preprocess((2, 2), 1))
        >>> model.view(np.ones((2, 2, 1))).box
        (0.0, 0.0, 2.0, 2.0)
        """
        return self.preprocess.view(image)

    def __call__(self, images: Batch) -> Scores:
        """Return the module's scores for a batch of images on its own grid.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) float32 array
            Or float64, where the module computes in it.

        Raises
        ------
        InputError
            If images do not fit, or the module was put into training mode.
        ModelError
            If the module does not return one tensor with one row for each image.
        """
        check_mode(self.module)
        reading = Reading(self.preprocess, self.class_names, self.activation)
        streams = int(self.device == "cpu" and self.runtime == "torch")
        return reading.scores(images, each(self._ask), self.batch, streams=streams)

    def head(self) -> Head | None:
        """Return how scores come from the last grid; None where no layer of the module shows one.

        The module is asked about two images: a layer's output, averaged over its cells, must be
        what its last linear layer takes, and the scores must come from that.
        """
        look = self._look()
        return None if look is None else look.head

    def cells(self, images: Batch) -> Cells:
        """Return the module's scores, and what its last grid holds, always run by PyTorch.

        Raises
        ------
        InputError
            If there is no such grid, or images do not fit.
        ModelError
            As for the scores alone.
        """
        check_mode(self.module)
        if (look := self._look()) is None:
            raise no_head(f"this {type(self.module).__name__}")

        def asked(rows: Rows) -> Rows:
            raw, features = look.features(lambda: self._run(rows))
            return joined(self._scored(raw, rows), features)

        table = ask_in_batches(each(asked), self.preprocess.tensor(images), self.batch)
        return split(table, len(look.head.weights), look.shape)

    def _look(self) -> Look | None:
        """Return the layer that shows the last grid, looked for once."""
        if "_looked" not in self.__dict__:
            size = self.preprocess.size or (_ANY_SIZE, _ANY_SIZE)
            shape = self.batch or 2, *size, self.preprocess.channels
            images = np.random.default_rng(0).random(shape, dtype=np.float32)
            rows = self.preprocess.tensor(images)
            self.__dict__["_looked"] = find_look(
                self.module, lambda: self._run(rows), lambda raw: self._scored(raw, rows)
            )
        looked: Look | None = self.__dict__["_looked"]
        return looked

    def _scored(self, raw: Array, rows: Rows) -> Scores:
        return to_scores(raw, len(rows), self.activation, self.class_names)

    def _ask(self, tensor: Rows) -> Array:
        if self.runtime == "torch":
            return self._run(tensor)
        return self._fast()(self._images(tensor)).detach().cpu().numpy()

    def _run(self, tensor: Rows) -> Array:
        with torch.inference_mode(), self._precision():
            raw = forward(self.module, self._images(tensor), self.output)
        return raw.detach().cpu().numpy()

    def _images(self, tensor: Rows) -> torch.Tensor:
        order = torch.channels_last if self.channels_last else torch.contiguous_format
        return torch.from_numpy(tensor).to(self.device).contiguous(memory_format=order)

    def _fast(self) -> OnnxForward:
        """Return the module behind ONNX Runtime: one for this object, in this process."""
        if "_forward" not in self.__dict__:
            made = OnnxForward(self.module, self.output, self.batch, self.runtime)
            self.__dict__.setdefault("_forward", made)
        found: OnnxForward = self.__dict__["_forward"]
        return found

    def _precision(self) -> AbstractContextManager[object]:
        if self.autocast is None:
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, _PRECISIONS[self.autocast])


def load_torch(
    path: str,
    *,
    preprocess: Preprocess | None = None,
    class_names: tuple[str, ...] = (),
    output: str | None = None,
    activation: str = "none",
    device: str = "cpu",
) -> TorchModel:
    """Load a program of `torch.export`, or TorchScript, from a file. Nothing is unpickled.

    Parameters
    ----------
    path : str
        The file; its contents say which of the two it is, and not its suffix.
    preprocess : Preprocess, optional
        What the network wants its input to be; by default what the file states under
        ``cilens.preprocess`` in its ``extra_files``.
    class_names : tuple of str
        One for each class; by default what stands under ``cilens.class_names``, or none.
    output : str, optional
        Which output holds the scores, where there are several: a key, or a place from 0 on.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output.
    device : str
        Where to run it.

    Returns
    -------
    TorchModel
        With `batch` stated, where the program was exported for a fixed number of rows.

    Raises
    ------
    FileError
        If the file is missing, damaged, or would have to be unpickled; if it evaluates, imports
        or runs anything at loading, has an operator that is not known only to compute, or takes
        more than 2 GiB for an image.
    InputError
        If the file and what is stated do not agree, or it was exported in training mode.

    Notes
    -----
    A file of this kind is a program, and running it is a matter of trust. What it could do beside
    computing is looked for and refused: see docs/decisions/0008-model-files-run-no-code.md.

    Examples
    --------
    >>> import pathlib, tempfile, numpy as np
    >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "flat.pt2")
    >>> flat = torch.export.export(torch.nn.Flatten().eval(), (torch.zeros(2, 1, 3, 3),))
    >>> torch.export.save(flat, path)
    >>> load_torch(path, preprocess=Preprocess((3, 3), 1))(np.ones((5, 3, 3, 1))).shape
    (5, 9)
    """
    archive = read_archive(path)
    program = _load(path, archive, device)
    taken = f"input ({program.dtype or 'of a type unknown'})"
    preprocess = stated_preprocess(path, preprocess, archive.metadata, taken, program.shape)
    if program.dtype is not None:
        check_input(path, program.shape, program.dtype, preprocess)
    rows = program.shape[0] if isinstance(program.shape[0], int) else None
    sizes = [size or _ANY_SIZE for size in preprocess.input_shape()]
    asked = torch.zeros((rows or 1, *sizes), dtype=getattr(torch, preprocess.dtype), device=device)
    try_memory(path, program.module, asked)
    return TorchModel(
        program.module,
        preprocess,
        class_names or read_names(archive.metadata, path),
        activation=activation,
        device=device,
        batch=rows,
        path=path,
        output=output,
    )


class _Program(NamedTuple):
    """A module from a file, and what it takes, as far as the file tells."""

    module: torch.nn.Module
    shape: Dimensions = (None,) * 4
    dtype: str | None = None


def _load(path: str, archive: Archive, device: str) -> _Program:
    where = find_device(device)
    with (
        reading(path, f"cannot be loaded by PyTorch {torch.__version__}", CilensError),
        without_log("torch"),
    ):
        if archive.kind == "script":
            return _Program(_load_script(path, archive.content.read(), where))
        exported = torch.export.load(archive.content)
        return _Program(exported.module().to(where), *program_input(path, exported))


def _load_script(path: str, content: bytes, where: torch.device) -> torch.nn.Module:
    """Load TorchScript as `torch.jit.load` does, and look at all of it before any of it is run."""
    unit: Any = _C.CompilationUnit()  # whose stubs are not those of what it is
    read: Any = _C.import_ir_module_from_buffer
    made = read(unit, content, where, {}, False)
    check_graphs(path, (function.graph for function in unit.get_functions()))
    if not made._has_method("forward"):  # noqa: SLF001
        raise FileError(f"{path} is TorchScript without a forward, which is what is asked")
    module: torch.nn.Module = wrap_cpp_module(made)  # type: ignore[no-untyped-call]
    return module.eval()
