"""`cilens inspect`: from the options to what is printed and saved."""

from __future__ import annotations

import shlex
from dataclasses import asdict, replace
from pathlib import Path

from rich.table import Table
from rich.text import Text

from cilens.cli import console
from cilens.cli.inspect import Inspecting
from cilens.errors import InputError
from cilens.findings.request import ModelOptions
from cilens.models import is_shipped, load_model, model_path
from cilens.models.inspect.guess import Guess, activation_to_try, guess
from cilens.models.inspect.report import Inspected, Known, inspect_file
from cilens.models.inspect.trial import ask
from cilens.models.metadata import Tensor, show
from cilens.models.names import read_names_file
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import check_activation
from cilens.models.sidecar import Stated, read_stated, write_stated
from cilens.printable import printable
from cilens.scoring.statement import head_of
from cilens.text.names import shortened
from cilens.text.numbers import percent
from cilens.types import ImageModel

_SHORT = 60
"""Signs of a text in the metadata that are shown."""


def run(wishes: Inspecting) -> None:
    """Inspect, save where asked to, and print."""
    if wishes.stated.allow_noise:
        raise InputError("inspect says whether answers are noisy: leave out --allow-noise")
    path = model_path(wishes.model)
    if wishes.stated.activation is not None:
        check_activation(wishes.stated.activation)
    given = {"activation": wishes.stated.activation, "output": wishes.stated.output_name}
    found = inspect_file(
        path,
        {k: v for k, v in given.items() if v is not None},
        wishes.stated.preprocess or "",
        wishes.stated.constants(),
        isolate=wishes.stated.isolate,
        timeout=wishes.stated.timeout,
    )
    if wishes.stated.class_names is not None:
        found = found._replace(class_names=read_names_file(wishes.stated.class_names))
    image = None
    if wishes.image is not None:
        channels = wishes.reading.channels
        known = found.known["channels"].value if "channels" in found.known else ""
        if channels is None and known in ("1", "3"):
            channels = int(known)
        image = replace(wishes.reading, channels=channels).read(wishes.image)
        found = ask(found, image, wishes.stated.batch_size)
    model, saw = _load(found, wishes.stated), None
    if model is not None and (head := head_of(model)) is not None:
        grid = Known(head.where, "the scores confirm it: --look inside")
        found = found._replace(known={**found.known, "last grid": grid})
    if model is not None and image is not None and _works(found) and found.finite:
        saw = guess(found, model, image)
    saved = None
    if wishes.save or wishes.stated.preprocess is not None:
        saved = _save(wishes, found)
    if wishes.json:
        guessed = None if saw is None else asdict(saw)
        console.print_json(_record(wishes, found, saved) | {"guess": guessed})
    else:
        _print(wishes, found, saved)
        if saw is not None:
            _print_guess(saw)


def _lacking(found: Inspected) -> list[str]:
    """Return what must be known before the network can be asked."""
    return [key for key in found.unknown if key != "activation"]


def _load(found: Inspected, stated: ModelOptions) -> ImageModel | None:
    """Make the model of what is known, where that is enough; raise where it does not fit."""
    if _lacking(found):
        return None
    return load_model(
        found.path,
        preprocess=Preprocess.parse(found.preprocess),
        class_names=found.class_names or None,
        output=found.known["output"].value,
        activation=activation_to_try(found),
        inputs=dict(found.constants),
        isolate=stated.isolate,
        timeout=stated.timeout,
    )


def _save(wishes: Inspecting, found: Inspected) -> Path:
    if is_shipped(wishes.model):
        raise InputError(f"{wishes.model} comes with cilens, and states all there is to state")
    if lacking := _lacking(found):
        told = "; ".join(f"{key}: {found.asked[key]}" for key in lacking)
        raise InputError(f"nothing is saved before this is stated too: {told}")
    before = read_stated(found.path)
    known = found.known
    several = len(found.outputs) > 1
    stated = Stated(
        preprocess=Preprocess.parse(found.preprocess),
        activation=known["activation"].value if "activation" in known else None,
        output=known["output"].value if several else None,
        class_names=found.class_names,
        inputs=found.constants,
    )
    same = stated == replace(before, class_names=stated.class_names, output_range=None)
    if wishes.stated.output_range is not None:
        stated = replace(stated, output_range=wishes.stated.output_range)
    elif before.output_range is not None:
        if same:
            stated = replace(stated, output_range=before.output_range)
        else:
            console.note("The output range was measured otherwise and is dropped: calibrate anew.")
    return write_stated(found.path, stated)


def _command(wishes: Inspecting, found: Inspected) -> str:
    """Return the line to use; in it, ? stands for what is not known."""
    parts = ["cilens", "explain", wishes.image or "IMAGE", "--model", wishes.model]
    line = " ".join(shlex.quote(part) for part in parts)
    line += f' --preprocess "{found.preprocess}"'
    activation = found.known["activation"].value if "activation" in found.known else "?"
    line += f" --activation {activation}"
    if len(found.outputs) > 1:
        output = found.known["output"].value if "output" in found.known else "?"
        line += f" --output-name {shlex.quote(output) if output != '?' else '?'}"
    return line + "".join(f" --input {shlex.quote(one)}" for one in wishes.stated.input or ())


