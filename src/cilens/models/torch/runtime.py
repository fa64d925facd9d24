"""A PyTorch module run by ONNX Runtime or OpenVINO, which are faster on a processor.

The module is exported in memory when it is first asked, and checked against PyTorch on the very
images asked about. It stays the one that counts: where it changes, it is exported anew, and where
it cannot be exported, or the answers differ, PyTorch runs it and a warning says why.
"""

from __future__ import annotations

import contextlib
import io
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import NamedTuple

from cilens.errors import CilensWarning, InputError, ModelError, missing_extra, needs
from cilens.files import first_line
from cilens.models.adapter import own_fields
from cilens.models.onnx.errors import reason
from cilens.models.onnx.model import run_of
from cilens.models.onnx.runtime import (
    RUNTIMES,
    check_runtime,
    compiled,
    difference,
    spread,
    streams_of,
)
from cilens.models.scores import in_batches, in_pieces, joined, pick_output
from cilens.types import Array

with needs("OnnxForward", "torch", "torch"):
    import torch

from cilens.models.torch.archive import without_log
from cilens.models.torch.errors import check_device, check_mode, failed
from cilens.models.torch.state import is_same, kept, state_of

_REDUCED = (torch.bfloat16, torch.float16)
_EXPORTING = threading.Lock()  # the exporter's log and warnings are silenced for the whole process


Run = Callable[[list[Array]], list[Array]]
"""From pieces of a batch to the answers to each."""


class _Twin(NamedTuple):
    """The module as it was exported; nothing runs it where PyTorch has to."""

    state: list[object]
    run: Run | None


@dataclass(frozen=True)
class OnnxForward:
    """A PyTorch module's forward function, run by another runtime: the same tensors in and out.

    Called for the first time it exports the module, which takes seconds, and has PyTorch answer
    up to four of the rows too. Outputs must agree within 1e-4, or 1e-5 of the largest output
    where that is more. Where they do not, or the module cannot be exported, a `CilensWarning`
    says why, and PyTorch answers then and later.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode, on the processor. Takes one tensor whose first dimension is the rows.
    output : str or int, optional
        Key, field or place of the output meant, where the module returns several.
    batch : int, optional
        Rows the module takes, where it takes that many only.
    runtime : {"onnx", "openvino"}
        What runs it.

    Raises
    ------
    InputError
        If the module is in training mode or not on the processor.
    MissingDependencyError
        If `onnxscript`, with which PyTorch exports, or OpenVINO is not installed.

    Notes
    -----
    Each call looks whether the module's parameters, buffers and attributes are what they were, and
    exports it anew where they are not, or where images have another shape or type. What Python
    does beside the computation does not happen: a hook that only looks is not called, and what
    the module reads from elsewhere is as it was. Outputs have no gradient.

    Examples
    --------
    >>> module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 5)).eval()
    >>> fast, images = OnnxForward(module), torch.ones(7, 3, 2, 2)
    >>> torch.allclose(fast(images), module(images), atol=1e-4)
    True
    """

    module: torch.nn.Module = field(repr=False)
    output: str | int | None = None
    batch: int | None = None
    runtime: str = "onnx"

    def __post_init__(self) -> None:
        check_runtime(self.runtime, ("onnx", "openvino"), "an exported module")
        check_mode(self.module)
        check_device(self.module, "cpu")
        if find_spec("onnxscript") is None:
            raise missing_extra(
                f"running a module by {RUNTIMES[self.runtime]}", "onnxscript", "torch"
            )

    __getstate__ = own_fields

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return the module's output for images.

        Parameters
        ----------
        images : (rows, …) tensor
            What the module takes, on the processor.

        Returns
        -------
        tensor
            Without a gradient; float32 where the module puts out float16 or bfloat16.

        Raises
        ------
        InputError
            If the module was put into training mode, or images are elsewhere.
        ModelError
            If the module fails, or returns no tensor.
        """
        check_mode(self.module)
        if images.device.type != "cpu":
            raise InputError(f"images must be on the processor; got {str(images.device)!r}")
        with torch.no_grad():
            twin = self._twin(images)
            if twin.run is None:
                return forward(self.module, images, self.output)
            return _run(twin.run, images, self.batch)

    @property
    def computed_by(self) -> str:
        """What computes: `runtime`, or ``"torch"`` where that could not."""
        twin: _Twin | None = self.__dict__.get("_made")
        return "torch" if twin is not None and twin.run is None else self.runtime

    def _twin(self, images: torch.Tensor) -> _Twin:
        """Return the module's export, made anew where it is none of this module any more."""
        with _EXPORTING:
            twin: _Twin | None = self.__dict__.get("_made")
            lasting = twin is not None and twin.run is None
            if twin is not None and (lasting or is_same(twin.state, state_of(self.module, images))):
                return twin
            made = self.__dict__["_made"] = self._make(images)
            return made

    def _make(self, images: torch.Tensor) -> _Twin:
        rows = len(images)
        checked = torch.arange(rows) if self.batch else torch.from_numpy(spread(rows))
        wanted = forward(self.module, images[checked], self.output)
        run, why = None, ""
        try:
            if isinstance(self.module, torch.jit.ScriptModule):
                raise ModelError("it is TorchScript")
            example = torch.zeros(self.batch or 2, *images.shape[1:], dtype=images.dtype)
            network = _exported(_Picked(self.module, self.output), example, self.batch)
            run = run_of(network) if self.runtime == "onnx" else compiled(network).run_each
            why = _difference(_run(run, images, self.batch), wanted, checked, rows)
        except Exception as error:  # noqa: BLE001  # whatever the exporter raises
            why = f"it cannot be exported: {_cause(error)}"
        if why:
            warnings.warn(
                f"PyTorch runs the module, not {RUNTIMES[self.runtime]}, and is slower: {why}",
                CilensWarning,
                stacklevel=2,
            )
            return _Twin([], None)
        return _Twin(kept(state_of(self.module, images)), run)


