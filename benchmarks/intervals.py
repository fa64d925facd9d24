"""Whether 95 % margins hold: how often they cover the value from many more contexts.

``python benchmarks/intervals.py digits --images 200`` takes digits from mnist:6000 on;
``python benchmarks/intervals.py PHOTOGRAPHS --images 10`` every second file of a directory. The
value is that of 4,000 rows (2,000 for photographs) with another seed, whose own margin is added in
quadrature. With ``--budget 600``, three cuts, the margin is each pixel's, and the value is the mean
over 14 other cuts. Results go to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from rich.progress import track

import cilens
from cilens.files import whole_file
from cilens.methods import SampledImportance, recommended
from cilens.paper.verdicts import interval
from cilens.types import Image, Model

RESULTS = Path(__file__).parent / "results"
OTHER_CUTS = 14


class Seen(NamedTuple):
    """What was counted on one image: the share covered, sure signs, right ones, and of how many."""

    covered: float
    sure: int
    right: int
    n: int


def pictures(source: Path, images: int) -> Iterator[Image]:
    """Yield the images."""
    if source == Path("digits"):
        yield from (cilens.read_image(f"mnist:{index}") for index in range(6000, 6000 + images))
        return
    files = sorted(source.glob("*.jpg"))[1::2]
    for place in np.linspace(0, len(files) - 1, min(images, len(files))).astype(int):
        yield cilens.read_image(files[place])


def over_contexts(method: SampledImportance, model: Model, image: Image, rows: int) -> Seen:
    """Compare a region's influence with that of many more contexts of the same segments."""
    found = method(model, image)
    truth = replace(method, budget=rows, seed=1)(model, image)
    target = found.predicted
    if found.margin is None or truth.margin is None:
        raise RuntimeError("the method must have margins")
    margins = found.margin[:, target], truth.margin[:, target]
    return seen(found.influence[:, target], truth.influence[:, target], *margins)


def over_cuts(method: SampledImportance, model: Model, image: Image) -> Seen:
    """Compare a pixel's saliency with the mean over other cuts, each asked with 192 rows."""
    found, drawn = method(model, image), np.random.default_rng(0)
    target = found.predicted
    others = tuple(
        cilens.Slic(int(drawn.integers(40, 90)), float(drawn.choice([15, 20, 30, 40, 60])))
        for _ in range(OTHER_CUTS)
    )
    truth = replace(method, segmenters=others, budget=1 + 192 * OTHER_CUTS, seed=1)(model, image)
    maps = [one.saliency(target).ravel() for one in (found, truth)]
    margins = [one.saliency_margin(target).ravel() for one in (found, truth)]
    return seen(*maps, *margins)


def seen(
    value: Float[np.ndarray, " n"],
    truth: Float[np.ndarray, " n"],
    margin: Float[np.ndarray, " n"],
    margin_of_truth: Float[np.ndarray, " n"],
) -> Seen:
    """Count what is covered, and which sure signs are right, where anything can be told."""
    asked = margin > 0  # not a black region hidden in black: that is 0 without any question
    value, truth, margin, margin_of_truth = (
        one[asked] for one in (value, truth, margin, margin_of_truth)
    )
    covered = np.abs(value - truth) <= np.hypot(margin, margin_of_truth)
    sure = np.abs(value) > margin
    right = sure & (np.sign(value) == np.sign(truth))
    return Seen(float(covered.mean()), int(sure.sum()), int(right.sum()), len(value))


def main() -> None:
    """Explain each image twice, count, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images_of", type=Path)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--budget", type=int, help="with several cuts: per pixel, over cuts")
    asked = parser.parse_args()
    digits = asked.images_of == Path("digits")
    model = cilens.load_model("digits" if digits else "imagenet")
    found = []
    for image in track(list(pictures(asked.images_of, asked.images)), "images"):
        method = recommended(model.view(image).image, asked.budget)
        if len(method.segmenters) > 1:
            found.append(over_cuts(method, model, image))
        else:
            found.append(over_contexts(method, model, image, 4000 if digits else 2000))
    covered = np.array([one.covered for one in found])
    sure, right, n = (sum(values) for values in list(zip(*found, strict=True))[1:])
    low, high = interval(covered)
    result = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "method": repr(method),
        "images": len(found),
        "pixels" if len(method.segmenters) > 1 else "regions": n,
        "covered": float(covered.mean()),
        "interval": [low, high],
        "sign_is_sure": sure / n,
        "sure_signs_that_are_right": right / sure,
    }
    name = "digits" if digits else "photographs"
    count = len(method.segmenters)
    cuts = f"-{count}-cuts" if count > 1 else ""
    with whole_file(RESULTS / f"intervals-{name}{cuts}.json") as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
