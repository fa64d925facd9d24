"""What a model file says of itself, and whether it agrees with what the caller states."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cilens.errors import FileError, InputError
from cilens.models.preprocess.record import Preprocess

PREPROCESS_KEY = "cilens.preprocess"
"""Metadata key of a `Preprocess`, as its `to_json` writes it."""

CLASS_NAMES_KEY = "cilens.class_names"
"""Metadata key of the class names, as a JSON list."""

INSPECTED = (".onnx", ".keras", ".tflite")
"""Suffixes of the files that `cilens inspect` reads."""

Dimensions = Sequence[int | str | None]
"""Shape of a network's input as its file states it: a number, or a name or None for any."""


class Tensor(NamedTuple):
    """An input or output of a network."""

    name: str
    dtype: str
    shape: Dimensions


def read_preprocess(metadata: Mapping[str, str], path: str) -> Preprocess | None:
    """Return the preprocessing that a model file states, or None.

    Parameters
    ----------
    metadata : mapping of str to str
        The file's own.
    path : str
        Name of the file, for the message.

    Returns
    -------
    Preprocess or None
        What stands under ``cilens.preprocess``.

    Raises
    ------
    FileError
        If what stands there is none.

    Examples
    --------
    >>> print(read_preprocess({"cilens.preprocess": '{"size": [28, 28]}'}, "a.onnx"))
    size=28x28,channels=3
    """
    text = metadata.get(PREPROCESS_KEY)
    if text is None:
        return None
    try:
        return Preprocess.from_json(text)
    except InputError as error:
        raise FileError(f"{path}: {PREPROCESS_KEY} in its metadata: {error}") from error


def read_names(metadata: Mapping[str, str], path: str) -> tuple[str, ...]:
    """Return the class names that a model file states, or nothing.

    Parameters
    ----------
    metadata : mapping of str to str
        The file's own.
    path : str
        Name of the file, for the message.

    Returns
    -------
    tuple of str
        What stands under ``cilens.class_names``.

    Raises
    ------
    FileError
        If what stands there is no JSON list of texts.

    Examples
    --------
    >>> read_names({"cilens.class_names": '["cat", "dog"]'}, "a.onnx")
    ('cat', 'dog')
    """
    text = metadata.get(CLASS_NAMES_KEY, "[]")
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FileError(
            f"{path}: {CLASS_NAMES_KEY} in its metadata must be a JSON list of texts; "
            f"got {text[:60]!r}"
        )
    return tuple(names)


def read_names_file(path: str | Path) -> tuple[str, ...]:
    r"""Read class names from a text file, one on each line.

    Parameters
    ----------
    path : path
        UTF-8. Blanks around a name and empty lines at the end do not count.

    Returns
    -------
    tuple of str
        In the order of the file, which is the order of the network's output.

    Raises
    ------
    FileError
        If the file cannot be read, is no UTF-8 text, names nothing, or has an empty line
        before the last name: every line stands for a class.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "names.txt"
    >>> _ = file.write_text("cat\ndog\n")
    >>> read_names_file(file)
    ('cat', 'dog')
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{path} must be UTF-8 text, one class name a line: {error}") from error
    names = tuple(line.strip() for line in text.rstrip().splitlines())
    if not names:
        raise FileError(f"{path} must have one class name a line; it has none")
    if "" in names:
        raise FileError(
            f"{path} must have one class name a line; line {names.index('') + 1} is empty"
        )
    return names


def read_attached_names(path: str) -> tuple[str, ...]:
    r"""Return the class names in the label file that a .tflite file carries, or nothing.

    TFLite's metadata has label files in a zip archive at the end of the model file.

    Parameters
    ----------
    path : str
        The model file.

    Returns
    -------
    tuple of str
        One for each line; nothing where there is no text file, or several.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "net.tflite"
    >>> _ = path.write_bytes(b"the network")
    >>> with zipfile.ZipFile(path, "a") as archive:
    ...     archive.writestr("labels.txt", "cat\ndog\n")
    >>> read_attached_names(str(path))
    ('cat', 'dog')
    """
    if not zipfile.is_zipfile(path):
        return ()
    with zipfile.ZipFile(path) as archive:
        texts = [name for name in archive.namelist() if name.endswith(".txt")]
        lines = archive.read(texts[0]).decode("utf-8", "replace") if len(texts) == 1 else ""
    return tuple(line.strip() for line in lines.rstrip().splitlines())


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return class names as a tuple of texts.

    Raises
    ------
    InputError
        If they are a single text, or not all are texts.

    Examples
    --------
    >>> check_names(["cat", "dog"])
    ('cat', 'dog')
    """
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise InputError(f"class_names must be a sequence of texts, one a class; got {names!r}")
    return tuple(names)


