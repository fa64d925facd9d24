"""PyTorch's files, looked into without unpickling anything.

PyTorch writes several formats under the same suffixes, and its own readers unpickle some of
them, which runs whatever code the file holds. Here each file is told apart by its contents, and
of an exported program a copy is made that has nothing in it to unpickle.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cilens.errors import FileError, InputError
from cilens.models.inputs import check_images
from cilens.models.metadata import Tensor

if TYPE_CHECKING:
    import torch

_EXTRA = "extra/"
_SAMPLES = "data/sample_inputs/"
_CONFIGS = ("data/weights/", "data/constants/")
_KEPT = ("archive_format", "archive_version", "byteorder", ".data/", "models/", *_CONFIGS)
_PLAIN = ("weight_", "tensor_")
_WAY_OUT = (
    "cilens never unpickles a file, since that runs code from it. Where you trust it, load it "
    "yourself and pass cilens.TorchModel(module, preprocess), or write it anew with "
    "torch.export.save"
)


class Archive(NamedTuple):
    """What a PyTorch file holds.

    Attributes
    ----------
    kind : {"export", "script"}
        A program of `torch.export`, or TorchScript.
    content : binary file
        To be read by PyTorch.
    metadata : dict of str to str
        The texts the writer added (``extra_files``).
    """

    kind: str
    content: io.BytesIO
    metadata: dict[str, str]


def read_archive(path: str) -> Archive:
    """Read a PyTorch file into memory, and refuse it where PyTorch would unpickle.

    Parameters
    ----------
    path : str
        The file, whatever its suffix.

    Returns
    -------
    Archive
        An exported program loses its example inputs, which are a pickle.

    Raises
    ------
    FileError
        If the file cannot be read, is no PyTorch archive, is damaged, or holds pickled tensors
        or objects, a pickled checkpoint, or compiled code.

    Examples
    --------
    >>> import tempfile
    >>> path = str(Path(tempfile.mkdtemp()) / "net.ts")
    >>> with zipfile.ZipFile(path, "w") as file:
    ...     for name in ("net/constants.pkl", "net/code/net.py"):
    ...         file.writestr(name, "")
    >>> read_archive(path).kind
    'script'
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(b"\x80"):  # how a pickle begins
        raise FileError(f"{path} is a pickled checkpoint: {_WAY_OUT}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # Half an archive can end in a whole one: its entries do not start where the file does.
            if min((entry.header_offset for entry in archive.infolist()), default=1) != 0:
                raise zipfile.BadZipFile("it does not start as it ends")
            return _look_into(path, archive, content)
    except zipfile.BadZipFile as error:
        raise FileError(f"{path} is not a PyTorch file, or a damaged one: {error}") from error


def trains(module: torch.fx.GraphModule, node: torch.fx.Node) -> bool:
    """Tell whether a step of a graph is one of training, as a dropout can be.

    Parameters
    ----------
    module : torch.fx.GraphModule
        The graph's own.
    node : torch.fx.Node
        The step.

    Returns
    -------
    bool
        True for an operator told to train, and for a call of a module in training mode.

    Examples
    --------
    >>> import torch
    >>> module = torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Dropout()))
    >>> [trains(module, node) for node in module.graph.nodes]
    [False, True, False]
    """
    if node.target == "_guards_fn":  # checks the input of an exported program, in any mode
        return False
    if node.op == "call_module":
        return any(part.training for part in module.get_submodule(str(node.target)).modules())
    schema = getattr(node.target, "_schema", None)
    names = [one.name for one in schema.arguments] if schema else []
    given = dict(zip(names, node.args, strict=False)) | node.kwargs
    return given.get("train") is True or given.get("training") is True


@contextmanager
def without_log(name: str) -> Iterator[None]:
    """Keep a library from logging the traceback of an error that is raised anyway.

    Parameters
    ----------
    name : str
        Of its logger.

    Yields
    ------
    None

    Examples
    --------
    >>> with without_log("torch.export"):
    ...     logging.getLogger("torch.export").error("never seen")
    """
    log = logging.getLogger(name)
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def program_input(
    path: str, exported: torch.export.ExportedProgram
) -> tuple[tuple[int | None, ...], str]:
    """Return the shape and the type of the images that an exported program takes.

    Parameters
    ----------
    path : str
        Name of the file, for the message.
    exported : torch.export.ExportedProgram
        The program.

    Returns
    -------
    shape : tuple of int or None
        Rows included; None where any size will do.
    dtype : str
        As numpy would write it.

    Raises
    ------
    InputError
        If it does not take one tensor of images.

    Examples
    --------
    >>> import torch
    >>> flat = torch.export.export(torch.nn.Flatten().eval(), (torch.zeros(2, 1, 3, 3),))
    >>> program_input("flat.pt2", flat)
    ((2, 1, 3, 3), 'float32')
    """
    names = exported.graph_signature.user_inputs
    if len(names) != 1:
        raise InputError(
            f"{path} must have one input, the images; it has {len(names)}: export a module that "
            "has constants for the others"
        )
    value = next(node.meta["val"] for node in exported.graph.nodes if node.name == names[0])
    shape = tuple(size if isinstance(size, int) else None for size in value.shape)
    dtype = str(value.dtype).removeprefix("torch.")
    check_images(path, Tensor(names[0], dtype, shape))
    return shape, dtype


def _look_into(path: str, archive: zipfile.ZipFile, content: bytes) -> Archive:
    names = {name.partition("/")[2]: name for name in archive.namelist()}
    metadata = {
        name.removeprefix(_EXTRA): archive.read(full).decode(errors="replace")
        for name, full in names.items()
        if name.startswith(_EXTRA)
    }
    if "archive_format" in names and archive.read(names["archive_format"]) == b"pt2":
        return Archive("export", _without_pickles(path, archive, names), metadata)
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return Archive("script", io.BytesIO(content), metadata)
    if "data.pkl" in names:
        raise FileError(f"{path} is a pickled checkpoint: {_WAY_OUT}")
    if "serialized_exported_program.json" in archive.namelist():
        raise FileError(f"{path} is an exported program of an old form, with pickles: {_WAY_OUT}")
    raise FileError(f"{path} is neither a torch.export program (.pt2) nor TorchScript (.ts, .pt)")


def _without_pickles(path: str, archive: zipfile.ZipFile, names: dict[str, str]) -> io.BytesIO:
    """Copy an exported program: its graphs and plain tensors, nothing that is unpickled."""
    if any(name.startswith("data/aotinductor/") for name in names):
        raise FileError(f"{path} holds compiled code, not a torch.export program")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as copy:
        for name, full in names.items():
            if name.startswith(_SAMPLES):
                copy.writestr(full, b"")
            elif name.startswith(_KEPT):
                data = archive.read(full)
                if name.startswith(_CONFIGS):
                    _check_plain(path, name, data)
                copy.writestr(full, data)
    content.seek(0)
    return content


def _check_plain(path: str, name: str, data: bytes) -> None:
    """Raise where PyTorch would unpickle an entry of an exported program."""
    pickled = name.endswith(".pt")  # as PyTorch wrote weights before 2.9
    if name.endswith(".json"):
        try:
            pickled = any(
                entry["use_pickle"] or not entry["path_name"].startswith(_PLAIN)
                for entry in json.loads(data)["config"].values()
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileError(f"{path} is damaged: {name} cannot be read") from error
    if pickled:
        raise FileError(f"{path} holds pickled tensors or objects ({name}): {_WAY_OUT}")
