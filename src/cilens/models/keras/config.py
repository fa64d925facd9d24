"""What a .keras file has, looked over before Keras makes anything of it. Keras is not needed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cilens.errors import FileError, MissingDependencyError

_PUBLIC = re.compile(
    r"keras(?:\.(?:constraints|dtype_policies|initializers|layers|losses|metrics|optimizers"
    r"(?:\.schedules)?|quantizers|random|regularizers))?\Z"
)
"""Keras' public modules whose classes compute."""

_INNER = re.compile(
    r"keras\.src\.(?:applications\.\w+|backend\.\w+\.optimizers\.\w+|models\.functional"
    r"|ops\.(?:core|image|linalg|math|nn|numpy))\Z"
)
"""Modules behind them that stand in files: functional models, and operations on symbols."""

_FUNCTIONS = ("activations", "constraints", "initializers", "losses", "metrics", "regularizers")
_NOT_COMPUTED = frozenset({"Function", "Initializer", "Loss", "Metric", "Operation", "Optimizer"})
_REFUSED: Mapping[str, str] = {
    "__lambda__": "is Python code",
    "AWQConfig": "calls a tokenizer, and reads a data set",
    "FlaxLayer": "is Python code",
    "GPTQConfig": "calls a tokenizer, and reads a data set",
    "IntegerLookup": "reads a file that the model names",
    "JaxLayer": "is Python code",
    "Lambda": "is Python code",
    "StringLookup": "reads a file that the model names",
    "TFSMLayer": "runs a program from another file that the model names",
    "TextVectorization": "reads a file that the model names",
    "TorchModuleWrapper": "is a pickle, which runs code when it is read",
}
"""Public classes that do more than compute."""

_VALUES = frozenset({"__bytes__", "__ellipsis__", "__keras_tensor__", "__slice__"})
_ARRAYS = frozenset({"__numpy__", "__tensor__"})
_NUMBERS = re.compile(r"(?:bfloat16|bool|(?:u?int|float)(?:8|16|32|64))\Z")
_OTHERS = "load it yourself with keras.saving.load_model and pass cilens.KerasModel(model, …)"


_ENTRIES = ("config.json", "metadata.json", "model.weights.h5")
_SAFE_SINCE = (3, 14)
"""Older ones can be made to run code in safe mode too, as in CVE-2025-1550 and CVE-2026-1462."""


def check_safe(version: str) -> None:
    """Raise unless a version of Keras opens files without running code from them.

    Raises
    ------
    MissingDependencyError
        With the version that does.

    Examples
    --------
    >>> check_safe("3.15.1")
    """
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < _SAFE_SINCE:
        needed = ".".join(map(str, _SAFE_SINCE))
        raise MissingDependencyError(
            f"reading a .keras file needs Keras {needed} or later, since older ones can be made "
            f'to run code from it; here is {version}: pip install "keras>={needed}"'
        )


def check_entries(path: str, names: Sequence[str]) -> None:
    """Raise unless a .keras file holds what a network does, and nothing beside it.

    Raises
    ------
    FileError
        If there is something else, which Keras would unpack: a vocabulary, or pickled arrays.

    Examples
    --------
    >>> check_entries("a.keras", ["config.json", "metadata.json", "model.weights.h5"])
    """
    if missing := [name for name in ("config.json", "model.weights.h5") if name not in names]:
        raise FileError(
            f"{path} is not a Keras file, or a damaged one: it lacks {missing[0]}: save it anew "
            "with model.save"
        )
    if beside := [name for name in names if name not in _ENTRIES]:
        raise FileError(
            f"{path} has {beside[0]!r}, which is no part of a network of images: build it without "
            "what needs that, such as a vocabulary, and save it anew"
        )


def check_config(path: str, text: bytes, is_class: Callable[[str, str], bool]) -> dict[str, Any]:
    """Return what a model is made of, all of it Keras' own and made to compute.

    Parameters
    ----------
    path : str
        The file, for the message.
    text : bytes
        Its ``config.json``.
    is_class : callable
        Whether a public module of Keras has a class, or function, of a name.

    Returns
    -------
    dict
        Without what is for training.

    Raises
    ------
    FileError
        If it names anything else, with its name and what it would do.

    Examples
    --------
    >>> text = b'{"module": "keras.layers", "class_name": "Lambda", "config": {}}'
    >>> check_config("a.keras", text, lambda module, name: True)
    Traceback (most recent call last):
    cilens.errors.FileError: a.keras has 'Lambda', which is Python code, and a file is never ...
    """
    config = json.loads(text)
    if not isinstance(config, dict):
        raise FileError(f"{path} is damaged: its config.json must be an object")
    made = {key: value for key, value in config.items() if key != "compile_config"}
    for one in _objects(made):
        name, module = one["class_name"], one.get("module")
        if not isinstance(name, str) or not isinstance(module, str | None):
            raise FileError(f"{path} is damaged: a class in its config.json has no name")
        if reason := _REFUSED.get(name):
            raise FileError(
                f"{path} has {name!r}, which {reason}, and a file is never given that much: build "
                f"it with other layers and save it anew; or, where you trust it, {_OTHERS}"
            )
        if not _is_known(one, name, module, is_class):
            raise FileError(
                f"{path} has {_named(one, name)!a}, which is not Keras' own part of a network: "
                f"import what defines it, {_OTHERS}"
            )
    clean: dict[str, Any] = _without_training(made)
    return clean


def _without_training(value: Any) -> Any:  # noqa: ANN401
    """Return a config without how its models are trained."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key != "compile_config"}
        return {key: _without_training(one) for key, one in kept.items()}
    return [_without_training(one) for one in value] if isinstance(value, list) else value


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Give all that Keras would make something of, wherever it stands."""
    if isinstance(value, dict):
        if "class_name" in value:
            yield value
        for one in value.values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in value:
            yield from _objects(one)


def _is_known(
    one: Mapping[str, Any], name: str, module: str | None, is_class: Callable[[str, str], bool]
) -> bool:
    """Say whether an object is one that Keras has, and that only computes."""
    if name in _VALUES:
        return True
    if name in _ARRAYS:
        return bool(_NUMBERS.match(str(one.get("config", {}).get("dtype"))))
    if module is None or one.get("registered_name") not in (None, _named(one, name)):
        return False
    if name == "function":
        called = _named(one, name)
        homes = _FUNCTIONS if module == "builtins" else (module.rpartition(".")[2],)
        return module.rpartition(".")[0] in ("", "keras") and any(
            home in _FUNCTIONS and is_class(f"keras.{home}", called) for home in homes
        )
    if _INNER.match(module):
        return name.isidentifier() and name not in _NOT_COMPUTED
    return bool(_PUBLIC.match(module)) and is_class(module, name)


def _named(one: Mapping[str, Any], name: str) -> str:
    """Return an object's name: of a function it stands beside the class."""
    return str(one.get("config")) if name == "function" else name
