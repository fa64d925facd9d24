"""What is enough for a class and what it needs, on images that were not used to tune the search.

``python benchmarks/highlights.py PHOTOGRAPHS --images 100`` takes every second file of a directory
from the second on (those between were for tuning); ``python benchmarks/highlights.py digits
--images 1000`` takes digits from mnist:3000 on (mnist:5000 to mnist:5099 were for tuning).
``--highlight`` measures the highlight that is reported, and searches for nothing else.
Results go to ``benchmarks/results/``, with 95 % intervals over images: Wilson's for shares, by
bootstrap for means and medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from rich.progress import track

import cilens
from cilens.files import whole_file
from cilens.followup.highlight import HighlightCheck, check_highlight
from cilens.followup.minimal import MinimalSearch, MinimalSets
from cilens.followup.redundancy import Redundancy, RedundancySearch

RESULTS = Path(__file__).parent / "results"
LOSS = 0.01


class Shown(NamedTuple):
    """The highlight that is reported of one image, beside the area of all regions from 1 %."""

    check: HighlightCheck
    every_area: float
    n_regions: int
    nothing_sure: bool


def show(
    model: cilens.OnnxModel, fill: cilens.Constant, sources: Sequence[str]
) -> dict[str, dict[str, float | int]]:
    """Explain each image, and measure the highlights that are reported."""
    shown = []
    for source in track(sources):
        explanation = cilens.explain(model, cilens.read_image(source))
        target = explanation.predicted
        every = explanation.regions[explanation.influence[:, target] >= LOSS].any(axis=0)
        shown.append(
            Shown(
                check_highlight(model, explanation, fill),
                float(every[explanation.segments].mean()),
                len(explanation.regions),
                not explanation.important().any(),
            )
        )
    added = [one for one in shown if one.check.added]
    return {
        "highlight: class kept": share([one.check.predicted == one.check.target for one in shown]),
        "highlight: median area": median([one.check.area for one in shown]),
        "every region from 1 %: median area": median([one.every_area for one in shown]),
        "highlight: its share of that area, median": median(
            [one.check.area / one.every_area for one in shown if one.every_area]
        ),
        "highlight: rows of the check": mean([one.check.model_rows for one in shown]),
        "highlight: needed more than sure regions": share([one.check.added > 0 for one in shown]),
        "regions added, where any were": median([one.check.added for one in added] or [0]),
        "no single region sure": share([one.nothing_sure for one in shown]),
    }


class Seen(NamedTuple):
    """What was found on one image, beside the image's score."""

    source: str
    score: float
    regions: int
    rows: int
    threshold: HighlightCheck
    sets: MinimalSets
    redundancy: Redundancy
    every_pair: Redundancy | None


def find(model: cilens.OnnxModel, fill: cilens.Constant, sources: Sequence[str]) -> list[Seen]:
    """Explain each image and search; all pairs of dispensable regions are asked on every tenth."""
    minimal, redundancy = MinimalSearch(fill, loss=LOSS), RedundancySearch(fill)
    every_pair, found = RedundancySearch(fill, candidates=1000), []
    for place, source in enumerate(track(sources)):
        explanation = cilens.explain(model, cilens.read_image(source))
        found.append(
            Seen(
                source,
                float(explanation.scores.max()),
                len(explanation.regions),
                explanation.model_rows,
                check_highlight(model, explanation, fill),
                minimal(model, explanation),
                redundancy(model, explanation),
                every_pair(model, explanation) if place % 10 == 0 else None,
            )
        )
    return found


def measure(found: Sequence[Seen]) -> dict[str, dict[str, float | int]]:
    """Return each quantity with its interval and the number of images."""
    sets = [one.sets for one in found]
    enough, needed = [one.sufficient for one in sets], [one.necessary for one in sets]
    floors = [one.score - LOSS for one in found]
    plain = [one.threshold for one in found]
    return {
        "explanation rows": mean([one.rows for one in found]),
        "regions": mean([one.regions for one in found]),
        "highlight from 1 %: class kept": share([one.predicted == one.target for one in plain]),
        "highlight from 1 %: score >= p - 0.01": share(
            [one.score >= floor for one, floor in zip(plain, floors, strict=True)]
        ),
        "highlight from 1 %: median area": median([one.area for one in plain]),
        "extra rows": mean([one.model_rows for one in sets]),
        "extra rows, most": {"value": max(one.model_rows for one in sets), "n": len(sets)},
        "sufficient: non-empty": share([one.regions.any() for one in enough]),
        "sufficient: class kept": share(
            [one.predicted == its.target for one, its in zip(enough, sets, strict=True)]
        ),
        "sufficient: score >= p - 0.01": share(
            [one.score >= floor for one, floor in zip(enough, floors, strict=True)]
        ),
        "sufficient: minimal": share([one.minimal for one in enough]),
        "sufficient: median area": median([one.area for one in enough]),
        "sufficient: mean regions": mean([one.regions.sum() for one in enough]),
        "necessary: found, class lost": share([one.regions.any() for one in needed]),
        "necessary: found, of images other than the blank's class": share(
            [one.necessary.regions.any() for one in sets if one.target != one.blank_predicted]
        ),
        "necessary: minimal": share([one.minimal for one in needed]),
        "necessary: median area": median([one.area for one in needed if one.regions.any()]),
        "necessary: mean regions": mean([one.regions.sum() for one in needed if one.holds]),
    } | measure_redundancy(found)


