"""How faithful the methods are on images that were not used to tune them.

``python benchmarks/faithfulness.py PHOTOGRAPHS --half 1 --images 60`` takes every second file of a
directory, the other half being for tuning, and judges each method with two fills.
``python benchmarks/faithfulness.py digits --images 500`` takes digits from mnist:6000 on; those
from mnist:5000 to mnist:5099 were for tuning. Results go to ``benchmarks/results/``.
``--proxies`` compares the proxies with LIME, under four fills of which the last was asked by none,
in 20 and in 10 steps; ``--keep FILE`` keeps the network's answers, so that a run that was broken
off goes on, and ``--model FILE.onnx`` asks another one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
from jaxtyping import Float
from kept import Kept
from rich.progress import track

import cilens
from cilens.evaluation.evaluate import Judged, Summary, evaluate, summarize
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
from cilens.scoring.protocols import Method
from cilens.types import Batch, Coalitions, Image, Segments, View

RESULTS = Path(__file__).parent / "results"
GREY = cilens.Constant(0.5)
FILLS = {"grey": GREY, "blur": cilens.Blur(10.0)}


@dataclass(frozen=True)
class Mixed:
    """Mid-grey, and blurred in a quarter of the rows, which the coalition itself draws."""

    def __call__(self, image: Image, segments: Segments, coalitions: Coalitions, /) -> Batch:
        """Return one image for each coalition."""
        batch = GREY(image, segments, coalitions)
        drawn = [blake2b(row.tobytes(), digest_size=1).digest()[0] % 4 == 1 for row in coalitions]
        if any(drawn):
            batch[drawn] = FILLS["blur"](image, segments, coalitions[drawn])
        return batch


class TopClass:
    """A network's score for one class, and for all others: what these judges look at."""

    class_names = ("top class", "others")

    def __init__(self, model: Kept | cilens.OnnxModel) -> None:
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


def rivals() -> dict[str, Method]:
    """Return what proxies are compared with: the first is LIME on the cut that suits it best."""
    cut = cilens.Slic(50, 40.0)
    return {
        "LIME 1000": Lime(cut, GREY, 1000),
        "LIME 1000, a quarter blurred": Lime(cut, Mixed(), 1000),
        "sampled 200 (the default)": Recommended(),
    }


def proxies() -> dict[str, Method]:
    """Return the proxies: these see the scores of all classes, or a network's last grid."""
    grey = (GREY,)
    return {
        "inside, 200": Recommended(look="inside"),
        "inside, 200, grey alone": Recommended(look="inside", perturbations=grey),
        "inside, 100": Recommended(100, look="inside"),
        "outside, 200": Recommended(look="outside"),
        "outside, 200, grey alone": Recommended(look="outside", perturbations=grey),
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
        "default, seen from outside": Recommended(look="outside"),
        "default, budget 50": Recommended(50),
        "default, budget 50, outside": Recommended(50, look="outside"),
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


def judge(file: Path, asked: argparse.Namespace) -> list[Judged]:
    """Explain and judge one photograph."""
    threads = max(1, (os.cpu_count() or 1) // asked.jobs)
    model: Kept | cilens.OnnxModel = replace(cilens.load_model(asked.model), threads=threads)
    if asked.keep is not None:
        model = Kept(model, asked.keep)
    image = [(file.name, cilens.read_image(file))]
    if not asked.proxies:
        metrics = {name: Flipping(fill) for name, fill in FILLS.items()}
        return list(evaluate(TopClass(model), image, methods(), metrics, target=0))
    files = sorted(file.parent.glob("*.jpg"))
    after = files[(files.index(file) + 2) % len(files)]
    other = cilens.Picture(model.view(cilens.read_image(after)).image)
    fills = FILLS | {"black": cilens.Constant(0.0), "another photograph": other}
    metrics = {
        name if steps == 20 else f"{name}, 10 steps": Flipping(fill, steps)
        for steps in (20, 10)
        for name, fill in fills.items()
    }
    judged = list(evaluate(TopClass(model), image, rivals(), metrics, target=0))
    return judged + list(evaluate(model, image, proxies(), metrics))


def run(files: list[Path], asked: argparse.Namespace) -> list[Judged]:
    """Explain and judge every photograph, some at a time."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.jobs, mp_context=context) as pool:
        found = pool.map(judge, files, [asked] * len(files))
        return [row for rows in track(found, "photographs", len(files)) for row in rows]


def chosen(files: list[Path], images: int, which: str | None) -> list[Path]:
    """Return so many files at equal distances, or those of them that stand at some places."""
    places = np.linspace(0, len(files) - 1, min(images, len(files))).astype(int)
    spread = [files[place] for place in places]
    if which is None:
        return spread
    spans = [[int(end) for end in part.split("-")] for part in which.split(",")]
    return [spread[place] for span in spans for place in range(span[0], span[-1] + 1)]


def averaged(judged: list[Judged]) -> list[Judged]:
    """Return the mean over fills of each method on each photograph, as one more judge's number."""
    found: dict[tuple[str, str], list[Judged]] = {}
    for row in judged:
        if row.number == "srg" and "steps" not in row.metric:
            found.setdefault((row.method, row.image), []).append(row)
    return [
        rows[0]._replace(metric="all fills", value=float(np.mean([row.value for row in rows])))
        for rows in found.values()
    ]


def srg(judged: list[Judged], first: str | None = None) -> list[Summary]:
    """Summarize the symmetric relevance gain, against the first method or one that is named."""
    rows = sorted(judged, key=lambda row: row.method != (first or judged[0].method))
    found = [one for one in summarize(rows) if one.number == "srg"]
    if first is None:
        return found
    return [one._replace(metric=f"{one.metric}, against {first}") for one in found]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--which", help="of these, the ones at some places: 0-9,15-24")
    parser.add_argument("--jobs", type=int, default=2, help="photographs at a time")
    parser.add_argument("--model", default="imagenet")
    parser.add_argument("--proxies", action="store_true", help="compare the proxies with LIME")
    parser.add_argument("--against", nargs="*", default=[], help="more to compare with, by name")
    parser.add_argument("--keep", type=Path, help="where the network's answers are kept")
    return parser.parse_args()


def main() -> None:
    """Evaluate, print and write down."""
    asked = arguments()
    if asked.photographs == Path("digits"):
        name, model, judged = "digits", "digits", run_digits(6000, asked.images)
        images = f"mnist:6000 to mnist:{6000 + asked.images - 1}"
    else:
        name, model = f"half-{asked.half}", "imagenet (EfficientNet-Lite0)"
        if asked.model != "imagenet":
            model = Path(asked.model).stem
            name = f"{name}-{model}"
        if asked.proxies:
            name = f"proxies-{name}"
        files = sorted(asked.photographs.glob("*.jpg"))[asked.half :: 2]
        files = chosen(files, asked.images, asked.which)
        judged = run(files, asked)
        judged += averaged(judged) if asked.proxies else []
        images = f"{len(files)} of every second file, beginning with number {asked.half}"
    summaries = srg(judged)
    for first in asked.against:  # the same rows, compared with another method
        summaries += srg([row for row in judged if row.metric == "all fills"], first)
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
