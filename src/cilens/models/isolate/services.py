"""What a child opens for its parent: a model as `load_model` gives it, or what a file says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from cilens.errors import CilensWarning
from cilens.models.inputs import check_constants
from cilens.models.inspect.description import Said, describe
from cilens.models.isolate.wire import Arrays, Served
from cilens.models.load import load_model
from cilens.models.preprocess.record import Preprocess
from cilens.types import Array


def serve_model(request: Mapping[str, Any]) -> Served:
    """Open a model as `cilens.load_model` does."""
    stated = dict(request)
    text = stated.pop("preprocess")
    preprocess = None if text is None else Preprocess.from_json(text)
    stated["inputs"] = dict(stated["inputs"])
    opened: Any = load_model(stated.pop("source"), preprocess=preprocess, **stated)
    texts = {
        "preprocess": opened.preprocess.to_json(),
        "class_names": opened.class_names,
        "output": opened.output,
        "computed_by": opened.computed_by,
    }

    def ask(_: str, arrays: Arrays) -> Array:
        with warnings.catch_warnings():  # nobody would see one: another runtime than was stated
            warnings.simplefilter("error", CilensWarning)
            answer: Array = np.asarray(opened(arrays["images"]))
        return answer

    return Served(texts, ask)


def serve_description(request: Mapping[str, Any]) -> Served:
    """Open a model file and say what it says of itself."""
    found = describe(request["path"], check_constants(request["constants"]))
    texts = {name: getattr(found, name) for name in Said._fields}
    return Served(texts, lambda output, arrays: found.ask(output, arrays["images"]))
