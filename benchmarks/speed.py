"""What an explanation costs beside the network's own forward passes: time and memory.

Run by ``make bench``. Everything is a ratio within one run, in alternation, as a median with the
range of its middle half; machines are noisy. Results go to ``benchmarks/results/speed.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime

import cilens
from cilens.files import whole_file
from cilens.methods import recommended
from cilens.scoring.explain import PlannedMethod, explain_each
from cilens.scoring.protocols import Method

RESULTS = Path(__file__).parent / "results" / "speed.json"
ROUNDS = 15
BATCHES = (4, 8, 16, 32, 64)


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def both_seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Return how long one call takes, and for how long it keeps processors busy."""
    before = time.process_time()
    taken = seconds(call)
    return taken, time.process_time() - before


def ratios(whole: Callable[[], object], bare: Callable[[], object]) -> dict[str, float]:
    """Time two calls in alternation; return the median ratio and its middle half."""
    whole(), bare()
    timed = [(both_seconds(whole), both_seconds(bare)) for _ in range(ROUNDS)]
    pairs = [(a[0], b[0]) for a, b in timed]
    found = sorted(a / b for a, b in pairs)
    low, middle, high = statistics.quantiles(found, n=4)
    return {
        "ratio": round(middle, 3),
        "middle_half": [round(low, 3), round(high, 3)],
        "whole_seconds": round(statistics.median(a for a, _ in pairs), 4),
        "forward_seconds": round(statistics.median(b for _, b in pairs), 4),
        "processor_ratio": round(statistics.median(a[1] / max(b[1], 1e-9) for a, b in timed), 3),
        "rounds": ROUNDS,
    }


def forward(
    model: cilens.OnnxModel, shape: tuple[int, ...], rows: int, batch: int
) -> Callable[[], None]:
    """Return a call that runs the network alone on ready inputs: rows in batches."""
    session = onnxruntime.InferenceSession(model.path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    tensor = np.random.default_rng(0).uniform(0, 1, (batch, *shape)).astype(np.float32)
    ready = model.preprocess.tensor(tensor)

    def run() -> None:
        left = rows
        while left > 0:
            session.run(None, {name: ready[: min(batch, left)]})
            left -= batch

    return run


def best_batch(model: cilens.OnnxModel, shape: tuple[int, ...], rows: int) -> int:
    """Return the batch size at which the network alone is fastest."""
    times = {}
    for batch in BATCHES:
        run = forward(model, shape, rows, batch)
        run()
        times[batch] = min(seconds(run) for _ in range(5))
    return min(times, key=times.__getitem__)


def photograph() -> dict[str, object]:
    """Time one photograph on the ImageNet network, segmentation included."""
    model = cilens.load_model("imagenet")
    image = cilens.read_image("skimage:chelsea")
    seen = model.view(image).image
    batch = best_batch(model, seen.shape, 64)
    results: dict[str, object] = {"best_batch": batch}
    one_out = cilens.ContextualImportance(cilens.Slic(50), batch_size=batch)
    methods: dict[str, Method] = {
        "default": replace(recommended(seen), batch_size=batch),
        "budget_100": replace(recommended(seen, 100), batch_size=batch),
        "one_out_slic_50": one_out,
        "one_out_slic_75": replace(one_out, segmenter=cilens.Slic(75)),
    }
    for name, method in methods.items():
        rows = method(model, image).model_rows
        bare = forward(model, seen.shape, rows, batch)
        timed = ratios(lambda method=method: method(model, image), bare)
        results[name] = {"model_rows": rows, **timed}
    return results


def digits(n: int) -> dict[str, object]:
    """Time a stream of digits on the digits network, and the segmentation by itself."""
    model = cilens.load_model("digits")
    images = [cilens.read_image(f"mnist:{index}") for index in range(n)]
    batch = best_batch(model, images[0].shape, 1024)
    paper = replace(cilens.ContextualImportance.paper(), batch_size=batch)
    methods: dict[str, PlannedMethod] = {
        "default": replace(recommended(images[0]), batch_size=batch),
        "paper": paper,
        "paper_on_a_grid": replace(paper, segmenter=cilens.Grid(3, 3)),
    }
    results: dict[str, object] = {"images": n, "best_batch": batch}
    for name, method in methods.items():
        rows = sum(e.model_rows for e in explain_each(method, model, images))
        bare = forward(model, images[0].shape, rows, batch)
        timed = ratios(lambda method=method: list(explain_each(method, model, images)), bare)
        results[name] = {"model_rows": rows, **timed}
        if name == "paper":
            alone = ratios(lambda: [paper.segmenter(image) for image in images], bare)
            results["paper_slic_alone"] = alone
    return results


MEMORY = """
import sys, numpy as np, cilens
model, image = cilens.load_model("imagenet"), cilens.read_image("skimage:chelsea")
view = model.view(image).image
import skimage.segmentation, scipy.ndimage
batch = np.zeros((32, *view.shape), np.float32)
n = int(sys.argv[1])
if n:
    del batch
    cilens.ContextualImportance(cilens.Grid(*map(int, sys.argv[2].split("x"))))(model, image)
else:
    tensor = model.preprocess.tensor(batch)
    del batch
    from cilens.models.scores import in_pieces
    network = model._open().network
    network.several(model.output, in_pieces(tensor, network.streams))
print(next(line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line))
"""


def memory() -> dict[str, object]:
    """Return the peak memory of an explanation above the network's own, in batches of 32."""

    def peak(*arguments: str) -> float:
        runs = [
            subprocess.run(
                [sys.executable, "-c", MEMORY, *arguments],
                capture_output=True, text=True, check=True,
            )
            for _ in range(3)
        ]  # fmt: skip
        return statistics.median(int(run.stdout) * 1024 for run in runs)

    one_batch = 32 * 224 * 224 * 3 * 4
    own = peak("0")
    above = {f"grid_{grid}": peak("1", grid) - own for grid in ("7x7", "25x40")}
    return {
        "network_megabytes": round(own / 1e6, 1),
        "batch_megabytes": round(one_batch / 1e6, 1),
        "above_network_in_batches": {k: round(v / one_batch, 2) for k, v in above.items()},
    }


def until_answer(*words: str) -> tuple[float, float]:
    """Return the seconds from a process's start to its first printed line, and to its end."""
    start = time.perf_counter()
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=unbuffered) as process:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError(f"{' '.join(words)} printed nothing")
        first = time.perf_counter() - start
        process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} failed")
    return first, time.perf_counter() - start


