"""Why a file cannot be opened, in one line that says what to do."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from cilens.errors import FileError

_STARTS = (
    (
        rb"version https://git-lfs",
        "a pointer of Git LFS: fetch the file itself with git lfs pull",
    ),
    (rb"\s*<(!doctype|html|\?xml)", "a web page: download the file itself"),
    (
        rb"PK\x03\x04",
        "a zip archive, as PyTorch and Keras write: end its name in .pt2, .pt or .keras",
    ),
    (rb"\x80[\x02-\x05]", "a pickle: export the network as ONNX (torch.onnx.export)"),
    (rb"\x89HDF", "an HDF5 file, as Keras wrote them: load it in Keras and save it as .keras"),
    (rb"....TFL3", "a TFLite file: end its name in .tflite"),
    (rb"\x08[\x01-\x20][\x12:]", "an ONNX file: end its name in .onnx"),
)
"""How files of other kinds begin, and what they are."""

_PLAIN = "export it with ONNX's own operators, or wrap the network in a function from images to \
scores"


_SAID = (
    (
        r"([\w.]*):(\w+)\(-?\d+\) is not a registered function/op",
        "has the operator {1} of {0}, which is none of ONNX's own: " + _PLAIN,
    ),
    (
        r"No Op registered for (\w+) with domain_version of (\d+)",
        "has the operator {0}, which opset {1} does not have: " + _PLAIN,
    ),
    (
        r"Opset (\d+) is under development.* till opset (\d+)",
        "has opset {0}; ONNX Runtime {version} runs up to {1}: export it with an older opset",
    ),
    (
        r"Could not find an implementation for (\w+)",
        "has the operator {0} in a type ONNX Runtime lacks: export it in float32, not quantised",
    ),
)
"""What ONNX Runtime says, and what that means."""


def why(path: str, error: Exception, version: str) -> str:
    """Return why a file cannot be opened, and what to do, to follow its name.

    Parameters
    ----------
    path : str
        The file.
    error : Exception
        What ONNX Runtime raised.
    version : str
        ONNX Runtime's.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> error = ValueError("Fatal error: my.ops:MyNorm(-1) is not a registered function/op")
    >>> why("a.onnx", error, "1.22").partition(":")[0]
    "has the operator MyNorm of my.ops, which is none of ONNX's own"
    """
    said = reason(error)
    if "protobuf" in said.lower():
        return damaged(path, said)
    for pattern, told in _SAID:
        if found := re.search(pattern, said):
            return told.format(*found.groups(), version=version)
    return f"cannot be run by ONNX Runtime {version}: {said}"


def damaged(path: str, said: str) -> str:
    """Return that a file is no ONNX file, to follow its name: what it is, or else what is said.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> damaged(model_path("digits"), "it ends too early")
    'is not an ONNX file, or a damaged one: it ends too early'
    """
    return f"is not an ONNX file, or a damaged one: {_said(path) or said}"


def reason(error: Exception) -> str:
    """Return what ONNX Runtime says, in one line and without its codes.

    Examples
    --------
    >>> reason(ValueError("[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got 1"))
    'Got 1'
    """
    text = " ".join(str(error).split())
    return re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from .*? failed:)?", "", text)


def unreadable(path: str) -> str:
    """Return why a file cannot be read at all, or nothing.

    Examples
    --------
    >>> unreadable("none.onnx")
    'none.onnx cannot be read: No such file or directory'
    """
    try:
        mode = Path(path).stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return f"{path} must be a file; it is a pipe or a device"
        with open(path, "rb"):  # noqa: PTH123  # for the operating system's own reason
            return ""
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except ValueError as error:  # of a name that no file can have
        return f"{path!r} cannot be read: {error}"


def kind_of(path: str) -> str:
    """Return what a file is by its first bytes, and what to do with it; or nothing.

    Examples
    --------
    >>> import cilens.models
    >>> kind_of(cilens.models.model_path("digits"))
    'an ONNX file: end its name in .onnx'
    """
    with Path(path).open("rb") as file:
        start = file.read(64)
    if not start:
        return "empty"
    kinds = (what for begin, what in _STARTS if re.match(begin, start, re.DOTALL | re.IGNORECASE))
    return next(kinds, "")


def check_kind(path: str, begins: str, kind: str, way: str) -> None:
    """Raise unless a file can be read and begins as one of its kind does.

    Parameters
    ----------
    path : str
        The file.
    begins : str
        How `kind_of` tells of such a file.
    kind : str
        What to call it.
    way : str
        What to do with a file of no kind that is known.

    Raises
    ------
    FileError
        With what it is instead.

    Examples
    --------
    >>> check_kind("none.keras", "a zip archive", "a Keras file", "save it anew")
    Traceback (most recent call last):
    cilens.errors.FileError: none.keras cannot be read: No such file or directory
    """
    if fault := unreadable(path):
        raise FileError(fault)
    found = kind_of(path)
    if not found.startswith(begins):
        told = f"it is {found}" if found else way
        raise FileError(f"{path} is not {kind}, or a damaged one: {told}")


def _said(path: str) -> str:
    """Return what a file is that is no ONNX, or nothing."""
    kind = "" if unreadable(path) else kind_of(path)
    return f"it is {kind}" if kind and not kind.startswith("an ONNX file") else ""
