"""What the paper says, what is measured of it, and from where on it holds: ``pages/claims.toml``.

The steps measure (`cilens.paper.measure`); there stands what their numbers are held against.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any, Literal, NamedTuple, TypeAlias

from cilens.paper.verdicts import Bound

Unit: TypeAlias = Literal["share", "count", "error", "number"]
"""How a number is written: as a percentage, whole, by its size, with three decimals."""


class Check(NamedTuple):
    """One number that is measured of a claim.

    Attributes
    ----------
    id : str
        The claim, a dot, and a word: the key of the number that a step measures.
    what : str
        What is measured.
    unit : {"share", "count", "error", "number"}
        How it is written.
    bound : Bound or None
        From where on the claim holds; None where the number is reported and decides nothing.
    """

    id: str
    what: str
    unit: Unit
    bound: Bound | None


class Claim(NamedTuple):
    """A claim or a piece of the paper.

    Attributes
    ----------
    id : str
        P1 to P20.
    title : str
        In a few words.
    says : str
        What the paper says or does, in a sentence.
    checks : tuple of Check
        What is measured of it, in the order in which it is told.
    figures : tuple of str
        The figures that stand beside it.
    headline : str or None
        The check whose number stands in the overview.
    """

    id: str
    title: str
    says: str
    checks: tuple[Check, ...]
    figures: tuple[str, ...]
    headline: str | None


def _read(name: str, told: dict[str, Any]) -> Claim:
    checks = tuple(
        Check(f"{name}.{word}", what, unit, Bound(*bound) if bound else None)
        for word, (what, unit, *bound) in told["checks"].items()
    )
    headline = f"{name}.{told['headline']}" if "headline" in told else None
    figures = tuple(told.get("figures", ()))
    return Claim(name, told["title"], told["says"], checks, figures, headline)


_TABLE = tomllib.loads(
    (resources.files("cilens.paper") / "pages" / "claims.toml").read_text("utf-8")
)

CLAIMS = tuple(_read(name, told) for name, told in _TABLE.items())
"""P1 to P20."""
