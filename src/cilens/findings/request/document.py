"""A request as a TOML file: the names of the options, and their values.

A key is an option's name, with _ where the command line has a hyphen, as in the file beside a
model. Paths are relative to the file's folder.
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any, TypeVar, get_args

from cilens.errors import FileError, InputError, unknown
from cilens.findings.request.option import Field, assembled, flat, options_of
from cilens.toml import read_toml, write_toml

_Request = TypeVar("_Request")

_MAX_BYTES = 1 << 22
"""Of a file: more than ten thousand names of images take."""


def read_request(path: str | Path, kind: type[_Request]) -> _Request:
    r"""Read a request.

    Parameters
    ----------
    path : path
        A TOML file.
    kind : type
        `cilens.findings.request.Request`, or another record of options.

    Returns
    -------
    Request
        An instance of the kind; its relative paths start at the file's folder.

    Raises
    ------
    FileError
        If the file cannot be read, has a key that is no option or a value that is none, or lacks
        one that must be given.

    Examples
    --------
    >>> import tempfile
    >>> from cilens.findings.request import Request
    >>> path = Path(tempfile.mkdtemp(), "request.toml")
    >>> _ = path.write_text('images = ["mnist:0-9"]\nthreshold = 0.05\n')
    >>> read_request(path, Request).told.threshold
    0.05
    """
    values = read_options(path, kind)
    try:
        return assembled(kind, values)
    except InputError as error:
        raise FileError(f"{path}: {error}") from error


def read_options(path: str | Path, kind: type[Any]) -> dict[str, Any]:
    """Read the options that a file states, by their names; it need not state all that must be.

    Raises
    ------
    FileError
        As `read_request` does.
    """
    values = read_toml(Path(path), _MAX_BYTES)
    known = {one.name: one for one in options_of(kind)}
    folder = Path(path).absolute().parent
    try:
        for key in values:
            if key not in known:
                raise unknown("option", key, known)
        return {key: _rooted(known[key], _read(known[key], values[key]), folder) for key in values}
    except InputError as error:
        raise FileError(f"{path}: {error}") from error


def write_request(request: object) -> str:
    """Write a request as `read_request` reads it, wherever the file comes to stand.

    Parameters
    ----------
    request : Request
        Or another record of options; relative paths start at the current directory.

    Returns
    -------
    str
        TOML, without the options that have their default.

    Examples
    --------
    >>> from cilens.findings.request import Request
    >>> print(write_request(Request(["mnist:0"])), end="")
    images = ["mnist:0"]
    """
    values, here = flat(request), Path.cwd()
    return write_toml(
        {
            one.name: _rooted(one, values[one.name], here)
            for one in options_of(type(request))
            if values[one.name] != one.default
        }
    )


def _read(option: Field, value: object) -> Any:  # noqa: ANN401 (of the option's type)
    """Return a value in the form that the option's type gives it."""
    from cilens.settings import checked

    kinds = (option.type, *get_args(option.type))
    if list[str] in kinds and isinstance(value, list):
        return [checked(f"each {option.name}", one, str) for one in value]
    if Path in kinds and isinstance(value, str):
        return Path(value)
    if str in kinds and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a class, by its index
    return checked(option.name, value, option.type)


def _rooted(option: Field, value: Any, folder: Path) -> Any:  # noqa: ANN401
    """Let the relative paths of a value start at a folder."""
    if isinstance(value, list):
        return [_rooted(option, one, folder) for one in value]
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, str) and option.names:
        return _placed(option.names, value, folder)
    return value


def _placed(kind: str, text: str, folder: Path) -> str:
    """Let what names an image, a model or a part name the same from anywhere."""
    if kind == "image":
        from cilens.datasets.shipped import named

        if text == "-" or named(text) is not None:
            return text
        pattern = glob.has_magic(text) and not (folder / text).exists()
        return str(Path(glob.escape(str(folder)) if pattern else folder, text))
    if kind == "model":
        from cilens.models import is_shipped

        return text if is_shipped(text) else str(folder / text)
    from cilens.parts.notation import rooted

    return rooted(text, kind, folder)
