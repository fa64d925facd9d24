"""What there is: parts, networks and model files, with what is said of each in the code itself."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import get_type_hints

from cilens.docstring import documented
from cilens.errors import MissingDependencyError
from cilens.findings.method import PRESETS
from cilens.models import model_names
from cilens.models.preprocess.fields import write
from cilens.models.preprocess.record import Preprocess
from cilens.models.shipped.groups import imagenet_groups
from cilens.parts import KINDS, describe, part_class
from cilens.parts.options import Description, Option, words

FILES = {
    "FILE.onnx": "ONNX, any opset that ONNX Runtime runs",
    "FILE.keras": "Keras 3, read in safe mode",
    "FILE.tflite": "TFLite, run by LiteRT, quantised or not",
    "FILE.pt2": "PyTorch, saved by torch.export.save; a program: needs --trust",
    "FILE.ts": "PyTorch, saved as TorchScript; a program: needs --trust",
    "FILE.pt": "PyTorch, saved as TorchScript; a program: needs --trust",
    "FILE.safetensors": "weights, for the PyTorch module that --factory makes",
}
"""The model files that `--model` takes, by their suffixes."""


def described(kind: str) -> list[Description]:
    """Describe all parts of a kind; of methods, what `--method` takes beside them comes first."""
    presets = PRESETS.items() if kind == "method" else ()
    found = [Description(name, told, ()) for name, told in presets]
    for name in KINDS[kind]:
        try:
            found.append(describe(part_class(kind, name)))
        except MissingDependencyError as error:
            found.append(Description(name, f"Not installed: {error}", ()))
    return found


def preprocess_options() -> tuple[Option, ...]:
    """Describe what `--preprocess` takes: the fields of `cilens.Preprocess`."""
    told, hints = documented(Preprocess), get_type_hints(Preprocess)
    return tuple(
        Option(
            field.name,
            _choices(told[field.name].type) or _SIZES.get(field.name) or words(hints[field.name]),
            _DEFAULTS.get(field.name) or write(field.default),
            told[field.name].text,
        )
        for field in fields(Preprocess)
    )


_DEFAULTS = {"order": "RGB"}
"""What holds where a field is None."""

_SIZES = {"size": "HEIGHTxWIDTH or any", "resize": "PIXELS, HEIGHTxWIDTH or any"}


def _choices(written: str) -> str:
    """Return the choices of a type as docstrings write it: ``{"exact", "crop"}``."""
    inside = written.partition("}")[0]
    return " or ".join(re.findall(r"\w+", inside)) if written.startswith("{") else ""


def models_record() -> list[dict[str, object]]:
    """Return what the JSON says of shipped networks, and of the model files that are read."""
    told = [option._asdict() for option in preprocess_options()]
    shipped = [
        asdict(model)
        | {"options": [], "groups": list(imagenet_groups()) if model.name == "imagenet" else []}
        for model in model_names()
    ]
    return shipped + [{"name": name, "what": what, "options": told} for name, what in FILES.items()]


def part_record(part: Description) -> dict[str, object]:
    """Return what the JSON says of a part."""
    return {**part._asdict(), "options": [option._asdict() for option in part.options]}
