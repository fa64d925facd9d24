"""How faithful the methods are on images that were not used to tune them.

``python benchmarks/faithfulness.py PHOTOGRAPHS --half 1 --images 60`` takes every second file of a
directory, the other half being for tuning, and judges each method with two fills.
``python benchmarks/faithfulness.py digits --images 500`` takes digits from mnist:6000 on; those
from mnist:5000 to mnist:5099 were for tuning. Results go to ``benchmarks/results/``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float
from rich.progress import track

import cilens
from cilens.evaluation.evaluate import Judged, evaluate, summarize
from cilens.files import whole_file
from cilens.methods import Recommended
from cilens.methods.greedy import Greedy
from cilens.methods.lime import Lime
from cilens.methods.occlusion import Occlusion
from cilens.methods.partition import Partition
from cilens.methods.random import RandomAttribution
from cilens.methods.rise import Rise
from cilens.methods.shapley import KernelShap, ShapleySampling
from cilens.metrics.flipping import Flipping
from cilens.types import Batch, Image, Method, View

RESULTS = Path(__file__).parent / "results"
GREY = cilens.Constant(0.5)
FILLS = {"grey": GREY, "blur": cilens.Blur(10.0)}


class TopClass:
    """A network's score for one class, and for all others: what these judges look at."""

    class_names = ("top class", "others")

    def __init__(self, model: cilens.OnnxModel) -> None:
        self.model, self.index = model, 0

    def view(self, image: Image) -> View:
        """Return the network's view, and settle which class is the top one."""
        view = self.model.view(image)
        self.index = int(self.model(view.image[None])[0].argmax())
        return view

    def __call__(self, images: Batch) -> Float[np.ndarray, "rows 2"]:
        """Return the top class's score and the rest."""
        score = self.model(images)[:, self.index].astype(np.float64)
        return np.stack([score, 1 - score], axis=1)


def methods() -> dict[str, Method]:
    """Return what is compared; the first is what the others are compared with."""
    slic, sampled = cilens.Slic, cilens.SampledImportance
    cut = slic(50, 40.0)
    more = (slic(50, 20.0), slic(80, 20.0), slic(70, 40.0), slic(60, 30.0))
    return {
        "LIME 1000, compactness 40": Lime(cut, GREY, 1000),
        "LIME 1000, compactness 20": Lime(slic(50, 20.0), GREY, 1000),
        "sampled 200 (the default)": sampled((cut,), (GREY,), 200),
        "sampled 100, slic 40": sampled((slic(40, 40.0),), (GREY,), 100),
        "sampled 600, three cuts": sampled((cut, *more[:2]), (GREY,), 600),
        "sampled 1000, five cuts": sampled((cut, *more), (GREY,), 1000),
        "one-out, slic 50, compactness 10": cilens.ContextualImportance(slic(50, 10.0), (GREY,)),
        "occlusion 48, stride 24": Occlusion(48, 24),
        "KernelSHAP 500": KernelShap(cut, GREY, 500),
        "SHAP partition 500": Partition(cut, GREY, 500),
        "greedy 1000": Greedy(cut, GREY, 1000),
        "RISE 1000": Rise(1000, perturbation=GREY),
        "random": RandomAttribution(cut),
    }


def digit_methods() -> dict[str, Method]:
    """Return what is compared on digits; the first is what the others are compared with."""
    slic, black = cilens.Slic, cilens.Constant(0.0)
    fine, coarse = slic(160, 0.5), slic(40, 0.3)
    return {
        "LIME 1000, slic 160": Lime(fine, black, 1000),
        "LIME 1000, slic 40": Lime(coarse, black, 1000),
        "LIME 1000, slic 9": Lime(slic(9, 0.3), black, 1000),
        "default (100)": Recommended(),
        "default, budget 50": Recommended(50),
        "default, budget 1000": Recommended(1000),
        "sampled 100, slic 40": cilens.SampledImportance((coarse,), (black,), 100),
        "one-out, slic 160": cilens.ContextualImportance(fine),
        "one-out, slic 40": cilens.ContextualImportance(coarse),
        "one-out, slic 9 (the paper)": cilens.ContextualImportance.paper(),
        "occlusion 6, stride 3": Occlusion(),
        "KernelSHAP 500, slic 160": KernelShap(fine, black, 500),
        "KernelSHAP 500, slic 40": KernelShap(coarse, black, 500),
        "Shapley sampling 1000, slic 160": ShapleySampling(fine, black, 1000),
        "Shapley sampling 1000, slic 40": ShapleySampling(coarse, black, 1000),
        "SHAP partition 500, slic 160": Partition(fine, black, 500),
        "SHAP partition 500, slic 40": Partition(coarse, black, 500),
        "greedy 1000, slic 160": Greedy(fine, black, 1000),
        "greedy 1000, slic 40": Greedy(coarse, black, 1000),
        "RISE 1000": Rise(1000, perturbation=black),
        "random": RandomAttribution(coarse),
    }


def run_digits(first: int, images: int) -> list[Judged]:
    """Explain and judge digits."""
    model, metrics = cilens.load_model("digits"), {"black": Flipping(cilens.Constant(0.0))}
    judged: list[Judged] = []
    for index in track(range(first, first + images), "digits"):
        image = [(str(index), cilens.read_image(f"mnist:{index}"))]
        judged += evaluate(model, image, digit_methods(), metrics)
    return judged


def judge(file: Path, threads: int) -> list[Judged]:
    """Explain and judge one photograph."""
    model = TopClass(replace(cilens.load_model("imagenet"), threads=threads))
    metrics = {name: Flipping(fill) for name, fill in FILLS.items()}
    image = [(file.name, cilens.read_image(file))]
    return list(evaluate(model, image, methods(), metrics, target=0))


def run(files: list[Path], jobs: int) -> list[Judged]:
    """Explain and judge every photograph, some at a time."""
    threads = max(1, (os.cpu_count() or 1) // jobs)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        found = pool.map(judge, files, [threads] * len(files))
        return [row for rows in track(found, "photographs", len(files)) for row in rows]


def main() -> None:
    """Evaluate, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2, help="photographs at a time")
    asked = parser.parse_args()
    if asked.photographs == Path("digits"):
        name, model, judged = "digits", "digits", run_digits(6000, asked.images)
        images = f"mnist:6000 to mnist:{6000 + asked.images - 1}"
    else:
        name, model = f"half-{asked.half}", "imagenet (EfficientNet-Lite0)"
        files = sorted(asked.photographs.glob("*.jpg"))[asked.half :: 2]
        places = np.linspace(0, len(files) - 1, min(asked.images, len(files))).astype(int)
        judged = run([files[place] for place in places], asked.jobs)
        images = f"{len(places)} of every second file, beginning with number {asked.half}"
    summaries = [one for one in summarize(judged) if one.number == "srg"]
    result = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "model": model,
        "images": images,
        "steps": 20,
        "summary": [summary._asdict() for summary in summaries],
    }
    with whole_file(RESULTS / f"faithfulness-{name}.json") as draft:
        draft.write_text(json.dumps(result, indent=1) + "\n")
    for one in summaries:
        print(
            f"{one.method:40s} {one.metric:5s} {one.model_rows:6.0f} rows  {one.mean:.3f} "
            f"[{one.low:.3f}, {one.high:.3f}]  {one.difference:+.3f} "
            f"[{one.difference_low:+.3f}, {one.difference_high:+.3f}]"
        )


if __name__ == "__main__":
    main()
