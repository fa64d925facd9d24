"""A model from a name or a file: the suffix says which adapter opens it.

Importing this loads no framework.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from cilens.errors import CilensWarning, FileError, InputError, unknown
from cilens.models.inputs import Constants, check_constants
from cilens.models.isolate.limits import Limits, limits_of
from cilens.models.names import check_names, read_names_file
from cilens.models.preprocess.record import Preprocess
from cilens.models.runtime import check_runtime
from cilens.models.shipped import SHIPPED, shipped_path
from cilens.models.sidecar import Stated, read_stated, stated_path
from cilens.settings import checked
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

_PROGRAMS = (".pt2", ".ts", ".pt")
"""Suffixes of files that PyTorch runs: what they do is only as good as who made them."""

_TORCH = ("torch", "onnx", "openvino")
_RUNTIMES = {".onnx": ("onnx", "openvino"), **dict.fromkeys((*_PROGRAMS, ".safetensors"), _TORCH)}
"""What can compute the networks of which files, their own framework first."""

_SEVERAL = (".onnx", ".keras", ".tflite")
"""Files whose inputs have names, so that constants can be stated for them."""

_PICKLES = (".pkl", ".pickle", ".joblib", ".pth", ".ckpt")
_MODULE = (
    "cilens.TorchModel(module, preprocess); or export it as ONNX, or save its weights as "
    ".safetensors"
)
_CLASSIFIER = (
    "cilens.SklearnModel(classifier, shape, scale) for a classifier of scikit-learn, or "
    "cilens.TorchModel(module, preprocess) for a module of PyTorch"
)
_WRAPPERS = {
    ".joblib": _CLASSIFIER.partition(" for")[0],
    ".pkl": _CLASSIFIER,
    ".pickle": _CLASSIFIER,
}
"""What wraps that which a pickle mostly holds."""


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
    class_names: Sequence[str] | Mapping[int, str] | str | Path | None = None,
    output: str | None = None,
    activation: str | None = None,
    factory: str | None = None,
    inputs: Mapping[str, object] | None = None,
    trust: bool = False,
    runtime: str | None = None,
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
        What the network wants its input to be; by default what ``FILE.cilens.toml`` beside the
        file states, or the file's metadata under ``cilens.preprocess``.
    class_names : sequence of str, mapping of int to str, or path, optional
        One name for each class, or a file of names, as lines, CSV, JSON, YAML or a Python dict;
        names that carry an index are read by it. By default those of the toml, or of the file's
        metadata under ``cilens.class_names``, or none.
    output : str, optional
        Which output holds the scores, where a file has several; by default the toml's.
    activation : {"none", "softmax", "sigmoid"}, optional
        What to apply to the output; ``"none"`` where the network does so itself. By default the
        toml's, or ``"none"``.
    factory : str, optional
        For a ``.safetensors`` file: ``"package.module:function"``, a function of yours that takes
        nothing and returns the PyTorch module the weights belong to. It is imported and called,
        which runs its code.
    inputs : mapping of str to number or array-like, optional
        For a network with several inputs: a constant for each that is not the images, as
        ``{"age": 41}``; by default the toml's.
    trust : bool
        State that a ``.pt2``, ``.ts`` or ``.pt`` file comes from someone whose programs you run.
        PyTorch makes a program of such a file; cilens refuses what it knows to be able to harm,
        which is no promise. Files of the other kinds are data and need no trust.
    runtime : {"onnx", "openvino", "torch"}, optional
        What computes: ONNX Runtime or OpenVINO for ``.onnx`` files, any of the three for PyTorch's;
        by default the file's own framework. Another must give its answers, within 1e-4 or 1e-5 of
        the largest, for images of the first batch; see `OnnxModel` and `TorchModel`.
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
        If a file cannot be read, is not what its suffix says, wants more than the limits, or is a
        program and not trusted.
    MissingDependencyError
        If the framework is not installed.

    Warns
    -----
    CilensWarning
        If an output range is stated beside the file, and something else is given than what it was
        measured with.

    Notes
    -----
    An output range that is stated or was calibrated beside the file is the model's
    ``output_range``.

    Examples
    --------
    >>> model = load_model("digits")
    >>> model.class_names
    ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    """
    checked("source", source, str | Path)
    checked("preprocess", preprocess, Preprocess | None)
    checked("inputs", inputs, Mapping | None)
    texts = {"output": output, "activation": activation, "factory": factory, "runtime": runtime}
    for name, text in texts.items():
        checked(name, text, str | None)
    if class_names is None:
        names: tuple[str, ...] = ()
    elif isinstance(class_names, str | Path):
        names = read_names_file(class_names)
    else:
        names = check_names(class_names)
    adapter, path = _find(str(source), trust)
    if factory is not None:
        adapter = _with_factory(adapter, path, factory)
    if runtime is not None:
        adapter = _with_runtime(adapter, path, runtime)
    limits = limits_of(isolate, timeout)
    if isolate and Path(path).suffix.lower() != ".tflite":
        adapter = _isolated(adapter, limits, trust)
    else:
        adapter = _limited(adapter, path, limits, stated=timeout is not None)
    stated = read_stated(path)
    constants = check_constants(stated.inputs if inputs is None else inputs)
    if constants:
        adapter = _with_constants(adapter, path, constants)
    try:
        model = adapter(
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
    told = None if inputs is None else constants
    given = {"preprocess": preprocess, "activation": activation, "output": output, "inputs": told}
    _give_range(model, path, stated, given)
    return model


def model_path(source: str | Path) -> str:
    """Return the file of a network that comes with cilens, or the path given.

    Examples
    --------
    >>> Path(model_path("digits")).name
    'digits.onnx'
    """
    return _find(str(source), trust=True)[1]


def is_shipped(source: str | Path) -> bool:
    """Say whether a name is that of a network that comes with cilens.

    Examples
    --------
    >>> is_shipped("digits"), is_shipped("digits.onnx")
    (True, False)
    """
    return str(source) in {model.name for model in SHIPPED}


def _isolated(adapter: _Adapter, limits: Limits, trust: bool) -> _Adapter:
    """Return what opens a file in a process of its own, told what the adapter was."""
    from cilens.models.isolate.model import IsolatedModel

    known = adapter.keywords if isinstance(adapter, partial) else {}
    return cast("_Adapter", partial(IsolatedModel, **known, trust=trust, limits=limits))


def _limited(adapter: _Adapter, path: str, limits: Limits, *, stated: bool) -> _Adapter:
    """Return what opens a file here, told how much it may take."""
    suffix = Path(path).suffix.lower()
    if suffix == ".tflite":
        return cast("_Adapter", partial(adapter, limits=limits))  # type: ignore[call-arg]
    if suffix == ".onnx":
        return cast("_Adapter", partial(adapter, timeout=limits.timeout))  # type: ignore[call-arg]
    if stated:
        raise InputError(
            f"timeout is kept for .onnx and .tflite files, and with isolate=True (--isolate) for "
            f"every file; {path} is neither"
        )
    return adapter


def _give_range(model: ImageModel, path: str, stated: Stated, given: Mapping[str, object]) -> None:
    """Let a model have the output range that is stated, where it is asked as it was then."""
    if stated.output_range is None:
        return
    for key, one in given.items():
        measured = getattr(stated, key)
        only = key == "output" and measured is None  # the file has one output
        if one is not None and one != measured and not only:
            warnings.warn(
                f"the output range in {stated_path(path)} was measured with another {key}, and is "
                "not used",
                CilensWarning,
                stacklevel=3,
            )
            return
    object.__setattr__(model, "output_range", stated.output_range)  # new, and nobody else's yet


def _with_factory(adapter: _Adapter, path: str, factory: str) -> _Adapter:
    """Return what opens a file of weights, told what makes the network."""
    if Path(path).suffix.lower() != ".safetensors":
        raise InputError(f"factory is for .safetensors files; {path} holds its own network")
    return cast("_Adapter", partial(adapter, factory=factory))  # type: ignore[call-arg]


def _with_runtime(adapter: _Adapter, path: str, runtime: str) -> _Adapter:
    """Return what opens a file, told what computes."""
    suffix = Path(path).suffix.lower()
    check_runtime(runtime, _RUNTIMES.get(suffix, ()), f"a {suffix} file")
    return cast("_Adapter", partial(adapter, runtime=runtime))  # type: ignore[call-arg]


def _with_constants(adapter: _Adapter, path: str, constants: Constants) -> _Adapter:
    """Return what opens a file, told what to feed its other inputs."""
    if Path(path).suffix.lower() not in _SEVERAL:
        raise InputError(
            f"inputs is for files that name their inputs ({', '.join(_SEVERAL)}), and {path} does "
            "not: wrap the module in one that takes the images alone, and pass cilens.TorchModel"
        )
    return cast("_Adapter", partial(adapter, inputs=constants))  # type: ignore[call-arg]


def _find(source: str, trust: bool) -> tuple[_Adapter, str]:
    """Return what opens a model, and the path it opens, a program where it is trusted."""
    shipped = {model.name: model for model in SHIPPED}
    if source in shipped:
        from cilens.models.onnx.model import OnnxModel

        path = shipped_path(source)
        return partial(OnnxModel, hint=shipped[source].hint), str(path)
    suffix = Path(source).suffix.lower()
    if suffix in _PICKLES:
        raise FileError(
            f"{source} is a pickle by its suffix, and reading one runs code from it: cilens never "
            f"does. Where you trust it, load it yourself and pass {_WRAPPERS.get(suffix, _MODULE)}"
        )
    if suffix in _PROGRAMS and not trust:
        raise FileError(
            f"{source} is a program, which PyTorch runs with your rights: state trust=True "
            "(--trust) where you would run a program of whoever made it. Of others take ONNX "
            "(.onnx), or weights (.safetensors) with a factory of yours, which run no code"
        )
    if suffix in _ADAPTERS:
        module, name = _ADAPTERS[suffix].split(":")
        return cast("_Adapter", getattr(import_module(module), name)), source
    if suffix:
        listed, way = ", ".join(_ADAPTERS), _WAYS.get(suffix, "")
        raise InputError(f"a model file must end in one of {listed}; got {source!r}{way}")
    raise unknown("model", source, [*shipped, *(f"FILE{suffix}" for suffix in _ADAPTERS)])