class _Picked(torch.nn.Module):
    """A module that returns the one output meant."""

    def __init__(self, module: torch.nn.Module, output: str | int | None) -> None:
        super().__init__()
        self.module, self.output = module, output
        self.training = False  # eval() would change the module, and programs refuse it

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return _one_tensor(self.module(images), self.output)


def forward(
    module: torch.nn.Module, images: torch.Tensor, output: str | int | None
) -> torch.Tensor:
    """Return what a module puts out for images, or say in one line why it fails.

    Parameters
    ----------
    module : torch.nn.Module
        Takes one tensor of images.
    images : (rows, …) tensor
        What it is asked about.
    output : str or int, optional
        Key, field or place of the output meant.

    Returns
    -------
    tensor
        Float32 where the module puts out float16 or bfloat16.

    Raises
    ------
    InputError
        If there is no such output.
    ModelError
        If the module fails, or the output is no tensor.

    Examples
    --------
    >>> forward(torch.nn.Flatten(), torch.ones(2, 3, 4, 4), None).shape
    torch.Size([2, 48])
    """
    try:
        answer = module(images)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise failed(module, images, error) from error
    return _one_tensor(answer, output)


def _one_tensor(answer: object, output: str | int | None) -> torch.Tensor:
    found = pick_output(answer, output)
    if not isinstance(found, torch.Tensor):
        raise ModelError(f"scores must be one tensor; got {type(found).__name__}")
    return found.float() if found.dtype in _REDUCED else found


def _exported(module: torch.nn.Module, example: torch.Tensor, batch: int | None) -> bytes:
    """Export a module to ONNX, for any number of rows unless it takes a fixed one."""
    rows = None if batch else ({0: torch.export.Dim.DYNAMIC},)
    with _in_silence(), torch.inference_mode(False):
        program = torch.onnx.export(
            module, (example,), dynamo=True, dynamic_shapes=rows, verbose=False
        )
    if program is None:
        raise ModelError("PyTorch returned no program")
    return bytes(program.model_proto.SerializeToString())


@contextlib.contextmanager
def _in_silence() -> Iterator[None]:
    """Keep the exporter's notes about itself away: what goes wrong is raised, and told once."""
    said = io.StringIO()
    with (
        warnings.catch_warnings(),
        without_log("torch"),
        without_log("torch.onnx"),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        warnings.simplefilter("ignore")
        yield


def _run(run: Run, images: torch.Tensor, batch: int | None) -> torch.Tensor:
    """Ask about few rows at a time where they are large, unless it takes a fixed number."""
    rows = images.detach().contiguous().numpy()
    pieces = in_batches(rows, batch) if batch else in_pieces(rows, streams_of(0))
    try:
        return torch.from_numpy(joined(run(pieces)))
    except Exception as error:
        raise ModelError(f"the exported module fails: {reason(error)}") from error


def _difference(got: torch.Tensor, wanted: torch.Tensor, checked: torch.Tensor, rows: int) -> str:
    """Say how two answers differ, or nothing."""
    if got.shape != (rows, *wanted.shape[1:]) or len(wanted) != len(checked):
        return f"exported, it puts out {tuple(got.shape)} for {rows} images"
    apart = difference(got[checked].numpy(), wanted.detach().numpy())
    return f"exported, {apart}" if apart else ""


def _cause(error: BaseException) -> str:
    """Return the first line of what an error goes back to."""
    while error.__cause__ is not None:
        error = error.__cause__
    return first_line(error)
