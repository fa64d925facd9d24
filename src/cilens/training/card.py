"""What a shipped network says of itself: in its ONNX metadata, and in the model card beside it."""

from __future__ import annotations

import hashlib
import json
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from cilens.errors import FileError
from cilens.files import whole_file
from cilens.models.metadata import CLASS_NAMES_KEY, PREPROCESS_KEY
from cilens.models.preprocess.record import Preprocess

Json: TypeAlias = "str | int | float | Sequence[Json] | Mapping[str, Json] | None"
"""What a model card is made of."""


@dataclass(frozen=True)
class Description:
    """What is true of a network whatever the figures of one training run.

    Attributes
    ----------
    preprocess : Preprocess
        How an image becomes the network's input.
    class_names : tuple of str
        One for each column of the scores.
    license : str
        The terms under which the weights may be used.
    source : str
        Where the weights come from.
    """

    preprocess: Preprocess
    class_names: tuple[str, ...]
    license: str
    source: str

    def metadata(self) -> dict[str, str]:
        """Return what the ONNX file carries: all of it, as text."""
        return {
            PREPROCESS_KEY: self.preprocess.to_json(),
            CLASS_NAMES_KEY: json.dumps(self.class_names),
            "cilens.license": self.license,
            "cilens.source": self.source,
        }


def write_model(
    path: str | Path, model: bytes, description: Description, card: Mapping[str, Json]
) -> dict[str, Json]:
    """Write a model file and, beside it, its card: each whole or not at all.

    Parameters
    ----------
    path : str or Path
        The model file; its directory is made where it is missing. The card takes its name, with
        the suffix ``.json``.
    model : bytes
        The ONNX file.
    description : Description
        Goes into the card, the class names aside: those are in the file.
    card : mapping
        What else the card says: data, figures, settings.

    Returns
    -------
    dict
        The whole card, with the size and SHA-256 of the file and the versions that made it.

    Raises
    ------
    FileError
        Where the files cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from cilens.models.preprocess.record import Preprocess
    >>> from cilens.training.card import Description, write_model
    >>> coin = Description(Preprocess((8, 8), 1), ("heads", "tails"), "MIT", "an example")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     card = write_model(f"{folder}/coin.onnx", b"...", coin, {"accuracy": 0.5})
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['coin.json', 'coin.onnx']
    >>> card["classes"], card["accuracy"], card["file"]["bytes"]
    (2, 0.5, 3)
    """
    path = Path(path)
    whole: dict[str, Json] = {
        "name": path.stem,
        "source": description.source,
        "license": description.license,
        **card,
        "preprocess": json.loads(description.preprocess.to_json()),
        "classes": len(description.class_names),
        "file": {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()},
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("numpy", "onnx", "onnxruntime", "torch")},
        },
    }
    with whole_file(path) as model_draft, whole_file(path.with_suffix(".json")) as card_draft:
        model_draft.write_bytes(model)
        card_draft.write_text(_rows(whole) + "\n", encoding="utf-8")
    return whole


def check_writable(directory: str | Path) -> None:
    """Make a directory where it is missing, and raise at once where no file can be written there.

    Called before a training of minutes, not after it.

    Parameters
    ----------
    directory : str or Path
        Where files are to go.

    Raises
    ------
    FileError
        Where they cannot.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_writable(f"{folder}/new")
    ...     Path(folder, "new").is_dir()
    True
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise FileError(f"{directory} cannot be written to: {error.strerror or error}") from error


def _rows(card: Mapping[str, Json]) -> str:
    """Return JSON with one entry a line, and one line for each row of a matrix."""
    lines = []
    for key, value in card.items():
        inner = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list) and value and isinstance(value[0], list):
            inner = "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
        lines.append(f" {json.dumps(key)}: {inner}")
    return "{\n" + ",\n".join(lines) + "\n}"
