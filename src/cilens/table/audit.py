"""An audit as a block of a few lines, and as a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from cilens.text.audit import (
    audit_warning,
    completeness,
    cost,
    edges_verdict,
    random_verdict,
    scored,
    stability,
    verdict,
)
from cilens.text.topic import Topic

if TYPE_CHECKING:
    from cilens.followup.audit import Again, Audited, Flipped


def audit_table(topic: Topic, audited: Audited, perturbation: str | None = None) -> Table:
    """Lay out an audit for the terminal: a verdict, and eight lines where 80 signs have room.

    Parameters
    ----------
    topic : Topic
        The topic of the class that was audited.
    audited : Audited
        What `cilens.followup.audit.judge.Audit` found out about it.
    perturbation : str, optional
        How to call it; by default as Python would print it.

    Returns
    -------
    rich.table.Table
        To be printed by a `rich.console.Console`.
    """
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    head = f"{'SRG':>6}{'deletion':>10}{'insertion':>11}"
    table.add_row(Text("Audit", "bold"), Text(verdict(topic, audited), "bold"))
    table.add_row("", Text(f"{head}  SRG: insertion less deletion, best high", "dim"))
    chance = f"chance alone comes as far as {audited.chance:.2f}"
    table.add_row("this", _flipped(audited.own, chance))
    table.add_row("edges", _judged(audited.edges, edges_verdict(topic, audited)))
    table.add_row("random", _judged(audited.random, random_verdict(topic, audited)))
    table.add_row("sum", Text(completeness(audited)))
    table.add_row("hidden", _hidden(topic, audited))
    table.add_row("stability", Text(stability(audited.again)))
    table.add_row("asked", Text(cost(audited, perturbation or repr(audited.perturbation)), "dim"))
    return table


def audit_record(topic: Topic, audited: Audited) -> dict[str, object]:
    """Return an audit, ready for JSON.

    Parameters
    ----------
    topic : Topic
        The topic of the class that was audited.
    audited : Audited
        What `cilens.followup.audit.judge.Audit` found out about it.

    Returns
    -------
    dict
        "verdict", in words; "perturbation", "steps", "output_range"; "own", "edges" and "random",
        each with "srg", "lif" and "mif"; "chance"; "verdicts" beside edges and chance, in words;
        "completeness"; "hidden"; "stability"; "warning", in words or empty; "judge_rows" and
        "model_rows".
    """
    hidden = audited.hidden
    beside = {
        "edges": edges_verdict(topic, audited),
        "random": random_verdict(topic, audited),
    }
    return {
        "verdict": verdict(topic, audited),
        "perturbation": repr(audited.perturbation),
        "steps": audited.steps,
        "output_range": list(audited.output_range),
        "own": audited.own._asdict(),
        "edges": audited.edges._asdict(),
        "random": audited.random._asdict(),
        "chance": audited.chance,
        "verdicts": beside,
        "completeness": {
            "influences": audited.influences,
            "difference": audited.difference,
            "gap": audited.gap,
        },
        "hidden": hidden._asdict(),
        "stability": {again.change: _again(again) for again in audited.again},
        "warning": audit_warning(topic, audited),
        "judge_rows": audited.judge_rows,
        "model_rows": audited.model_rows,
    }


def _flipped(found: Flipped, words: str, style: str = "") -> Text:
    numbers = f"{_number(found.srg):>6}{_number(found.mif):>10}{_number(found.lif):>11}"
    return Text.assemble((numbers, "bold"), "  ", (words, style))


def _judged(found: Flipped, beside: str) -> Text:
    return _flipped(found, beside, "green" if beside.startswith("better") else "yellow")


def _number(value: float) -> str:
    text = f"{value:.3f}" if abs(value) < 100 else f"{value:.0f}"
    return text.replace("-0.000", "0.000").replace("-", "−")


def _hidden(topic: Topic, audited: Audited) -> Text:
    hidden = audited.hidden
    if not hidden.probabilities:
        return Text("does not apply: the scores are no probabilities")
    warning = audit_warning(topic, audited)
    if warning:
        return Text.assemble(("Warning: ", "bold yellow"), warning)
    blank = f"blank: {scored(topic, hidden.blank_predicted, hidden.blank_score)}"
    if hidden.unrelated is None or hidden.share is None:
        return Text(blank)
    most = scored(topic, hidden.unrelated, hidden.share)
    return Text(f"no unrelated class above {most}; {blank}")


def _again(one: Again) -> dict[str, object]:
    return {name: value for name, value in one._asdict().items() if name != "change"}
