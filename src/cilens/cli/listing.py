"""What the lists print: names, options, defaults and help, read from the parts themselves."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import get_type_hints

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cilens.cli import console
from cilens.cli.terminal import Terminal
from cilens.errors import MissingDependencyError
from cilens.findings.method import PRESETS
from cilens.models import model_names
from cilens.models.preprocess.fields import write
from cilens.models.preprocess.record import Preprocess
from cilens.models.shipped.groups import imagenet_groups
from cilens.parts import KINDS, describe, part_class
from cilens.parts.options import Description, Option, documented, words

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


def parts(kind: str, *, as_json: bool) -> None:
    """Print the parts of a kind."""
    found = described(kind)
    if as_json:
        console.print_json([_record(part) for part in found])
        return
    terminal = console.output()
    for part in found:
        _print_part(terminal, part)
    terminal.print(Text(f"Options follow a colon, as in {_EXAMPLES[kind]}", style="dim"))


_EXAMPLES = {
    "segmenter": "--segmenter slic:n_segments=50,compactness=10",
    "perturbation": "--perturbation constant:value=0.5/0.5/0.5",
    "method": "--method occlusion:size=6,stride=3",
    "metric": "--metric flipping:perturbation=blur:sigma=3,steps=10",
}


def models(*, as_json: bool) -> None:
    """Print the networks that come with cilens, and what can be said of a model file."""
    options = preprocess_options()
    if as_json:
        told = [option._asdict() for option in options]
        shipped = [
            asdict(model) | {"options": [], "groups": _groups(model.name)}
            for model in model_names()
        ]
        files = [{"name": name, "what": what, "options": told} for name, what in FILES.items()]
        console.print_json(shipped + files)
        return
    terminal = console.output()
    table = Table.grid(padding=(0, 2))
    for model in model_names():
        size = f"{model.size[0]} x {model.size[1]} x {model.channels}"
        what = f"{model.what} ({size}, {model.classes:,} classes)"
        table.add_row(Text(model.name, style="bold cyan"), what)
    for name, what in FILES.items():
        table.add_row(Text(name, style="bold cyan"), what)
    terminal.print(table)
    terminal.print()
    listed = ", ".join(_groups("imagenet"))
    named = f" of the imagenet network – {listed}."
    terminal.print(Text.assemble(("--group", "bold cyan"), named))
    terminal.print()
    what = "What a file's network wants its input to be, where the file does not say so."
    _print_part(terminal, Description("--preprocess", what, options))
    example = "--preprocess size=224x224,scale=255,mean=123/116/104,layout=NHWC"
    terminal.print(Text(f"As in {example}", style="dim"))


def _groups(model: str) -> list[str]:
    """Return the groups of classes that come with a network."""
    return list(imagenet_groups()) if model == "imagenet" else []


def _print_part(terminal: Terminal, part: Description) -> None:
    terminal.print(Text.assemble((part.name, "bold cyan"), " – ", _plain(part.summary)))
    options = Table.grid(padding=(0, 2))
    for option in part.options:
        default = "…" if option.default is None else option.default
        takes = "" if option.takes in _PLAIN_TYPES else option.takes
        options.add_row(
            Text(f"{option.name}={default}", style="cyan"),
            Text.assemble(_plain(option.help), (f" ({takes})" if takes else "", "dim")),
        )
    if part.options:
        terminal.print(Padding(options, (0, 0, 0, 2)))
    terminal.print()


_PLAIN_TYPES = ("a number", "a whole number", "text", "a path")
"""What the default already shows."""


def _plain(text: str) -> str:
    """Take the marks of reStructuredText out."""
    return re.sub(r"`+|\*(?=\w)|(?<=\w)\*", "", text)


def _record(part: Description) -> dict[str, object]:
    return {**part._asdict(), "options": [option._asdict() for option in part.options]}
