"""What `cilens explain` prints of an image."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from cilens.cli import console, output
from cilens.cli.output import Finding
from cilens.parts import unparse
from cilens.perturbation import Constant
from cilens.table import audit_table, minimal_lines, regions_table, sentence
from cilens.types import Perturbation
from cilens.words import about, because, because_not


def finding(found: Finding, out: Path | None) -> None:
    """Print the head, one line of plain words, the table, and what was written."""
    explanation, check = found.explanation, found.check
    height, width, channels = explanation.image.shape
    terminal = console.output()
    head = Text(found.source, style="bold")
    head.append(
        f"  {found.model}, {height} x {width} x {channels}, "
        f"{explanation.model_rows} model rows in {found.seconds:.2f} s",
        style="not bold dim",
    )
    terminal.print(head, soft_wrap=True)
    terminal.print(Text(found.words or sentence(explanation, check)))
    if found.contrast is not None and found.words is None:
        against = found.contrast
        topic = about(explanation, against.target, against.foil, check.threshold, found.kind)
        terminal.print(Text(f"{because(topic)} {because_not(topic)}"))
    if found.minimal is not None and found.redundancy is not None:
        for line in minimal_lines(explanation, found.minimal, found.redundancy):
            terminal.print(Text(line))
        rows = found.minimal.model_rows + found.redundancy.model_rows
        terminal.print(Text(f"{rows} further model rows", style="dim"))
    terminal.print(regions_table(explanation, check.target, check.threshold))
    if found.audited is not None:
        terminal.print()
        terminal.print(audit_table(explanation, found.audited, _fill(found.audited.fill)))
    if out is not None:
        figure, *others = output.paths(out, found.source)
        names = ", ".join(path.suffix for path in others)
        names += ", .against.png" if found.contrast is not None else ""
        names += ", .minimal.png" if found.minimal is not None else ""
        terminal.print(Text(f"Written: {figure}, {names}"), soft_wrap=True)
    terminal.print()


def _fill(perturbation: Perturbation) -> str:
    """Write a fill as the option has it; black is said, though it is the default."""
    black = isinstance(perturbation, Constant) and perturbation == Constant()
    return "constant:value=0" if black else unparse(perturbation)