def not_stated(path: str, what: str, shape: Dimensions) -> InputError:
    """Return the error for a model file whose preprocessing is stated nowhere.

    Parameters
    ----------
    path : str
        Name of the file.
    what : str
        Name and type of its input.
    shape : sequence of int, str or None
        Shape of its input, rows included.

    Returns
    -------
    InputError
        To be raised by the caller.

    Examples
    --------
    >>> print(not_stated("a.onnx", "input 'x' (float32)", ("n", 3, 224, 224)))
    a.onnx does not say how an image becomes its input 'x' (float32), (n, 3, 224, 224): state it, \
as in preprocess=Preprocess.parse('size=224x224,channels=3,scale=?,mean=?,std=?,layout=NCHW'); \
cilens inspect a.onnx shows what the file says
    """
    last = shape[1] not in (1, 3) and shape[3] in (1, 3)
    channels, height, width = (shape[i] for i in ((3, 1, 2) if last else (1, 2, 3)))
    fixed = isinstance(height, int) and isinstance(width, int)
    text = (
        f"size={f'{height}x{width}' if fixed else 'any'},"
        f"channels={channels if channels in (1, 3) else '?'},scale=?,mean=?,std=?,"
        f"layout={'NHWC' if last else 'NCHW'}"
    )
    more = f"; cilens inspect {path} shows what the file says" if path.endswith(INSPECTED) else ""
    return InputError(
        f"{path} does not say how an image becomes its {what}, {show(shape)}: "
        f"state it, as in preprocess=Preprocess.parse({text!r}){more}"
    )


def check_input(path: str, shape: Dimensions, dtype: str, preprocess: Preprocess) -> None:
    """Raise unless the preprocessing stated makes what the file's network takes.

    Parameters
    ----------
    path : str
        Name of the file.
    shape : sequence of int, str or None
        Shape of its input, rows included.
    dtype : str
        Type of its input.
    preprocess : Preprocess
        What the caller, or the file itself, states.

    Raises
    ------
    InputError
        With both shapes, or both types.

    Examples
    --------
    >>> check_input("a.onnx", ("n", 3, 8, 8), "float32", Preprocess((8, 8)))
    """
    if preprocess.dtype != dtype:
        raise InputError(
            f"preprocess.dtype must be the type of the network's input: {path} takes {dtype}; "
            f"got {preprocess.dtype}; state dtype={dtype}"
        )
    if _agree(shape, preprocess):
        return
    other = replace(preprocess, layout="NHWC" if preprocess.layout == "NCHW" else "NCHW")
    way = f"; state layout={other.layout}" if _agree(shape, other) else ""
    raise InputError(
        f"preprocess must make what the network takes: {path} takes {show(shape)}; "
        f"got {show((shape[0], *preprocess.input_shape()))} from {preprocess}{way}"
    )


def show(shape: Dimensions) -> str:
    """Write a shape, with a question mark where any size will do.

    Examples
    --------
    >>> show(("n", 3, None, 224))
    '(n, 3, ?, 224)'
    """
    return f"({', '.join('?' if size is None else str(size) for size in shape)})"


def _agree(shape: Dimensions, preprocess: Preprocess) -> bool:
    pairs = zip(shape[1:], preprocess.input_shape(), strict=True)
    return all(not isinstance(takes, int) or takes == makes for takes, makes in pairs)
