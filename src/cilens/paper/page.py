"""``report.html``: one page, complete in itself, for a person who reads it from top to bottom."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from cilens.errors import FileError
from cilens.paper.claims import CLAIMS
from cilens.text.numbers import round_percent


def page(document: Mapping[str, Any], figures: Path) -> str:
    """Render the page.

    Parameters
    ----------
    document : mapping
        What ``results.json`` holds.
    figures : path
        Where the figures are; they become part of the page.

    Returns
    -------
    str
        HTML that needs no other file and no network.

    Raises
    ------
    FileError
        If a figure cannot be read.
    """
    found = {check["id"]: check for claim in document["claims"] for check in claim["checks"]}
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("cilens.paper", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number, threshold=threshold, spread=spread, thousands=thousands, plain=plain
    )
    return environment.get_template("page.html.j2").render(
        document,
        found=found,
        counts=counts(document["claims"]),
        unmeasured=unmeasured(document["claims"]),
        headlines={claim.id: found[claim.headline] for claim in CLAIMS if claim.headline},
        picture=lambda name: _picture(figures / f"{name}.png"),
    )


def counts(claims: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count claims by what came of them; one with a check that was not measured stands apart.

    Examples
    --------
    >>> checks = [{"verdict": "holds"}, {"verdict": "not measured"}]
    >>> whole, part = ({"verdict": "holds", "checks": some} for some in (checks[:1], checks))
    >>> [number for number in counts([whole, whole, part]).values() if number]
    [2, 1]
    """
    found = dict.fromkeys(("holds", "in part", "fails", "reported", "not measured"), 0)
    for claim in claims:
        part = any(check["verdict"] == "not measured" for check in claim["checks"])
        found["in part" if part and claim["verdict"] == "holds" else claim["verdict"]] += 1
    return found


def unmeasured(claims: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Tell what was not measured: by its reason, how many checks of which claims.

    Examples
    --------
    >>> check = {"verdict": "not measured", "note": "needs more"}
    >>> unmeasured([{"id": "P7", "checks": [check, check, {"verdict": "holds"}]}])
    {'needs more': {'P7': 2}}
    """
    found: dict[str, dict[str, int]] = {}
    for claim in claims:
        for check in claim["checks"]:
            if check["verdict"] == "not measured":
                reason = found.setdefault(check["note"], {})
                reason[claim["id"]] = reason.get(claim["id"], 0) + 1
    return found


def number(
    value: float | None, unit: str = "share", bound: Mapping[str, float] | None = None
) -> str:
    """Write a number by its unit, with as many digits as it takes to stay on its side of a bound.

    Examples
    --------
    >>> number(0.9873), number(3.0, "count"), number(2.4e-16, "error"), number(0.0, "error")
    ('98.7 %', '3', '2 × 10⁻¹⁶', '0')
    >>> number(0.73641, "number"), number(1.0), number(0.99996), number(None)
    ('0.736', '100 %', '99.996 %', '–')
    >>> number(0.79997, bound={"at least": 0.8}), number(0.6999, "number", {"at least": 0.7})
    ('79.997 %', '0.6999')
    """
    if value is None:
        return "–"
    if unit == "count":
        return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    if unit == "error":
        return _size(value)
    scale, ending, first = (100, " %", 1) if unit == "share" else (1, "", 3)
    marks = [0.0, 1.0, *(bound or {}).values()]
    for decimals in range(first, first + 6):
        shown = round(scale * value, decimals) / scale
        if all((shown < mark, shown > mark) == (value < mark, value > mark) for mark in marks):
            break
    else:
        decimals = first
    text = f"{scale * value:.{0 if value in (0.0, 1.0) and unit == 'share' else decimals}f}"
    return f"{text}{ending}".replace("-", "−")


def spread(interval: list[float] | None, unit: str = "share") -> str:
    """Write a 95 % interval, or nothing where there is none.

    Examples
    --------
    >>> spread([0.95, 0.974]), spread([0.1234, 0.2], "number"), spread(None)
    ('95.0 – 97.4 %', '0.123 – 0.200', '')
    """
    if interval is None:
        return ""
    low, high = interval
    if unit == "share":
        return f"{100 * low:.1f} – {100 * high:.1f} %"
    return f"{number(low, unit)} – {number(high, unit)}"


def threshold(bound: Mapping[str, float] | None, unit: str = "share") -> str:
    """Write a threshold.

    Examples
    --------
    >>> threshold({"at least": 0.98}), threshold({"at most": 0}, "count"), threshold(None)
    ('at least 98 %', '0', '')
    """
    if bound is None:
        return ""
    ((relation, value),) = bound.items()
    if value == 0 and relation == "at most":
        return "exactly 0" if unit == "error" else "0"
    if unit == "share":
        return f"{relation} {round_percent(value)}"
    if unit == "number" and value == 1e-9:
        return "above 0"
    if unit == "error":
        return f"{relation} {_size(value)}"
    return f"{relation} {value:g}"


def thousands(count: float) -> str:
    """Write a whole number, and nothing for none.

    Examples
    --------
    >>> thousands(9385), thousands(0)
    ('9,385', '')
    """
    return f"{count:,.0f}" if count else ""


def plain(text: str) -> str:
    """Turn a name such as "salt-and-pepper" into words.

    Examples
    --------
    >>> plain("salt-and-pepper")
    'salt and pepper'
    """
    return text.replace("-", " ")


def _size(value: float) -> str:
    """Write an error by its order of magnitude."""
    if value == 0:
        return "0"
    digits, _, power = f"{value:.0e}".partition("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}"


def _picture(path: Path) -> str:
    """Return a figure as an address that holds it."""
    try:
        pixels = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    return f"data:image/png;base64,{base64.b64encode(pixels).decode()}"
