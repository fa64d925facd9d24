"""Which runtime, and which of its settings, answers fastest: wall time beside processor time.

``python benchmarks/runtimes.py`` asks both shipped networks, a ResNet-50 and a ViT-B (of random
weights, exported here) about the same rows by each setting in turn, and prints for each the median
over the rounds and its ratio to plain ONNX Runtime; on a busy machine the processor time is the
one to read. Results go to ``benchmarks/results/runtimes.json``.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from jaxtyping import Float
from torch import nn

from cilens.files import whole_file
from cilens.models import model_path
from cilens.models.onnx.model import run_of
from cilens.models.onnx.runtime import compiled, streams_of
from cilens.models.scores import in_batches, in_pieces
from cilens.scoring.ahead import processors

RESULTS = Path(__file__).parent / "results" / "runtimes.json"
ROWS = {"digits": 1024, "imagenet": 32, "resnet50": 8, "vit_b": 8}
PLAIN = "ONNX Runtime, plain, all rows at once"
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "asimd")

Rows = Float[np.ndarray, "rows channels height width"]
Ask = Callable[[Rows], object]


class Bottleneck(nn.Module):
    """Three convolutions and a shortcut."""

    def __init__(self, taken: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *convolution(taken, width, 1, 1), nn.ReLU(),
            *convolution(width, width, 3, stride), nn.ReLU(),
            *convolution(width, 4 * width, 1, 1),
        )  # fmt: skip
        same = taken == 4 * width and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(
            *convolution(taken, 4 * width, 1, stride)
        )  # fmt: skip

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (self.body(images) + self.shortcut(images)).relu()


def convolution(taken: int, made: int, side: int, stride: int) -> tuple[nn.Module, nn.Module]:
    """Return a convolution and its normalisation."""
    return (
        nn.Conv2d(taken, made, side, stride, side // 2, bias=False),
        nn.BatchNorm2d(made),
    )


def resnet50() -> nn.Module:
    """Return a ResNet-50 (He et al., 2016) of random weights."""
    layers: list[nn.Module] = [*convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    taken = 64
    for width, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for place in range(depth):
            layers.append(Bottleneck(taken, width, stride if place == 0 else 1))
            taken = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(taken, 1000))


class VitB(nn.Module):
    """A ViT-B/16 (Dosovitskiy et al., 2021) of random weights."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 768, 16, 16)
        self.token = nn.Parameter(torch.zeros(1, 1, 768))
        self.places = nn.Parameter(torch.randn(1, 197, 768) * 0.02)
        block = nn.TransformerEncoderLayer(
            768, 12, 3072, activation="gelu", batch_first=True, norm_first=True, dropout=0.0
        )
        self.blocks = nn.TransformerEncoder(block, 12, enable_nested_tensor=False)
        self.last = nn.Linear(768, 1000)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(patches), -1, -1), patches], dim=1)
        return self.last(self.blocks(tokens + self.places)[:, 0])


def network(name: str, folder: Path) -> tuple[str, nn.Module | None, tuple[int, ...]]:
    """Return a network's ONNX file, its module where there is one, and the shape of an image."""
    if name in ("digits", "imagenet"):
        return model_path(name), None, (1, 28, 28) if name == "digits" else (3, 224, 224)
    torch.manual_seed(0)
    module = (resnet50() if name == "resnet50" else VitB()).eval()
    path = folder / f"{name}.onnx"
    torch.onnx.export(
        module,
        (torch.zeros(2, 3, 224, 224),),
        str(path),
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        external_data=False,
        verbose=False,
    )
    return str(path), module, (3, 224, 224)


def session(path: str, **settings: object) -> ort.InferenceSession:
    """Open a file plainly, but for the settings named."""
    options = ort.SessionOptions()
    for name, value in settings.items():
        if name == "spinning":
            options.add_session_config_entry("session.intra_op.allow_spinning", str(value))
        else:
            setattr(options, name, value)
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def asked(one: ort.InferenceSession, rows: int) -> Ask:
    """Return what asks a session in batches."""
    name = one.get_inputs()[0].name
    return lambda tensor: [one.run(None, {name: part}) for part in in_batches(tensor, rows)]