def measure_redundancy(found: Sequence[Seen]) -> dict[str, dict[str, float | int]]:
    """Return what the redundancy flag says, and on every tenth image what it leaves unsaid."""
    whole = [one.every_pair for one in found if one.every_pair is not None]
    part = [one.redundancy for one in found if one.every_pair is not None]
    pairs = zip(part, whole, strict=True)
    return {
        "redundancy: rows": mean([one.redundancy.model_rows for one in found]),
        "redundancy: dispensable regions": mean(
            [one.redundancy.dispensable.mean() for one in found]
        ),
        "redundancy: an image has a pair": share([one.redundancy.redundant.any() for one in found]),
        "redundancy: an image has a pair, all pairs asked": share(
            [one.redundant.any() for one in whole]
        ),
        "redundancy: regions found of those found with all pairs asked": share(
            [a.redundant[region] for a, b in pairs for region in np.flatnonzero(b.redundant)]
        ),
    }


def share(values: Sequence[bool | np.bool_]) -> dict[str, float | int]:
    """Return a share and Wilson's interval."""
    n, z = len(values), 1.959964
    if n == 0:
        return {"value": float("nan"), "low": 0.0, "high": 1.0, "n": 0}
    p = float(np.mean(values))
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + z * z / n) for sign in (-1, 1))
    return {"value": p, "low": float(max(low, 0.0)), "high": float(min(high, 1.0)), "n": n}


def mean(values: Sequence[float]) -> dict[str, float | int]:
    """Return a mean and its bootstrap interval."""
    return _resampled(np.asarray(values, dtype=float), lambda drawn: drawn.mean(axis=-1))


def median(values: Sequence[float]) -> dict[str, float | int]:
    """Return a median and its bootstrap interval."""
    return _resampled(np.asarray(values, dtype=float), lambda drawn: np.median(drawn, axis=-1))


def _resampled(
    values: Float[np.ndarray, " images"],
    of: Callable[[Float[np.ndarray, "*resamples images"]], Float[np.ndarray, "*resamples"]],
) -> dict[str, float | int]:
    drawn = values[np.random.default_rng(0).integers(0, len(values), (2000, len(values)))]
    low, high = np.quantile(of(drawn), [0.025, 0.975])
    return {"value": float(of(values)), "low": float(low), "high": float(high), "n": len(values)}


def main() -> None:
    """Search, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--highlight", action="store_true")
    asked = parser.parse_args()
    if asked.photographs == Path("digits"):
        name, fill = "digits", cilens.Constant(0.0)
        sources = [f"mnist:{index}" for index in range(3000, 3000 + asked.images)]
        images = f"{sources[0]} to {sources[-1]}"
    else:
        name, fill = "photographs", cilens.Constant(0.5)
        files = sorted(asked.photographs.glob("*.jpg"))[1::2]
        places = np.linspace(0, len(files) - 1, min(asked.images, len(files))).astype(int)
        sources = [str(files[place]) for place in places]
        images = f"{len(sources)} of every second file, beginning with number 1"
    model = cilens.load_model(name if name == "digits" else "imagenet")
    if asked.highlight:
        name, measured = f"reported-{name}", show(model, fill, sources)
    else:
        measured = measure(find(model, fill, sources))
    result = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "images": images,
        "method": "the default",
        "measured": measured,
    }
    with whole_file(RESULTS / f"highlights-{name}.json") as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    for quantity, one in measured.items():
        bounds = f"[{one['low']:.3f}, {one['high']:.3f}]" if "low" in one else ""
        print(f"{quantity:60s} {one['value']:8.3f} {bounds}  n = {one['n']}")


if __name__ == "__main__":
    main()
