"""What `cilens explain` prints of an image."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.text import Text

from cilens.cli import console
from cilens.findings import write
from cilens.findings.finding import Finding
from cilens.findings.record import best
from cilens.parts import unparse
from cilens.perturbation import Constant
from cilens.printable import printable
from cilens.table import audit_table, regions_table
from cilens.text import (
    Topic,
    because,
    because_not,
    minimal_lines,
    objects_lines,
    order_line,
    sentence,
)
from cilens.types import Perturbation

_FEW = 10
"""With more classes than these, the first line leaves too much open: the five best are listed."""


def finding(found: Finding, out: Path | None) -> None:
    """Print the head, one line of plain words, the table, and what was written."""
    explanation, topic = found.explanation, found.topic
    height, width, channels = explanation.image.shape
    terminal = console.output()
    head = Text(printable(found.source), style="bold")
    head.append(
        f"  {printable(found.model)}, {height} x {width} x {channels}, "
        f"{explanation.model_rows} model rows in {found.seconds:.2f} s",
        style="not bold dim",
    )
    terminal.print(head, soft_wrap=True)
    terminal.print(Text(found.words or sentence(topic)))
    if len(explanation.scores) > _FEW:
        terminal.print(Text(f"Top 5: {_top(topic)}", style="dim"))
    if found.objects is not None:
        for line in objects_lines(topic, found.objects):
            terminal.print(Text(line))
    if found.contrast is not None and found.words is None:
        terminal.print(Text(f"{because(topic)} {because_not(topic)}"))
    if found.minimal is not None and found.redundancy is not None:
        for line in minimal_lines(topic, found.minimal, found.redundancy):
            terminal.print(Text(line))
        rows = found.minimal.model_rows + found.redundancy.model_rows
        terminal.print(Text(f"{rows} further model rows", style="dim"))
    terminal.print(regions_table(topic))
    if line := order_line(topic):
        terminal.print(Text(line, style="dim"))
    if found.audited is not None:
        terminal.print()
        terminal.print(audit_table(topic, found.audited, _perturbation(found.audited.perturbation)))
    if out is not None:
        figure, *_ = write.paths(out, found.source)
        names = ", ".join(write.SUFFIXES[1:])
        names += ", .against.png" if found.contrast is not None else ""
        names += ", .objects.png" if found.objects is not None else ""
        names += ", .minimal.png" if found.minimal is not None else ""
        names += ", .animation.gif" if found.inserted is not None else ""
        terminal.print(Text(f"Written: {figure}, {names}"), soft_wrap=True)
    terminal.print()


def lines(told: Iterable[str]) -> None:
    """Print lines, the first of them in bold."""
    terminal = console.output()
    for number, line in enumerate(told):
        terminal.print(Text(printable(line), style="" if number else "bold"))


def _top(topic: Topic) -> str:
    """Write the five highest scores."""
    return " · ".join(
        f"{topic.label(index)} {topic.own_score(index)}" for index in best(topic.explanation)
    )


def _perturbation(perturbation: Perturbation) -> str:
    """Write a fill as the option has it; black is said, though it is the default."""
    black = isinstance(perturbation, Constant) and perturbation == Constant()
    return "constant:value=0" if black else unparse(perturbation)
