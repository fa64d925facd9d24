"""`cilens inspect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cilens.cli.console import note, output, print_json
from cilens.cli.options import Json
from cilens.findings.request import InspectRequest, Option

if TYPE_CHECKING:
    from cilens.findings.inspect import Inspection
    from cilens.models.inspect.guess import Guess

HELP = """Show what a model file says, what follows from it, and what has to be stated.

Nothing is guessed: what is not known is asked for by name. With --image, the network is asked, \
and its outputs tell whether they are probabilities. What is stated once, with --preprocess, is \
kept in FILE.cilens.toml beside the file, and used from then on."""

_SHORT = 60
"""Signs of a text in the metadata that are shown."""

Save = Annotated[bool, Option("Write FILE.cilens.toml beside the file.")]


def inspect(request: InspectRequest, *, save: Save = False, json: Json = False) -> None:
    from cilens.findings.inspect import inspect_model, inspection_record, save_inspection

    found, saved = inspect_model(request), None
    if save or request.stated.preprocess is not None:
        saved, dropped = save_inspection(found)
        if dropped:
            note("The output range was measured otherwise and is dropped: calibrate anew.")
    if json:
        print_json(inspection_record(found, saved))
        return
    _print(found)
    terminal = output()
    if saved is not None:
        terminal.line(f"Written: {saved}", soft_wrap=True)
    if found.works:
        if saved is not None:
            terminal.line(f"From now on: {found.short_command}", soft_wrap=True)
        terminal.line((found.command, "bold"), soft_wrap=True)
    if found.guess is not None:
        terminal.line((_asked(found.guess), "bold"), soft_wrap=True)


def _print(inspection: Inspection) -> None:
    """Print what the file has, what is known, and what is not."""
    from cilens.models.metadata import show

    found, terminal = inspection.found, output()
    terminal.line((inspection.request.model, "bold"), soft_wrap=True)
    tensors = {"input": found.inputs, "output": found.outputs}
    rows = [
        ((kind, "dim"), (one.name, "cyan"), f"{show(one.shape)} {one.dtype}")
        for kind, several in tensors.items()
        for one in several
    ]
    for key, text in found.metadata.items():
        short = text if len(text) <= _SHORT else f"{text[:_SHORT]} …"
        rows.append((("metadata", "dim"), (key, "cyan"), short))
    terminal.grid(rows)
    terminal.print()
    _print_known(inspection)
    if found.kind is not None:
        terminal.line((f"It puts out {found.kind.what}: {found.kind.way}.", "yellow"))
        terminal.print()
    for caution in found.cautions:
        terminal.line((f"Caution: {caution}", "yellow"))
    if found.unknown:
        terminal.line(("Not known, and not guessed:", "bold"))
        terminal.grid(((f"  {key}", "cyan"), told) for key, told in found.asked.items())
        if "activation" in found.unknown and not found.looks:
            terminal.line("With --image IMAGE the outputs tell whether they are probabilities.")
        terminal.print()


def _print_known(inspection: Inspection) -> None:
    """Print what is known, where from, and how the outputs look."""
    from cilens.text.names import shortened

    found, terminal = inspection.found, output()
    names = found.class_names
    told = f"{len(names)}: {', '.join(map(shortened, names[:3]))}{', …' if len(names) > 3 else ''}"
    rows = [((key, "cyan"), one.value, (one.source, "dim")) for key, one in found.known.items()]
    terminal.grid([*rows, (("class names", "cyan"), told if names else "none", ("", ""))])
    if found.looks and inspection.lacking:
        span = found.described.span
        pixels = "0 … 1 and 0 … 255" if span is None else f"{span[0]:.3g} … {span[1]:.3g}"
        terminal.line(f"Asked with plain pixels, {pixels}: enough to tell what it puts out.")
    for name, seen in found.looks.items():
        numbers = ""
        if seen.low is not None and seen.high is not None and seen.sums is not None:
            least, most = seen.sums
            numbers = f", {seen.low:.3g} … {seen.high:.3g}, sums {least:.4g} … {most:.4g}"
        terminal.line(f"output {name!r}: {seen.what} ({seen.rows} rows{numbers})")
    terminal.print()


def _asked(saw: Guess) -> str:
    """Ask a person whether the network is asked as it should be: nothing else can tell."""
    from cilens.text.numbers import percent

    sure = saw.activation != "none" or 0 <= saw.score <= 1
    told = percent(saw.score) if sure else f"{saw.score:.4g}"
    first = f"With {saw.activation}: " if saw.proposed and saw.activation != "none" else ""
    return f"{first}{saw.name}, {told}: does that look right?"