def start_up() -> dict[str, object]:
    """Time start-up: the import beside numpy's, ``cilens --help``, and a photograph explained."""

    def command(*words: str) -> Callable[[], object]:
        return lambda: subprocess.run(words, capture_output=True, check=True)

    python = sys.executable
    imports = ratios(command(python, "-c", "import cilens"), command(python, "-c", "import numpy"))
    tool = str(Path(python).parent / "cilens")
    command(tool, "--help")()
    helps = [seconds(command(tool, "--help")) for _ in range(ROUNDS)]
    photograph = (tool, "explain", "skimage:chelsea", "--model", "imagenet")
    until_answer(*photograph)
    first, end = zip(*(until_answer(*photograph) for _ in range(ROUNDS)), strict=True)
    middle = statistics.quantiles(first, n=4)
    return {
        "import_cilens_over_import_numpy": imports["ratio"],
        "import_cilens_seconds": imports["whole_seconds"],
        "help_seconds": round(statistics.median(helps), 3),
        "photograph_first_answer_seconds": round(middle[1], 3),
        "photograph_first_answer_middle_half": [round(middle[0], 3), round(middle[2], 3)],
        "photograph_end_seconds": round(statistics.median(end), 3),
    }


def large() -> dict[str, object]:
    """Explain a picture of 3,000 x 2,500 pixels by a function that looks at next to nothing."""
    small = cilens.read_image("skimage:chelsea")[:250, :300]
    image = np.kron(small, np.ones((10, 10, 1), np.float32))
    noise = np.random.default_rng(0).normal(0, 0.02, image.shape).astype(np.float32)
    image = np.clip(image + noise, 0, 1)

    def glance(images: np.ndarray) -> np.ndarray:
        return images[:, ::50, ::50].mean(axis=(1, 2), dtype=np.float64) / np.iinfo(np.uint8).max

    found: dict[str, object] = {}
    for name, pixels in (("float32", image * 1), ("uint8", (image * 255).astype(np.uint8))):
        start = time.perf_counter()
        explanation = cilens.explain(glance, pixels)
        spent = time.perf_counter() - start
        tracemalloc.start()
        cilens.explain(glance, pixels)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        found[name] = {
            "seconds": round(spent, 1),
            "megabytes": round(peak / 1e6),
            "model_rows": explanation.model_rows,
        }
    return found


SECTIONS: dict[str, Callable[[], dict[str, object]]] = {
    "digits": lambda: digits(200),
    "photograph": photograph,
    "memory": memory,
    "start_up": start_up,
    "large": large,
}


def main() -> None:
    """Measure everything or the sections named, print it, and write it down beside the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="by default all")
    wanted = parser.parse_args().sections or list(SECTIONS)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = kept | {
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
        **{name: SECTIONS[name]() for name in wanted},
    }
    text = json.dumps(results, indent=1)
    with whole_file(RESULTS) as draft:
        draft.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
