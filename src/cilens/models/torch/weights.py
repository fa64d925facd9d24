"""Weights in a safetensors file, and the function that makes the network they belong to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from cilens.errors import CilensError, InputError, needs, unknown
from cilens.files import reading
from cilens.models.inputs import stated_preprocess
from cilens.models.metadata import read_names, show
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import TorchModel

with needs("a .safetensors file", "safetensors", "torch"):
    from safetensors import safe_open

import torch

_LISTED = 5  # names of weights in a message


def load_weights(
    path: str,
    *,
    factory: str | None = None,
    preprocess: Preprocess | None = None,
    class_names: tuple[str, ...] = (),
    output: str | None = None,
    activation: str = "none",
) -> TorchModel:
    """Load a safetensors file into the network that a function makes.

    Parameters
    ----------
    path : str
        The file. Nothing in it is run.
    factory : str
        ``"package.module:function"``: called without arguments, it returns the network. Naming it
        runs its code; it is the caller's own, and never read from a file.
    preprocess : Preprocess, optional
        What the network wants its input to be; by default what the file's metadata state under
        ``cilens.preprocess``.
    class_names : tuple of str
        One for each class; by default what stands under ``cilens.class_names``, or none.
    output : str, optional
        Which output holds the scores, where there are several: a key, or a place from 0 on.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output.

    Returns
    -------
    TorchModel
        With the network in evaluation mode, on the processor.

    Raises
    ------
    FileError
        If the file is missing, or is no safetensors file.
    InputError
        If there is no such function, it returns no network, or not all weights fit exactly.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from safetensors.torch import save_file
    >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "none.safetensors")
    >>> save_file({}, path, {"cilens.preprocess": '{"size": [2, 2]}'})
    >>> load_weights(path, factory="torch.nn:Flatten").preprocess.size
    (2, 2)
    """
    if factory is None:
        raise InputError(
            f"{path} holds weights and no network: state the function of yours that makes it, "
            "factory='package.module:function' (--factory)"
        )
    weights, metadata = _read(path)
    preprocess = stated_preprocess(path, preprocess, metadata, "network's input")
    module = _made(factory)
    _fill(module, weights, f"{path} does not fit the module of {factory}")
    return TorchModel(
        module.eval(),
        preprocess,
        class_names or read_names(metadata, path),
        activation=activation,
        output=output,
    )


def find_function(name: str) -> Callable[[], object]:
    """Import the function that a text names.

    Parameters
    ----------
    name : str
        ``"package.module:function"``.

    Returns
    -------
    callable
        The function.

    Raises
    ------
    InputError
        If the text has another form, the module cannot be imported, or has no such function.

    Examples
    --------
    >>> find_function("math:sqrt")(9)
    3.0
    """
    module, colon, function = name.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), function)):
        raise InputError(
            f"factory must name a function as package.module:function does; got {name!r}"
        )
    try:
        found = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise InputError(_raised(f"importing {module}", error)) from error
        raise InputError(
            f"factory {name!r}: there is no module {error.name!r} in {_places()}"
        ) from error
    except Exception as error:
        raise InputError(_raised(f"importing {module}", error)) from error
    functions = {key: value for key, value in vars(found).items() if callable(value)}
    if function not in functions:
        raise unknown(f"function of {module}", function, functions)
    chosen: Callable[[], object] = functions[function]
    return chosen


def _made(factory: str) -> torch.nn.Module:
    function = find_function(factory)
    try:
        module = function()
    except Exception as error:
        raise InputError(_raised(f"factory {factory}", error)) from error
    if not isinstance(module, torch.nn.Module):
        raise InputError(
            f"factory {factory} must return a torch.nn.Module; got {type(module).__name__}"
        )
    return module


def _read(path: str) -> tuple[dict[str, torch.Tensor], Mapping[str, str]]:
    """Return all tensors of a file, and its metadata."""
    with reading(path, "is not a safetensors file, or a damaged one", CilensError):
        Path(path).open("rb").close()  # for the operating system's own reason
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}


def _fill(module: torch.nn.Module, weights: dict[str, torch.Tensor], refusal: str) -> None:
    """Give a module its weights, all of them and no others."""
    own = {k: v for k, v in module.state_dict().items() if isinstance(v, torch.Tensor)}
    # Of weights that a module uses under two names the file holds one.
    held = {_place(own[name]) for name in weights if name in own}
    missing = [n for n, one in own.items() if n not in weights and _place(one) not in held]
    unexpected = [name for name in weights if name not in own]
    faults = []
    if missing:
        faults.append(f"the file lacks {_listed(missing)}")
    if unexpected:
        faults.append(f"the module lacks {_listed(unexpected)}")
    for name in [name for name in weights if name in own]:
        ours, theirs = own[name], weights[name]
        if ours.shape != theirs.shape:
            came = f"{show(theirs.shape)} in the file and {show(ours.shape)} in the module"
            faults.append(f"{name!r} is {came}")
        elif torch.promote_types(ours.dtype, theirs.dtype) != ours.dtype:
            came = f"{theirs.dtype} in the file and {ours.dtype} in the module"
            faults.append(f"{name!r} is {came.replace('torch.', '')}")
    if faults:
        more = f"; and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
        raise InputError(f"{refusal}: {'; '.join(faults[:_LISTED])}{more}")
    module.load_state_dict(weights, strict=False)


def _place(tensor: torch.Tensor) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Return what two names of one tensor have in common."""
    return tensor.data_ptr(), tuple(tensor.shape), tensor.stride()


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(map(repr, names[:_LISTED])) + more


def _raised(what: str, error: Exception) -> str:
    first = (str(error).strip() or "nothing said").splitlines()[0]
    return f"{what} raised {type(error).__name__}: {first}"


def _places() -> str:
    """Return where Python looks, the first places only."""
    return f"{', '.join(place or 'the current directory' for place in sys.path[:2])}, …"
