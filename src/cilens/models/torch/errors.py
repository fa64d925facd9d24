"""Whether a PyTorch module can be asked as it stands, and why it failed where it did."""

from __future__ import annotations

import re

import torch

from cilens.errors import InputError, ModelError
from cilens.models.metadata import show
from cilens.models.torch.archive import trains

_ABOUT_SHAPES = re.compile(r"shape|size|channel|dimension|must match", re.IGNORECASE)


def check_mode(module: torch.nn.Module) -> None:
    """Raise where a module, or a part of it, is in training mode.

    Raises
    ------
    InputError
        With the call that changes it.

    Examples
    --------
    >>> check_mode(torch.nn.Dropout().eval())
    """
    if isinstance(module, torch.fx.GraphModule):
        if any(trains(module, node) for node in module.graph.nodes):
            raise InputError("the program is in training mode: export it after module.eval()")
    # Frozen TorchScript has no mode any more.
    elif any(getattr(part, "training", False) for part in module.modules()):
        raise InputError("the module is in training mode: call module.eval() first")


def find_device(name: str) -> torch.device:
    """Return a device that can be used here.

    Raises
    ------
    InputError
        With PyTorch's reason, where it cannot.

    Examples
    --------
    >>> find_device("cpu")
    device(type='cpu')
    """
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"device {name!r} cannot be used here: {reason}") from error


def check_device(module: torch.nn.Module, device: str) -> None:
    """Raise unless all of a module is on a device.

    Raises
    ------
    InputError
        With the call that brings it there.

    Examples
    --------
    >>> check_device(torch.nn.Linear(2, 2), "cpu")
    """
    wanted = find_device(device)
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.device != wanted:
            came = f"on device={device!r}; it is on {str(tensor.device)!r}"
            raise InputError(f"the module must be {came}: call module.to({device!r}) first")


def failed(module: torch.nn.Module, images: torch.Tensor, error: RuntimeError) -> ModelError:
    """Return the error for a module that fails on images, with what to do.

    Parameters
    ----------
    module : torch.nn.Module
        What failed.
    images : (rows, …) tensor
        What it was asked about.
    error : RuntimeError
        What PyTorch raised.

    Returns
    -------
    ModelError
        To be raised by the caller.

    Examples
    --------
    >>> error = RuntimeError("size mismatch")
    >>> print(failed(torch.nn.Flatten(), torch.zeros(2, 3, 8, 8), error))
    the module fails on images of shape (2, 3, 8, 8), float32: size mismatch: state a preprocess \
whose size, channels and layout are what it takes
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    script = bool(lines) and lines[0].startswith("The following operation failed")
    said = lines[-1 if script else 0] if lines else type(error).__name__
    kind = _short(images.dtype)
    kinds = {tensor.dtype for tensor in module.parameters() if tensor.is_floating_point()}
    way = ""
    if kinds and images.dtype not in kinds:
        came = " and ".join(sorted(map(_short, kinds)))
        numpys = [_short(one) for one in kinds if one != torch.bfloat16]
        state = f", or state dtype={numpys[0]} in its preprocess" if len(numpys) == 1 else ""
        call = {"float32": ".float()", "float64": ".double()"}.get(kind, f".to(torch.{kind})")
        way = f"; its weights are {came}: call module{call} first{state}"
    elif _ABOUT_SHAPES.search(said):
        way = ": state a preprocess whose size, channels and layout are what it takes"
    return ModelError(
        f"the module fails on images of shape {show(images.shape)}, {kind}: {said}{way}"
    )


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
