"""A model from a name or a file: the suffix says which adapter opens it.

Importing this loads no framework.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cilens.errors import FileError, InputError, unknown
from cilens.models.isolate.limits import Limits, limits_of
from cilens.models.metadata import check_names, read_names_file
from cilens.models.preprocess.record import Preprocess
from cilens.models.shipped import SHIPPED, shipped_path
from cilens.models.sidecar import Stated, read_stated, stated_path
from cilens.types import ImageModel

_ADAPTERS = {
    ".onnx": "cilens.models.onnx.model:OnnxModel",
    ".keras": "cilens.models.keras.model:load_keras",
    ".tflite": "cilens.models.litert.model:LiteRtModel",
    ".pt2": "cilens.models.torch.model:load_torch",
    ".ts": "cilens.models.torch.model:load_torch",
    ".pt": "cilens.models.torch.model:load_torch",
    ".safetensors": "cilens.models.torch.weights:load_weights",
}
_H5 = (
    ": Keras' old format can hold Python code, and Keras before 3.11.3 runs it even in safe mode; "
    "load it in Keras yourself and save it as .keras, or pass cilens.KerasModel(model, preprocess)"
)
_WAYS = {
    ".h5": _H5,
    ".hdf5": _H5,
    ".pb": ": convert it to ONNX",
}
"""What to do with files of other kinds."""

_PICKLES = (".pkl", ".pickle", ".joblib", ".pth", ".ckpt")


class _Adapter(Protocol):
    def __call__(
        self,
        path: str,
        *,
        preprocess: Preprocess | None,
        class_names: tuple[str, ...],
        output: str | None,
        activation: str,
    ) -> ImageModel: ...


def load_model(
    source: str | Path,
    *,
    preprocess: Preprocess | None = None,
    class_names: Sequence[str] | str | Path | None = None,
    output: str | None = None,
    activation: str | None = None,
    factory: str | None = None,
    isolate: bool | Limits = False,
    timeout: float | None = None,
) -> ImageModel:
    """Load a network that comes with cilens, or one from a file.

    Parameters
    ----------
    source : str or path
        ``"digits"``, ``"imagenet"``, or a file: ``.onnx`` (ONNX), ``.keras`` (Keras 3), ``.tflite``
        (LiteRT), ``.pt2`` (`torch.export`), ``.ts`` or ``.pt`` (TorchScript), ``.safetensors``
        (weights, with a `factory`). Pickles are refused: reading one runs code from it.
    preprocess : Preprocess, optional
        What the network wants its input to be; by default what ``NAME.cilens.toml`` beside the
        file states, or the file's metadata under ``cilens.preprocess``.
    class_names : sequence of str, or path, optional
        One name for each class, or a text file with one name a line; by default those of the
        toml, or of the file's metadata under ``cilens.class_names``, or none.
    output : str, optional
        Which output holds the scores, where a file has several; by default the toml's.
    activation : {"none", "softmax", "sigmoid"}, optional
        What to apply to the output; ``"none"`` where the network does so itself. By default the
        toml's, or ``"none"``.
    factory : str, optional
        For a ``.safetensors`` file: ``"package.module:function"``, a function of yours that takes
        nothing and returns the PyTorch module the weights belong to. It is imported and called,
        which runs its code.
    isolate : bool or Limits
        Whether to open and ask the model in a process of its own, with limits of memory, time and
        files: for a file that you have no reason to trust. A ``.tflite`` file always is.
    timeout : float, optional
        Seconds that opening the file may take, and each question: 300 where nothing is stated.
        For ``.onnx`` and ``.tflite`` files, and for every model with `isolate`.

    Returns
    -------
    ImageModel
        An `OnnxModel`, `KerasModel`, `LiteRtModel` or `TorchModel`, or an `IsolatedModel`.

    Raises
    ------
    InputError
        If there is no such name or suffix, or the file and what is stated do not agree.
    FileError
        If a file cannot be read, is not what its suffix says, or wants more than the limits.
    MissingDependencyError
        If the framework is not installed.

    Examples
    --------
    >>> model = load_model("digits")
    >>> model.class_names
    ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    """
    if class_names is None:
        names: tuple[str, ...] = ()
    elif isinstance(class_names, str | Path):
        names = read_names_file(class_names)
    else:
        names = check_names(class_names)
    adapter, path = _find(str(source))
    if factory is not None:
        adapter = _with_factory(adapter, path, factory)
    adapter = _limited(adapter, str(source), isolate, timeout)
    stated = read_stated(path)
    try:
        return adapter(
            path,
            preprocess=preprocess or stated.preprocess,
            class_names=names or stated.class_names,
            output=output or stated.output,
            activation=activation or stated.activation or "none",
        )
    except InputError as error:
        if stated == Stated():
            raise
        raise InputError(f"{error} ({stated_path(path)} is read too)") from error


def model_path(source: str | Path) -> str:
    """Return the file of a network that comes with cilens, or the path given.

    Examples
    --------
    >>> Path(model_path("digits")).name
    'digits.onnx'
    """
    return _find(str(source))[1]


def is_shipped(source: str | Path) -> bool:
    """Say whether a name is that of a network that comes with cilens.

    Examples
    --------
    >>> is_shipped("digits"), is_shipped("digits.onnx")
    (True, False)
    """
    return str(source) in {model.name for model in SHIPPED}


def _limited(
    adapter: _Adapter, source: str, isolate: bool | Limits, timeout: float | None
) -> _Adapter:
    """Return what opens a file, told how much it may take."""
    limits, suffix = limits_of(isolate, timeout), Path(model_path(source)).suffix.lower()
    if suffix == ".tflite":
        return cast("_Adapter", partial(adapter, limits=limits))  # type: ignore[call-arg]
    if isolate:
        from cilens.models.isolate.model import IsolatedModel

        known = adapter.keywords if isinstance(adapter, partial) else {}
        return cast("_Adapter", partial(IsolatedModel, **known, limits=limits))
    if suffix == ".onnx":
        return cast("_Adapter", partial(adapter, timeout=limits.timeout))  # type: ignore[call-arg]
    if timeout is not None:
        raise InputError(
            f"timeout is kept for .onnx and .tflite files, and with isolate=True (--isolate) for "
            f"every file; {source} is neither"
        )
    return adapter


def _with_factory(adapter: _Adapter, path: str, factory: str) -> _Adapter:
    """Return what opens a file of weights, told what makes the network."""
    if Path(path).suffix.lower() != ".safetensors":
        raise InputError(f"factory is for .safetensors files; {path} holds its own network")
    return cast("_Adapter", partial(adapter, factory=factory))  # type: ignore[call-arg]


def _find(source: str) -> tuple[_Adapter, str]:
    """Return what opens a model, and the path it opens."""
    shipped = {model.name: model for model in SHIPPED}
    if source in shipped:
        from cilens.models.onnx.model import OnnxModel

        path = shipped_path(source)
        return partial(OnnxModel, hint=shipped[source].hint), str(path)
    suffix = Path(source).suffix.lower()
    if suffix in _PICKLES:
        raise FileError(
            f"{source} is a pickle by its suffix, and reading one runs code from it: cilens never "
            "does. Where you trust it, load it yourself and pass cilens.TorchModel(module, "
            "preprocess); or export it with torch.export.save (.pt2) or as ONNX"
        )
    if suffix in _ADAPTERS:
        module, name = _ADAPTERS[suffix].split(":")
        return cast("_Adapter", getattr(import_module(module), name)), source
    if suffix:
        listed, way = ", ".join(_ADAPTERS), _WAYS.get(suffix, "")
        raise InputError(f"a model file must end in one of {listed}; got {source!r}{way}")
    raise unknown("model", source, [*shipped, *(f"FILE{suffix}" for suffix in _ADAPTERS)])
