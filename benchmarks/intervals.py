"""Whether 95 % margins hold: how often they cover the value from many more contexts.

``python benchmarks/intervals.py digits --images 200`` takes digits from mnist:6000 on;
``python benchmarks/intervals.py PHOTOGRAPHS --images 10`` every second file of a directory. The
value is that of 4,000 rows (2,000 for photographs) with another seed, whose own margin is added in
quadrature. Results go to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.progress import track

import cilens
from cilens.files import whole_file
from cilens.methods import recommended
from cilens.report.verdicts import interval
from cilens.types import Image

RESULTS = Path(__file__).parent / "results"


def pictures(source: Path, images: int) -> Iterator[Image]:
    """Yield the images."""
    if source == Path("digits"):
        yield from (cilens.read_image(f"mnist:{index}") for index in range(6000, 6000 + images))
        return
    files = sorted(source.glob("*.jpg"))[1::2]
    for place in np.linspace(0, len(files) - 1, min(images, len(files))).astype(int):
        yield cilens.read_image(files[place])


def main() -> None:
    """Explain each image twice, count, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images_of", type=Path)
    parser.add_argument("--images", type=int, default=200)
    asked = parser.parse_args()
    digits = asked.images_of == Path("digits")
    model = cilens.load_model("digits" if digits else "imagenet")
    covered, sure = [], []
    for image in track(list(pictures(asked.images_of, asked.images)), "images"):
        method = recommended(model.view(image).image)
        found = method(model, image)
        truth = replace(method, budget=4000 if digits else 2000, seed=1)(model, image)
        target = found.predicted
        if found.margin is None or truth.margin is None:
            raise RuntimeError("the recommended method must have margins")
        apart = np.abs(found.influence - truth.influence)[:, target]
        covered.append(float((apart <= np.hypot(found.margin, truth.margin)[:, target]).mean()))
        certain = found.certain(target)
        same = np.sign(found.influence) == np.sign(truth.influence)
        sure.append((int(certain.sum()), int(same[certain, target].sum()), len(certain)))
    certain, right, regions = np.sum(sure, axis=0).tolist()
    low, high = interval(np.array(covered))
    result = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "images": len(covered),
        "regions": regions,
        "covered": float(np.mean(covered)),
        "interval": [low, high],
        "sign_is_sure": certain / regions,
        "sure_signs_that_are_right": right / certain,
    }
    name = "digits" if digits else "photographs"
    with whole_file(RESULTS / f"intervals-{name}.json") as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