def _works(found: Inspected) -> bool:
    """Say whether the network can be explained as it is."""
    return found.kind is None or found.kind.explained


def _record(wishes: Inspecting, found: Inspected, saved: Path | None) -> dict[str, object]:
    return {
        "model": wishes.model,
        "inputs": [one._asdict() for one in found.inputs],
        "outputs": [
            one._asdict()
            | {"looks": found.looks[one.name]._asdict() if one.name in found.looks else None}
            for one in found.outputs
        ],
        "metadata": dict(found.metadata),
        "classes": list(found.class_names),
        "known": {key: one._asdict() for key, one in found.known.items()},
        "unknown": dict(found.asked),
        "cautions": list(found.cautions),
        "kind": None if found.kind is None else found.kind._asdict(),
        "preprocess": found.preprocess,
        "command": _command(wishes, found) if _works(found) else None,
        "saved": None if saved is None else str(saved),
    }


def _print(wishes: Inspecting, found: Inspected, saved: Path | None) -> None:
    terminal = console.output()
    terminal.print(Text(printable(wishes.model), style="bold"), soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    for kind, tensors in (("input", found.inputs), ("output", found.outputs)):
        for one in tensors:
            table.add_row(Text(kind, style="dim"), _named(one.name), _shape(one))
    for key, text in found.metadata.items():
        short = text if len(text) <= _SHORT else f"{text[:_SHORT]} …"
        table.add_row(Text("metadata", style="dim"), _named(key), Text(printable(short)))
    terminal.print(table)
    terminal.print()
    _print_known(found)
    if found.kind is not None:
        terminal.print(Text(f"It puts out {found.kind.what}: {found.kind.way}.", style="yellow"))
        terminal.print()
    for caution in found.cautions:
        terminal.print(Text(f"Caution: {caution}", style="yellow"))
    if found.unknown:
        terminal.print(Text("Not known, and not guessed:", style="bold"))
        table = Table.grid(padding=(0, 2))
        for key, told in found.asked.items():
            table.add_row(Text(f"  {key}", style="cyan"), Text(told))
        terminal.print(table)
        if "activation" in found.unknown and not found.looks:
            terminal.print("With --image IMAGE the outputs tell whether they are probabilities.")
        terminal.print()
    if saved is not None:
        terminal.print(Text(f"Written: {saved}"), soft_wrap=True)
    if not _works(found):
        return
    if saved is not None:
        short = shlex.join(["cilens", "explain", wishes.image or "IMAGE", "--model", wishes.model])
        terminal.print(Text(f"From now on: {short}"), soft_wrap=True)
    terminal.print(Text(_command(wishes, found), style="bold"), soft_wrap=True)


def _print_guess(saw: Guess) -> None:
    """Ask a person whether the network is asked as it should be: nothing else can tell."""
    sure = saw.activation != "none" or 0 <= saw.score <= 1
    told = percent(saw.score) if sure else f"{saw.score:.4g}"
    first = f"With {saw.activation}: " if saw.proposed and saw.activation != "none" else ""
    line = f"{first}{printable(saw.name)}, {told}: does that look right?"
    console.output().print(Text(line, style="bold"), soft_wrap=True)


def _print_known(found: Inspected) -> None:
    terminal = console.output()
    table = Table.grid(padding=(0, 2))
    for key, one in found.known.items():
        table.add_row(Text(key, style="cyan"), Text(one.value), Text(one.source, style="dim"))
    names = tuple(map(printable, found.class_names))
    told = f"{len(names)}: {', '.join(map(shortened, names[:3]))}{', …' if len(names) > 3 else ''}"
    table.add_row(Text("class names", style="cyan"), Text(told if names else "none"), "")
    terminal.print(table)
    if found.looks and _lacking(found):
        pixels = "0 … 1 and 0 … 255"
        if (span := found.described.span) is not None:
            pixels = f"{span[0]:.3g} … {span[1]:.3g}"
        terminal.print(f"Asked with plain pixels, {pixels}: enough to tell what it puts out.")
    for name, seen in found.looks.items():
        numbers = ""
        if seen.low is not None and seen.high is not None and seen.sums is not None:
            least, most = seen.sums
            numbers = f", {seen.low:.3g} … {seen.high:.3g}, sums {least:.4g} … {most:.4g}"
        terminal.print(Text(f"output {name!r}: {seen.what} ({seen.rows} rows{numbers})"))
    terminal.print()


def _named(name: str) -> Text:
    return Text(printable(name), style="cyan")


def _shape(one: Tensor) -> Text:
    return Text(printable(f"{show(one.shape)} {one.dtype}"))