def bound(one: ort.InferenceSession, rows: int) -> Ask:
    """Return what asks a session in batches that are bound to its inputs, without a copy."""
    name, out = one.get_inputs()[0].name, one.get_outputs()[0].name

    def ask(tensor: Rows) -> None:
        for part in in_batches(tensor, rows):
            binding = one.io_binding()
            binding.bind_cpu_input(name, part)
            binding.bind_output(out)
            one.run_with_iobinding(binding)
            binding.copy_outputs_to_cpu()

    return ask


def settings_of(path: str, module: nn.Module | None, rows: int, few: int) -> dict[str, Ask]:
    """Return what is compared: for each setting what asks by it."""
    ours, openvino, streams = run_of(Path(path).read_bytes()), compiled(path), streams_of(0)
    basic = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    quiet = session(path, spinning=0)
    found: dict[str, Ask] = {
        PLAIN: asked(session(path), rows),
        f"ONNX Runtime, plain, by {few}": asked(session(path), few),
        f"… without spinning, by {few}": asked(quiet, few),
        f"… and bound inputs, by {few}": bound(quiet, few),
        f"… without an arena, by {few}": asked(
            session(path, spinning=0, enable_cpu_mem_arena=False), few
        ),
        f"… basic optimisation, by {few}": asked(
            session(path, spinning=0, graph_optimization_level=basic), few
        ),
        f"cilens: ONNX Runtime, {streams} streams": lambda t: ours(in_pieces(t, streams)),
        f"cilens: OpenVINO, {streams} streams": lambda t: openvino.run_each(in_pieces(t, streams)),
    }
    if module is not None:

        def by_torch(tensor: Rows) -> None:
            with torch.inference_mode():
                for part in in_pieces(tensor):
                    module(torch.from_numpy(part))

        found["PyTorch"] = by_torch
    return found


def measured(asks: dict[str, Ask], tensor: Rows, rounds: int) -> dict[str, dict[str, float]]:
    """Time all settings in alternation; return medians, and the ratios to the plain one."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in asks}
    for ask in asks.values():
        ask(tensor)
    for _ in range(rounds):
        for name, ask in asks.items():
            wall, cpu = time.perf_counter(), time.process_time()
            ask(tensor)
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    plain = times[PLAIN]

    def median(values: list[float]) -> float:
        return round(statistics.median(values), 4)

    return {
        name: {
            "seconds": median([wall for wall, _ in pairs]),
            "processor_seconds": median([cpu for _, cpu in pairs]),
            "ratio": median([a / b for (a, _), (b, _) in zip(pairs, plain, strict=True)]),
            "processor_ratio": median([a / b for (_, a), (_, b) in zip(pairs, plain, strict=True)]),
        }
        for name, pairs in times.items()
    }


def machine() -> dict[str, object]:
    """Return what computes here."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    known = {name.strip(): value.strip() for name, value in lines.items()}
    flags = known.get("flags", known.get("Features", "")).split()
    return {
        "processor": known.get("model name", platform.processor() or platform.machine()),
        "family": f"{known.get('cpu family', '?')}, model {known.get('model', '?')}",
        "instructions": [flag for flag in FLAGS if flag in flags],
        "processors": processors(),
        "onnxruntime": ort.__version__,
        "torch": torch.__version__,
    }


def main() -> None:
    """Measure the networks named, or all, print a table of each, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", choices=[*ROWS, []], help="by default all")
    parser.add_argument("--rounds", type=int, default=9)
    stated = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = machine()
    print(json.dumps(results["machine"], indent=1))
    with tempfile.TemporaryDirectory() as folder:
        for name in stated.networks or ROWS:
            rows = ROWS[name]
            path, module, shape = network(name, Path(folder))
            tensor = np.random.default_rng(0).random((rows, *shape), dtype=np.float32)
            few = 256 if name == "digits" else 4
            asks = settings_of(path, module, rows, few)
            results[name] = {"rows": rows, "rounds": stated.rounds}
            results[name]["settings"] = measured(asks, tensor, stated.rounds)
            results[name]["one_row"] = measured(asks, tensor[:1], stated.rounds)
            print(f"\n{name}: seconds, processor seconds and both ratios; {rows} rows, then one")
            for setting, found in results[name]["settings"].items():
                alone = results[name]["one_row"][setting]
                numbers = [f"{value:9.4f}" for one in (found, alone) for value in one.values()]
                print(f"{setting:42}", *numbers)
            with whole_file(RESULTS) as draft:
                draft.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
