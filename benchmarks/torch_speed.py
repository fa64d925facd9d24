"""How fast a PyTorch module is explained on a processor, beside Captum's FeatureAblation.

``python benchmarks/torch_speed.py`` takes EfficientNet-Lite0, whose packages
``src/cilens/training/imagenet.py`` names, one photograph and one map of segments. Each segment is
hidden once: the same rows for all. Captum runs at whichever batch size and number of PyTorch's
threads is fastest here; on a busy machine that can be a single thread. Rounds alternate, times
are medians, and the values must agree. Results go to ``benchmarks/results/torch-speed.json``.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from captum.attr import FeatureAblation
from jaxtyping import Float

import cilens
import cilens.captum
from cilens.files import whole_file
from cilens.training.imagenet import PREPROCESS, load_network

RESULTS = Path(__file__).parent / "results" / "torch-speed.json"
BATCHES = (1, 4, 8, 16, 32)
THREADS = (1, os.cpu_count() or 1)
ROUNDS = 9
FILL = 0.5
TOLERANCE = 1e-4

Influence = Float[np.ndarray, "segments"]


class Task:
    """One photograph, cut once, and the network behind each interface."""

    def __init__(self) -> None:
        network, self.class_names = load_network()
        self.module = torch.nn.Sequential(network, torch.nn.Softmax(dim=1)).eval()
        self.image = PREPROCESS.view(cilens.read_image("skimage:chelsea")).image
        self.segments = cilens.Slic(50)(self.image)
        self.method = cilens.ContextualImportance(
            cilens.Labels(self.segments), (cilens.Constant(FILL),)
        )
        self.inputs = torch.from_numpy(PREPROCESS.tensor(self.image[None]))
        filled = PREPROCESS.tensor(np.full_like(self.image[None], FILL))
        self.baselines = torch.from_numpy(filled)
        self.mask = torch.from_numpy(self.segments)[None, None]
        with torch.no_grad():
            self.target = int(self.module(self.inputs).argmax())
        self.first = np.unique(self.segments, return_index=True)[1]

    def model(self, runtime: str) -> cilens.TorchModel:
        """Return a new model, not yet asked."""
        exact = replace(PREPROCESS, fit="exact")  # the image is the network's view already
        return cilens.TorchModel(self.module, exact, runtime=runtime)

    def explain(self, model: cilens.TorchModel) -> Influence:
        """Explain all classes, and return the influence on the target."""
        return self.method(model, self.image).influence[:, self.target]

    def attribute(self, method: object, batch: int) -> Influence:
        """Attribute by Captum's interface, and return one value for each segment."""
        painted = method.attribute(
            self.inputs,
            baselines=self.baselines,
            target=self.target,
            feature_mask=self.mask,
            perturbations_per_eval=batch,
        )
        return painted[0, 0].numpy().ravel()[self.first]


def seconds(call: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def best_setting(task: Task, method: object) -> tuple[tuple[int, int], dict[str, float]]:
    """Return the threads and the batch size at which Captum is fastest, and the seconds of all."""
    times: dict[tuple[int, int], float] = {}
    for _ in range(2):
        for setting in ((threads, batch) for threads in THREADS for batch in BATCHES):
            if times.get(setting, 0) > 2 * min(times.values(), default=0):
                continue  # far behind: not tried again
            torch.set_num_threads(setting[0])
            taken = seconds(lambda batch=setting[1]: task.attribute(method, batch))
            times[setting] = min(taken, times.get(setting, taken))
    shown = {f"{n} threads, {batch} rows": round(t, 3) for (n, batch), t in times.items()}
    return min(times, key=times.__getitem__), shown


def main() -> None:
    """Measure, compare the values, print, and write it down."""
    task = Task()
    peer = FeatureAblation(task.module)
    (threads, batch), tried = best_setting(task, peer)
    torch.set_num_threads(threads)
    onnx, plain = task.model("onnx"), task.model("torch")
    forward = cilens.captum.ContextualImportance(cilens.OnnxForward(task.module))
    calls: dict[str, Callable[[], Influence]] = {
        "captum FeatureAblation": lambda: task.attribute(peer, batch),
        "TorchModel, runtime onnx": lambda: task.explain(onnx),
        "TorchModel, runtime torch": lambda: task.explain(plain),
        "cilens.captum, OnnxForward": lambda: task.attribute(forward, 32),
    }
    values = {name: call() for name, call in calls.items()}
    wanted = values["captum FeatureAblation"]
    apart = {name: float(np.abs(found - wanted).max()) for name, found in values.items()}
    assert max(apart.values()) <= TOLERANCE, apart
    rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(ROUNDS)]
    fresh = [seconds(lambda: task.explain(task.model("onnx"))) for _ in range(3)]
    results = {
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.processor() or platform.machine(),
            "load": round(os.getloadavg()[0], 1),
            "torch": torch.__version__,
            "onnxruntime": onnxruntime.__version__,
        },
        "rows": len(task.first) + 1,
        "captum_best": {"threads": threads, "batch": batch},
        "captum_tried": tried,
        "rounds": ROUNDS,
        "seconds_with_the_export": round(statistics.median(fresh), 3),
        "explainers": {name: row(name, rounds, apart[name]) for name in calls},
    }
    text = json.dumps(results, indent=1)
    with whole_file(RESULTS) as draft:
        draft.write_text(text + "\n")
    print(text)


def row(name: str, rounds: list[dict[str, float]], apart: float) -> dict[str, object]:
    """Return what was measured of one explainer."""
    taken = [one[name] for one in rounds]
    times = [one["captum FeatureAblation"] / one[name] for one in rounds]
    return {
        "seconds": round(statistics.median(taken), 3),
        "fastest": round(min(taken), 3),
        "times_as_fast_as_captum": round(statistics.median(times), 2),
        "range": [round(min(times), 2), round(max(times), 2)],
        "largest_difference": float(f"{apart:.2g}"),
    }


if __name__ == "__main__":
    main()
