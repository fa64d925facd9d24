"""A model from a name or a file: the suffix says which adapter opens it.

Importing this loads no framework.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple, cast

from cilens.errors import CilensWarning, FileError, InputError, unknown
from cilens.models.inputs import check_constants
from cilens.models.isolate.limits import Limits, limits_of
from cilens.models.names import check_names, read_names_file
from cilens.models.onnx.runtime import check_runtime
from cilens.models.preprocess.record import Preprocess
from cilens.models.shipped import SHIPPED, shipped_path
from cilens.models.sidecar import Stated, read_stated, stated_path
from cilens.settings import checked
from cilens.types import ImageModel


class _Way(NamedTuple):
    """What opens a file, and what can be stated of it beside what can be of every file."""

    adapter: str
    takes: tuple[str, ...] = ()


_TORCH = _Way("cilens.models.torch.model:load_torch")
_ADAPTERS = {
    ".onnx": _Way("cilens.models.onnx.model:OnnxModel", ("inputs", "runtime", "timeout")),
    ".keras": _Way("cilens.models.keras.model:load_keras", ("inputs",)),
    ".tflite": _Way("cilens.models.litert.model:LiteRtModel", ("inputs", "limits")),
    ".pt2": _TORCH,
    ".ts": _TORCH,
    ".pt": _TORCH,
    ".safetensors": _Way("cilens.models.torch.weights:load_weights", ("factory",)),
}
_OF_TORCH = ("torch", "onnx", "openvino")
_RUNTIMES = {".onnx": ("onnx", "openvino")} | dict.fromkeys(
    (".pt2", ".ts", ".pt", ".safetensors"), _OF_TORCH
)
"""What can compute the networks of which files, their own framework first."""

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

_REFUSED = {
    "factory": "factory is for .safetensors files; {path} holds its own network",
    "inputs": "inputs is for files that name their inputs (.onnx, .keras, .tflite), and {path} "
    "does not: wrap the module in one that takes the images alone, and pass cilens.TorchModel",
    "timeout": "timeout is kept for .onnx and .tflite files, and with isolate=True (--isolate) "
    "for every file; {path} is neither",
}
"""What is said where a file does not take what is stated."""

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
        Whether to open and ask the model in a separate process, with limits of memory, time and
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
    if isinstance(class_names, str | Path):
        names = read_names_file(class_names)
    else:
        names = check_names(() if class_names is None else class_names)
    path = model_path(source, trust=trust)
    stated = read_stated(path)
    constants = check_constants(stated.inputs if inputs is None else inputs)
    options = {"factory": factory, "inputs": constants or None, "timeout": timeout}
    options["runtime"] = runtime
    options = {name: value for name, value in options.items() if value is not None}
    open_file = _opener(path, options, limits_of(isolate, timeout), trust=trust, apart=isolate)
    try:
        model = open_file(
            path,
            preprocess=preprocess or stated.preprocess,
            class_names=names or stated.class_names,
            output=output or stated.output,
            activation=activation or stated.activation or "none",
            **options,
        )
    except InputError as error:
        if stated == Stated():
            raise
        raise InputError(f"{error} ({stated_path(path)} is read too)") from error
    if runtime is not None and "runtime" not in options:
        model = replace(cast("Any", model), runtime=runtime)
    told = None if inputs is None else constants
    given = {"preprocess": preprocess, "activation": activation, "output": output, "inputs": told}
    _give_range(model, path, stated, given)
    return model


def model_path(source: str | Path, *, trust: bool = True) -> str:
    """Return the file of a network that comes with cilens, or the path given.

    Examples
    --------
    >>> Path(model_path("digits")).name
    'digits.onnx'
    """
    source = str(source)
    if is_shipped(source):
        return str(shipped_path(source))
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
        return source
    if suffix:
        listed, way = ", ".join(_ADAPTERS), _WAYS.get(suffix, "")
        raise InputError(f"a model file must end in one of {listed}; got {source!r}{way}")
    shipped = [model.name for model in SHIPPED]
    raise unknown("model", source, [*shipped, *(f"FILE{suffix}" for suffix in _ADAPTERS)])


def is_shipped(source: str | Path) -> bool:
    """Say whether a name is that of a network that comes with cilens.

    Examples
    --------
    >>> is_shipped("digits"), is_shipped("digits.onnx")
    (True, False)
    """
    return str(source) in {model.name for model in SHIPPED}


def _opener(
    path: str, options: dict[str, Any], limits: Limits, *, trust: bool, apart: bool | Limits
) -> Callable[..., ImageModel]:
    """Return what opens a file with these options, which are those that it takes afterwards."""
    suffix = Path(path).suffix.lower()
    adapter, takes = _ADAPTERS[suffix]
    if "runtime" in options:
        check_runtime(str(options["runtime"]), _RUNTIMES.get(suffix, ()), f"a {suffix} file")
        if suffix != ".onnx" and not apart:
            del options["runtime"]  # a module's is stated once it is there
    if apart and "limits" not in takes:
        adapter, takes = "cilens.models.isolate.model:IsolatedModel", (*takes, "limits")
        options["trust"] = trust
    if "limits" in takes:
        options.pop("timeout", None)
        options["limits"] = limits
    elif "timeout" in takes:
        options["timeout"] = limits.timeout
    for name, refusal in _REFUSED.items():
        if name in options and name not in takes:
            raise InputError(refusal.format(path=path))
    hints = {str(shipped_path(model.name)): model.hint for model in SHIPPED}
    if path in hints:
        options["hint"] = hints[path]
    found: Callable[..., ImageModel] = resolve_name(adapter)
    return found


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
