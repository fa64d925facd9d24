"""What `cilens explain` prints of an image."""

from __future__ import annotations

from pathlib import Path

from rich.text import Text

from cilens.cli import console, output
from cilens.cli.output import Finding
from cilens.explanation import Explanation
from cilens.parts import unparse
from cilens.perturbation import Constant
from cilens.table import audit_table, minimal_lines, objects_lines, regions_table, sentence
from cilens.text.names import score_words, short_name
from cilens.types import Perturbation
from cilens.text import about, because, because_not

_FEW = 10
"""With more classes than these, the first line leaves too much open: the five best are listed."""


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
    if len(explanation.scores) > _FEW:
        terminal.print(Text(f"Top 5: {_top(explanation)}", style="dim"))
    if found.objects is not None:
        for line in objects_lines(explanation, found.objects):
            terminal.print(Text(line))
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
        names += ", .objects.png" if found.objects is not None else ""
        names += ", .minimal.png" if found.minimal is not None else ""
        terminal.print(Text(f"Written: {figure}, {names}"), soft_wrap=True)
    terminal.print()


def _top(explanation: Explanation) -> str:
    """Write the five highest scores."""
    return " · ".join(
        f"{short_name(explanation.class_name(index))} "
        f"{score_words(explanation, float(explanation.scores[index]), index)}"
        for index in output.best(explanation)
    )


def _fill(perturbation: Perturbation) -> str:
    """Write a fill as the option has it; black is said, though it is the default."""
    black = isinstance(perturbation, Constant) and perturbation == Constant()
    return "constant:value=0" if black else unparse(perturbation)
