"""An audit as a block of a few lines, and as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cilens.explanation import Explanation
from cilens.text.names import percent, short_name
from cilens.text.numbers import plain

if TYPE_CHECKING:
    from cilens.followup.audit import Again, Audited, Flipped


def audit_table(explanation: Explanation, audited: Audited, fill: str | None = None) -> Table:
    """Lay out an audit for the terminal: eight lines where 80 signs have room.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    audited : Audited
        What `cilens.followup.audit.judge.Audit` found out about it.
    fill : str, optional
        How to call the fill; by default as Python would print it.

    Returns
    -------
    rich.table.Table
        To be printed by a `rich.console.Console`.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    head = f"{'SRG':>6}{'deletion':>10}{'insertion':>11}"
    table.add_row(
        Text("Audit", "bold"), Text(f"{head}  SRG: insertion less deletion, best high", "dim")
    )
    chance = f"chance alone comes as far as {audited.chance:.2f}"
    table.add_row("this", _flipped(audited.own, chance))
    table.add_row("edges", _judged(audited.edges, edges_verdict(audited)))
    table.add_row("random", _judged(audited.random, random_verdict(audited)))
    table.add_row("sum", Text(_sum(audited)))
    table.add_row("hidden", _hidden(explanation, audited))
    table.add_row("stability", Text(_stability(audited.again)))
    table.add_row("asked", Text(_asked(audited, fill), "dim"))
    return table


def edges_verdict(audited: Audited) -> str:
    """Say whether an explanation is better than an edge detector, and by how much.

    Examples
    --------
    >>> import numpy as np
    >>> from cilens import ContextualImportance, Grid
    >>> from cilens.followup.audit import Audit
    >>> corner = lambda images: images[:, -1, -1]  # a model that looks at one pixel
    >>> explanation = ContextualImportance(Grid(3, 3))(corner, np.ones((6, 6, 1)))
    >>> edges_verdict(Audit(steps=9)(corner, explanation))
    'better than an edge detector by 0.89'
    """
    return _verdict(audited.over_edges, "an edge detector")


def random_verdict(audited: Audited) -> str:
    """Say whether an explanation is better than chance, and by how much."""
    return _verdict(audited.over_random, "random")


def audit_record(explanation: Explanation, audited: Audited) -> dict[str, object]:
    """Return an audit, ready for JSON.

    Parameters
    ----------
    explanation : Explanation
        Of one image.
    audited : Audited
        What `cilens.followup.audit.judge.Audit` found out about it.

    Returns
    -------
    dict
        "fill", "steps", "output_range"; "own", "edges" and "random", each with "srg", "lif" and
        "mif"; "chance"; "verdicts", in words; "completeness"; "hidden"; "stability"; "warning",
        in words or empty; "judge_rows" and "model_rows".
    """
    hidden = audited.hidden
    return {
        "fill": repr(audited.fill),
        "steps": audited.steps,
        "output_range": list(audited.output_range),
        "own": audited.own._asdict(),
        "edges": audited.edges._asdict(),
        "random": audited.random._asdict(),
        "chance": audited.chance,
        "verdicts": {"edges": edges_verdict(audited), "random": random_verdict(audited)},
        "completeness": {
            "influences": audited.influences,
            "difference": audited.difference,
            "gap": audited.gap,
        },
        "hidden": hidden._asdict(),
        "stability": {again.change: _again(again) for again in audited.again},
        "warning": audit_warning(explanation, audited),
        "judge_rows": audited.judge_rows,
        "model_rows": audited.model_rows,
    }


def _verdict(over: float | None, control: str) -> str:
    if over is None:
        return f"cannot be told from {control}"
    return f"{'better' if over > 0 else 'worse'} than {control} by {abs(over):.2f}"


def _flipped(found: Flipped, words: str, style: str = "") -> Text:
    numbers = f"{_number(found.srg):>6}{_number(found.mif):>10}{_number(found.lif):>11}"
    return Text.assemble((numbers, "bold"), "  ", (words, style))


def _judged(found: Flipped, verdict: str) -> Text:
    return _flipped(found, verdict, "green" if verdict.startswith("better") else "yellow")


def _number(value: float) -> str:
    text = f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-0.000", "0.000").replace("-", "−")


def _sum(audited: Audited) -> str:
    change = "loses" if audited.difference >= 0 else "gains"
    blank = f"the blank image {change} {percent(abs(audited.difference))}"
    if audited.influences is None or audited.gap is None:
        return f"regions overlap, and have no sum to hold against it; {blank}"
    gap = percent(audited.gap, signed=True)
    return f"regions add up to {percent(audited.influences)}, {blank}: gap {gap}"


def _hidden(explanation: Explanation, audited: Audited) -> Text:
    hidden = audited.hidden
    if not hidden.probabilities:
        return Text("does not apply: the scores are no probabilities")
    warning = audit_warning(explanation, audited)
    if warning:
        return Text.assemble(("Warning: ", "bold yellow"), warning)
    blank = f"blank: {_scored(explanation, hidden.blank_predicted, hidden.blank_score)}"
    if hidden.unrelated is None or hidden.share is None:
        return Text(blank)
    most = _scored(explanation, hidden.unrelated, hidden.share)
    return Text(f"no unrelated class above {most}; {blank}")


def audit_warning(explanation: Explanation, audited: Audited) -> str:
    """Say what hidden images are taken for, where that is a class with nothing to do there.

    Returns
    -------
    str
        Empty where there is nothing to warn of.
    """
    hidden, found = audited.hidden, []
    if hidden.unrelated is not None and hidden.share is not None and hidden.warns_unrelated:
        most = _scored(explanation, hidden.unrelated, hidden.share)
        found.append(f"half-hidden images are mostly {most}, which is unrelated")
    if hidden.warns_blank:
        blank = _scored(explanation, hidden.blank_predicted, hidden.blank_score)
        found.append(f"the blank image is {blank}")
    if not found:
        return ""
    same = hidden.warns_blank and hidden.blank_predicted == audited.target
    proof = "keeping the class proves little" if same else "a loss may come of hiding itself"
    return f"{', and '.join(found)}: {proof}"


def _scored(explanation: Explanation, index: int, score: float) -> str:
    return f"{short_name(explanation.class_name(index), 24)} ({percent(score)})"


def _stability(again: tuple[Again, ...]) -> str:
    if not again:
        return "not asked: it takes the method"
    ranks = ", ".join(f"{_rank(one.rank_correlation)} ({one.change})" for one in again)
    changes = [one.max_difference for one in again if one.max_difference is not None]
    most = f"; change up to {percent(max(changes))}" if changes else ""
    return f"rank correlation {ranks}{most}"


def _rank(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}".replace("-", "−")


def _again(one: Again) -> dict[str, object]:
    return {name: value for name, value in one._asdict().items() if name != "change"}


def _asked(audited: Audited, fill: str | None) -> str:
    low, high = (plain(bound) for bound in audited.output_range)
    again = f", {audited.model_rows - audited.judge_rows} for stability" if audited.again else ""
    return (
        f"{audited.steps} steps, fill {fill or repr(audited.fill)}, output range {low} … {high}; "
        f"{audited.model_rows} more model rows{again}"
    )
