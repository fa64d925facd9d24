"""What is stated of a model, as options."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cilens.errors import InputError

if TYPE_CHECKING:
    from cilens.models.inputs import Constants
    from cilens.types import ImageModel


@dataclass(frozen=True)
class ModelOptions:
    """What is stated of a model file, beside what it says itself.

    Parameters
    ----------
    preprocess : KEY=VALUE,..., default what the file states
        What the network wants its input to be, such as size=224x224,scale=255; see: cilens
        models.
    activation : none|softmax|sigmoid, default what is stated beside the file, or none
        What to apply to the network's output to get probabilities.
    output_name : NAME, default the only one
        Which of several outputs holds the scores.
    class_names : FILE, default what the file states
        Class names: one a line, or with their indices, as CSV, JSON, YAML or a Python dict.
    factory : MODULE:FUNCTION, default none
        For .safetensors: your function that makes the PyTorch module. Naming it runs its
        code; the current directory is searched first.
    runtime : onnx|openvino|torch, default the file's own framework
        What computes: ONNX Runtime or OpenVINO for .onnx, any of the three for PyTorch's
        files. The answers must be those of the file's own framework.
    isolate : bool
        Run the network in a separate process, with limits of memory and time.
    timeout : SECONDS, default 300
        Longest time of opening, and of one call.
    input : NAME=VALUE, default what is stated beside the file
        For a network with several inputs: a constant for one that is not the images, such
        as age=41. May be repeated.
    trust : bool
        Load a .pt2, .ts or .pt file, which is a program that PyTorch runs with your rights:
        only from someone whose programs you would run.
    batch_size : ROWS, default the method's
        Most images in one call of the network.
    output_range : LOW HIGH, default what cilens calibrate measured, or 0 1
        The scores' range; scores of the class explained outside it are an error.
    allow_noise : bool
        Let answers depend on chance or on the batch, and margins hold that noise.
    """

    preprocess: str | None = None
    activation: str | None = None
    output_name: str | None = None
    class_names: Path | None = None
    factory: str | None = None
    runtime: str | None = None
    isolate: bool = False
    timeout: float | None = None
    input: list[str] | None = None
    trust: bool = False
    batch_size: int | None = None
    output_range: tuple[float, float] | None = None
    allow_noise: bool = False

    def __post_init__(self) -> None:
        if self.batch_size is not None and self.batch_size < 1:
            raise InputError(f"--batch-size must be at least 1; got {self.batch_size}")

    def load(self, source: str) -> ImageModel:
        """Return a model, told what is stated here."""
        from cilens.models import load_model
        from cilens.models.preprocess.record import Preprocess
        from cilens.scoring.statement import StatedModel

        if self.factory is not None:
            _search(Path.cwd())
        model = load_model(
            source,
            preprocess=None if self.preprocess is None else Preprocess.parse(self.preprocess),
            class_names=self.class_names,
            output=self.output_name,
            activation=self.activation,
            factory=self.factory,
            runtime=self.runtime,
            isolate=self.isolate,
            timeout=self.timeout,
            inputs=None if self.input is None else dict(self.constants() or ()),
            trust=self.trust,
        )
        if self.output_range is None and self.batch_size is None and not self.allow_noise:
            return model
        return StatedModel(model, self.output_range, self.allow_noise, self.batch_size)

    def constants(self) -> Constants | None:
        """Return the constants for inputs that are not the images; None where none is stated."""
        from cilens.models.inputs import read_constants

        return None if self.input is None else read_constants(self.input)


def _search(folder: Path) -> None:
    """Let Python look into a folder first."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
