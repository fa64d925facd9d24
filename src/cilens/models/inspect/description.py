"""What a model file says of itself, whatever framework runs it."""

from __future__ import annotations

from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

from cilens.errors import FileError, InputError, ModelError
from cilens.models.adapter import Network
from cilens.models.inputs import Constants
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits, limits_of
from cilens.models.isolate.told import told
from cilens.models.metadata import Tensor
from cilens.types import Array, Rows

_WAYS = {
    ".onnx": "cilens.models.onnx.model:open_onnx",
    ".keras": "cilens.models.keras.model:open_network",
    ".tflite": "cilens.models.litert.model:open_litert",
}
"""What opens a file, by its suffix."""


class Said(NamedTuple):
    """What a child says of a network."""

    input: Tensor
    others: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: dict[str, str]
    batch: int | None
    span: tuple[float, float] | None


def describe(
    path: str,
    constants: Constants = (),
    *,
    isolate: bool | Limits = False,
    timeout: float | None = None,
) -> Network:
    """Open a model file, and return what it says.

    Parameters
    ----------
    path : str
        Path of an ``.onnx``, ``.keras`` or ``.tflite`` file.
    constants : tuple of (str, value)
        For each input that is not the images.
    isolate : bool or Limits
        Whether to open it in a separate process.
    timeout : float, optional
        Seconds that opening the file may take, and each question.

    Returns
    -------
    Network
        Ready to be asked.

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
    if isolate:
        return _isolated(path, constants, limits)
    network: Network = resolve_name(_WAYS[suffix])(path, constants, limits)
    return network


def _isolated(path: str, constants: Constants, limits: Limits) -> Network:
    """Have a child describe a file, and believe of that what can be a description."""
    request = {"path": path, "constants": constants}
    child = Child(path, "cilens.models.isolate.services:serve_description", request, limits)
    try:
        said = told(child.texts, Said)
    except ModelError as error:
        raise FileError(f"{path}: {error}") from error

    def ask(name: str, fed: Rows) -> Array:
        return child.ask(name, {"images": fed})

    return Network(path, *said[:4], ask, said.batch, said.span, child=child)
