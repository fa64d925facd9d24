"""What a person states of a model file, kept beside it in ``FILE.cilens.toml``."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from cilens.errors import CilensWarning, FileError, InputError, unknown
from cilens.files import whole_file
from cilens.models.inputs import Constants, check_constants
from cilens.models.names import check_names
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import check_activation
from cilens.settings import checked
from cilens.toml import read_toml, write_toml
from cilens.types import OutputRange

_HEAD = """\
# What cilens is told of the model file beside this one; options and arguments win over it.
# Written by cilens inspect and cilens calibrate. Delete a line to state nothing of it; without
# sha256, all that is stated holds for the file whatever it contains.
"""

_MAX_BYTES = 1 << 22
"""Of such a file: more than a hundred thousand classes with their names and ranges take."""

_DIGEST = "sha256"
"""The key of what tells the file that a statement was made for."""


@dataclass(frozen=True)
class Stated:
    """What is stated of a model file beside what the file itself says.

    Parameters
    ----------
    preprocess : Preprocess, optional
        What the network wants its input to be.
    activation : {"none", "softmax", "sigmoid"}, optional
        What to apply to its output.
    output : str, optional
        Which output holds the scores.
    class_names : sequence of str
        One for each class, or nothing.
    output_range : (absmin, absmax), optional
        Range of the scores, with this preprocessing, activation and output.
    inputs : mapping of str to number or array-like
        A constant for each input of the network that is not the images.

    Raises
    ------
    InputError
        If a value is none of the above.

    Examples
    --------
    >>> Stated(activation="softmax", output_range=(0.0, 1.0)).output_range
    (0.0, 1.0)
    """

    preprocess: Preprocess | None = None
    activation: str | None = None
    output: str | None = None
    class_names: tuple[str, ...] = ()
    output_range: OutputRange | None = None
    inputs: Constants = ()

    def __post_init__(self) -> None:
        if self.output_range is not None:
            object.__setattr__(self, "output_range", _range(self.output_range))
        object.__setattr__(self, "class_names", check_names(self.class_names))
        object.__setattr__(self, "inputs", check_constants(self.inputs))
        if self.activation is not None:
            check_activation(self.activation)
        if self.output is not None and not isinstance(self.output, str):
            raise InputError(f"output must be a text; got {self.output!r}")


def stated_path(model: str | Path) -> Path:
    """Return where the statement of a model file is kept.

    Examples
    --------
    >>> stated_path("nets/cat.onnx").name
    'cat.onnx.cilens.toml'
    """
    return Path(f"{os.fspath(model)}.cilens.toml")


def read_stated(model: str | Path) -> Stated:
    """Read what stands beside a model file; nothing is stated where nothing stands.

    Parameters
    ----------
    model : path
        The model file.

    Returns
    -------
    Stated
        What the file says.

    Raises
    ------
    FileError
        If it cannot be read, is damaged, has a key or value that is none, or was made for a file
        with other contents.

    Warns
    -----
    CilensWarning
        If what stands beside the file is named as statements no longer are.

    Examples
    --------
    >>> read_stated("no such network.onnx").preprocess is None
    True
    """
    path = stated_path(model)
    if not path.exists():
        _tell_of_older(model)
        return Stated()
    values = read_toml(path, _MAX_BYTES, "; correct it, or delete it and run cilens inspect anew")
    _check_digest(path, model, values.pop(_DIGEST, None))
    known = [field.name for field in fields(Stated)]
    try:
        for key in values:
            if key not in known:
                raise unknown("key", key, known)
        read: dict[str, Any] = {key: _read(key, value) for key, value in values.items()}
        return Stated(**read)
    except InputError as error:
        raise FileError(f"{path}: {error}") from error


def write_stated(model: str | Path, stated: Stated) -> Path:
    """Write a statement beside a model file, over the one that stands there.

    Parameters
    ----------
    model : path
        The model file.
    stated : Stated
        What is not stated is left out.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    FileError
        If it cannot be written; what stood there stays.
    InputError
        If a name has half of a surrogate pair, which no UTF-8 file can hold.

    Examples
    --------
    >>> import tempfile
    >>> model = Path(tempfile.mkdtemp()) / "net.onnx"
    >>> _ = write_stated(model, Stated(Preprocess((8, 8)), "softmax"))
    >>> read_stated(model).activation
    'softmax'
    """
    path = stated_path(model)
    told = {one.name: getattr(stated, one.name) for one in fields(stated)}
    values = {_DIGEST: _digest(model)} | told | {"inputs": dict(stated.inputs)}
    try:
        content = f"{_HEAD}{write_toml(values)}".encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path} cannot hold what is no Unicode text: {error}") from error
    with whole_file(path) as draft:
        draft.write_bytes(content)
    return path


def _digest(model: str | Path) -> str | None:
    """Return the SHA-256 of a model file, a few MB at a time; None where there is no file."""
    if not Path(model).is_file():
        return None
    with Path(model).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_digest(path: Path, model: str | Path, stated: object) -> None:
    """Raise where a statement was made for other contents than the file's."""
    if stated is None:
        return
    found = _digest(model)
    if found is not None and stated != found:
        raise FileError(
            f"{path} was made for another file: {model} has other contents now. Delete its line "
            "sha256 where all that it states still holds, or the whole of it and run cilens "
            "inspect and cilens calibrate anew"
        )


def _tell_of_older(model: str | Path) -> None:
    """Warn of a statement that is named after the model's name without its suffix."""
    older, path = Path(model).with_suffix(".cilens.toml"), stated_path(model)
    if older != path and older.is_file():
        warnings.warn(
            f"{older} is not read: statements belong to one file. Where it was made for {model}, "
            f"rename it {path.name}",
            CilensWarning,
            stacklevel=3,
        )


def _read(key: str, value: object) -> object:
    if key == "preprocess":
        if not isinstance(value, str):
            raise InputError(f"preprocess must be a text, as --preprocess takes it; got {value!r}")
        return Preprocess.parse(value)
    if key == "class_names" and not isinstance(value, list):
        raise InputError(f"class_names must be a list of texts; got {value!r}")
    if key == "inputs" and not isinstance(value, dict):
        raise InputError(f"inputs must be a table, as in {{age = 41}}; got {value!r}")
    return value


def _range(value: object) -> OutputRange:
    """Return a range in its one form: two floats, or two tuples of floats."""
    try:
        bounds = np.array(checked("output_range", value, OutputRange), dtype=np.float64)
        if bounds.size == 0:
            raise InputError("it has no class")
    except ValueError as error:
        raise InputError(
            "output_range must be [absmin, absmax], or a list of absmin and one of absmax with a "
            f"number for each class; got {str(value)[:60]}"
        ) from error
    if not (bounds[0] < bounds[1]).all():
        raise InputError("output_range must have absmin < absmax for each class")
    low, high = bounds.tolist()
    return (low, high) if bounds.ndim == 1 else (tuple(low), tuple(high))
