"""PyTorch's files, looked into without unpickling anything.

PyTorch writes several formats under the same suffixes, and its own readers unpickle some of
them, which runs whatever code the file holds. Here each file is told apart by its contents, and
of an exported program a copy is made that has nothing in it to unpickle.
"""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cilens.errors import CilensError, FileError, InputError
from cilens.files import reading
from cilens.models.archive import copied, opened_zip
from cilens.models.inputs import check_images
from cilens.models.metadata import Tensor
from cilens.models.torch.program import clean_program, clean_weights
from cilens.models.torch.script import check_pickle, check_source

if TYPE_CHECKING:
    import torch

_EXTRA = "extra/"
_SAMPLES = "data/sample_inputs/"
_PROGRAM = "models/model.json"
_ALWAYS = ("byteorder", ".data/version", ".data/serialization_id")
_CONFIGS = ("data/weights/model_weights_config.json", "data/constants/model_constants_config.json")
_EXPORTED = re.compile(r"data/(?:weights/weight|constants/tensor)_\d+\Z", re.ASCII)
_SCRIPTED = re.compile(r"version\Z|(?:data|constants)/[\w.-]+\Z|code/.*\.py\Z", re.ASCII)
_PICKLES = {"data.pkl": "data/", "constants.pkl": "constants/"}
_DAMAGED = "is not a PyTorch file, or a damaged one"
_WAY_OUT = (
    "cilens never unpickles a file, since that runs code from it. Where you trust it, load it "
    "yourself and pass cilens.TorchModel(module, preprocess), or write it anew with "
    "torch.export.save"
)


_Reads = Mapping[str, Callable[[], bytes]]


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
    ...     file.writestr("net/constants.pkl", b").")
    ...     file.writestr("net/code/net.py", "")
    >>> read_archive(path).kind
    'script'
    """
    with reading(path, _DAMAGED, CilensError), Path(path).open("rb") as file:
        start = file.read(1)
    if start == b"\x80":  # how a pickle begins
        raise FileError(f"{path} is a pickled checkpoint: {_WAY_OUT}")
    with opened_zip(path, _DAMAGED) as archive:
        roots = {name.partition("/")[0] for name in archive.namelist()}
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        kind = _kind(path, archive, names)
        if len(roots) != 1:
            raise FileError(f"{path} is damaged: it holds {len(roots)} folders, and one is read")
        metadata = {
            name.removeprefix(_EXTRA): archive.read(full).decode()
            for name, full in names.items()
            if name.startswith(_EXTRA)
        }
        read = {name: partial(archive.read, full) for name, full in names.items()}
        sizes = {name: archive.getinfo(full).file_size for name, full in names.items()}
        clean = _clean_export if kind == "export" else _clean_script
        entries = ((f"archive/{name}", data) for name, data in clean(path, read, sizes))
        return Archive(kind, copied(entries), metadata)


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
        Name of its logger.

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


def _kind(path: str, archive: zipfile.ZipFile, names: Mapping[str, str]) -> str:
    """Return which of PyTorch's formats a file has, if one that is read."""
    if "archive_format" in names and archive.read(names["archive_format"]) == b"pt2":
        return "export"
    if "constants.pkl" in names and any(name.startswith("code/") for name in names):
        return "script"
    if "data.pkl" in names:
        raise FileError(f"{path} is a pickled checkpoint: {_WAY_OUT}")
    if "serialized_exported_program.json" in archive.namelist():
        raise FileError(f"{path} is an exported program of an old form, with pickles: {_WAY_OUT}")
    raise FileError(f"{path} is neither a torch.export program (.pt2) nor TorchScript (.ts, .pt)")


def _clean_export(path: str, read: _Reads, sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """Give an exported program's entries: its graph and plain tensors, nothing unpickled."""
    if any(name.startswith("data/aotinductor/") for name in read):
        raise FileError(f"{path} holds compiled code, not a torch.export program")
    for name in read:
        folder = name.rpartition("/")[0] + "/"
        if name in _CONFIGS:
            _check_plain(path, name, read[name]())
            stored = {n.removeprefix(folder): sizes[n] for n in read if n.startswith(folder)}
            yield name, clean_weights(path, read[name](), stored)
        elif name == _PROGRAM:
            yield name, clean_program(path, read[name]())
        elif folder in ("data/weights/", "data/constants/") and not _EXPORTED.match(name):
            raise FileError(f"{path} holds pickled tensors or objects ({name}): {_WAY_OUT}")
        elif name.startswith(_SAMPLES):
            yield name, b""
        elif name in (*_ALWAYS, "archive_format", "archive_version") or _EXPORTED.match(name):
            yield name, read[name]()


def _clean_script(path: str, read: _Reads, sizes: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    """Give the entries of TorchScript that make it, once nothing in them runs at loading."""
    for name in read:
        if name in _PICKLES:
            folder = _PICKLES[name]
            stored = {n.removeprefix(folder): sizes[n] for n in read if n.startswith(folder)}
            check_pickle(path, name, read[name](), stored)
        elif name.startswith("code/") and _SCRIPTED.match(name):
            check_source(path, name, read[name]())
        elif name not in _ALWAYS and not _SCRIPTED.match(name):
            continue
        yield name, read[name]()


def _check_plain(path: str, name: str, data: bytes) -> None:
    """Raise where PyTorch would unpickle an entry of an exported program."""
    for entry in json.loads(data)["config"].values():
        if entry["use_pickle"] or not entry["path_name"].startswith(("weight_", "tensor_")):
            raise FileError(f"{path} holds pickled tensors or objects ({name}): {_WAY_OUT}")
