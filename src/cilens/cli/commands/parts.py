"""`cilens models`, `segmenters`, `perturbations`, `methods` and `metrics`: what there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cilens.cli.console import output, print_json
from cilens.cli.options import Json

if TYPE_CHECKING:
    from cilens.parts.options import Description, Option

_EXAMPLES = {
    "segmenter": "--segmenter slic:n_segments=50,compactness=10",
    "perturbation": "--perturbation constant:value=0.5/0.5/0.5",
    "method": "--method occlusion:size=6,stride=3",
    "metric": "--metric flipping:perturbation=blur:sigma=3,steps=10",
}
_PLAIN_TYPES = ("a number", "a whole number", "text", "a path")
"""What the default already shows."""


def models(*, json: Json = False) -> None:
    from cilens.findings.catalogue import FILES, models_record, preprocess_options
    from cilens.models import model_names
    from cilens.models.shipped.groups import imagenet_groups
    from cilens.parts.options import Description

    if json:
        print_json(models_record())
        return
    terminal = output()
    shipped = {
        model.name: f"{model.what} ({' x '.join(map(str, (*model.size, model.channels)))}, "
        f"{model.classes:,} classes)"
        for model in model_names()
    }
    terminal.grid(((name, "bold cyan"), what) for name, what in (shipped | FILES).items())
    terminal.print()
    named = f" of the imagenet network – {', '.join(imagenet_groups())}."
    terminal.line(("--group", "bold cyan"), named)
    terminal.print()
    what = "What a file's network wants its input to be, where the file does not say so."
    _print(Description("--preprocess", what, preprocess_options()))
    example = "--preprocess size=224x224,scale=255,mean=123/116/104,layout=NHWC"
    terminal.line((f"As in {example}", "dim"))


def segmenters(*, json: Json = False) -> None:
    _list("segmenter", json=json)


def perturbations(*, json: Json = False) -> None:
    _list("perturbation", json=json)


def methods(*, json: Json = False) -> None:
    _list("method", json=json)


def metrics(*, json: Json = False) -> None:
    _list("metric", json=json)


HELP = {
    models: "List the networks that come with cilens, and what can be said of a model file.",
    segmenters: "List the ways to cut an image into segments, with their options.",
    perturbations: "List what can replace a hidden segment, with the options of each.",
    methods: "List the methods of explaining, with their options.",
    metrics: "List what judges explanations, with the options of each.",
}
"""Each command, and what it says of itself."""


def _list(kind: str, *, json: bool) -> None:
    """Print the parts of a kind."""
    from cilens.findings.catalogue import described, part_record

    found = described(kind)
    if json:
        print_json([part_record(part) for part in found])
        return
    for part in found:
        _print(part)
    output().line((f"Options follow a colon, as in {_EXAMPLES[kind]}", "dim"))


def _print(part: Description) -> None:
    """Print a part: a line, and one for each of its options."""
    terminal = output()
    terminal.line((part.name, "bold cyan"), " – ", _plain(part.summary))
    terminal.grid(map(_row, part.options), indent=2)
    terminal.print()


def _row(option: Option) -> tuple[tuple[str, str], list[str | tuple[str, str]]]:
    default = "…" if option.default is None else option.default
    plain = not option.takes or option.takes in _PLAIN_TYPES
    takes = "" if plain else f" ({option.takes})"
    return (f"{option.name}={default}", "cyan"), [_plain(option.help), (takes, "dim")]


def _plain(text: str) -> str:
    """Take the marks of reStructuredText out."""
    return re.sub(r"`+|\*(?=\w)|(?<=\w)\*", "", text)
