"""What can be asked for: each option once, typed, with its help.

The command line, a run's file and a form are faces of these records: a field is an option, named
as the field is, and its `Option` says what every face tells of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cilens.errors import InputError
from cilens.findings.images import ImageOptions
from cilens.findings.option import Option

if TYPE_CHECKING:
    from cilens.types import ImageModel

__all__ = [
    "ImageOptions",
    "Images",
    "Json",
    "MethodOptions",
    "Model",
    "ModelOptions",
    "Option",
    "Request",
    "ResultOptions",
]


Model = Annotated[
    str,
    Option(
        "A network that comes with cilens, or a model file; see: cilens models.",
        "NAME|FILE",
        panel="Model",
        names="model",
    ),
]
"""What `cilens.load_model` takes."""

Images = Annotated[
    list[str],
    Option(
        "Files, patterns or directories; - for standard input; mnist:4013 for an image of the "
        "MNIST test split, 0 to 9999; skimage:chelsea for a photograph of scikit-image.",
        "IMAGE",
        names="image",
    ),
]

Json = Annotated[bool, Option("Print one JSON document.", panel="Result")]


@dataclass(frozen=True)
class ModelOptions:
    """What is stated of a model file, beside what it says itself."""

    preprocess: Annotated[
        str | None,
        Option(
            "What the network wants its input to be, such as size=224x224,scale=255; see: cilens "
            "models.",
            "KEY=VALUE,...",
            "what the file states",
        ),
    ] = None
    activation: Annotated[
        str | None,
        Option(
            "What to apply to the network's output to get probabilities.",
            "none|softmax|sigmoid",
            "what is stated beside the file, or none",
        ),
    ] = None
    output_name: Annotated[
        str | None,
        Option(
            "Which output of the network holds the scores, where it has several.",
            "NAME",
            "the only one",
        ),
    ] = None
    class_names: Annotated[
        Path | None,
        Option("Text with one class name a line.", "FILE", "what the file states"),
    ] = None
    factory: Annotated[
        str | None,
        Option(
            "For .safetensors: your function that makes the PyTorch module. Naming it runs its "
            "code; the current directory is searched first.",
            "MODULE:FUNCTION",
            "none",
        ),
    ] = None
    isolate: Annotated[
        bool,
        Option(
            "Open and ask the network in a process of its own, with limits of memory, time and "
            "files: for a file that you have no reason to trust."
        ),
    ] = False
    timeout: Annotated[
        float | None,
        Option(
            "Longest time for opening the network, and for each call of it: of .onnx and .tflite "
            "files, and with --isolate of every file.",
            "SECONDS",
            "300",
        ),
    ] = None
    batch_size: Annotated[
        int | None,
        Option("Most images in one call of the network.", "ROWS", "the method's"),
    ] = None

    def __post_init__(self) -> None:
        if self.batch_size is not None and self.batch_size < 1:
            raise InputError(f"--batch-size must be at least 1; got {self.batch_size}")

    def load(self, source: str) -> ImageModel:
        """Return a model, told what is stated here."""
        from cilens.models import load_model
        from cilens.models.preprocess.record import Preprocess

        return load_model(
            source,
            preprocess=None if self.preprocess is None else Preprocess.parse(self.preprocess),
            class_names=self.class_names,
            output=self.output_name,
            activation=self.activation,
            factory=self.factory,
            isolate=self.isolate,
            timeout=self.timeout,
        )


@dataclass(frozen=True)
class MethodOptions:
    """How an image is explained."""

    method: Annotated[
        str,
        Option(
            "The recommended settings, the paper's, or another method; see: cilens methods.",
            "default|paper|NAME:...",
            names="method",
        ),
    ] = "default"
    segmenter: Annotated[
        list[str] | None,
        Option(
            "How the image is cut, such as slic:n_segments=50; may be repeated; see: cilens "
            "segmenters.",
            "NAME:...",
            "the method's",
            names="segmenter",
        ),
    ] = None
    perturbation: Annotated[
        list[str] | None,
        Option(
            "What replaces a hidden segment, such as constant:value=0; may be repeated; see: "
            "cilens perturbations.",
            "NAME:...",
            "the method's",
            names="perturbation",
        ),
    ] = None
    strategy: Annotated[
        str | None,
        Option(
            "Hide one region at a time, or show one at a time.",
            "one-out|one-in",
            "the method's",
        ),
    ] = None
    budget: Annotated[
        int | None,
        Option(
            "Most images to ask the network about, for methods that have a budget.",
            "ROWS",
            "the method's: 100 for small images, 200 for others",
        ),
    ] = None
    output_range: Annotated[
        tuple[float, float] | None,
        Option(
            "The scores' range; those outside are an error.",
            "LOW HIGH",
            "what cilens calibrate measured, or 0 1",
        ),
    ] = None


@dataclass(frozen=True)
class ResultOptions:
    """What is said of an explanation."""

    target: Annotated[
        str | None,
        Option(
            'The class to explain, or a group of classes, such as "any cat" of the imagenet '
            "network.",
            "INDEX|NAME",
            "the predicted one",
        ),
    ] = None
    group: Annotated[
        list[str] | None,
        Option(
            "Let these classes count as one, with the sum of their scores: indices, ranges such "
            "as 281-285, or names. NAME alone is a group that comes with the imagenet network; "
            "see: cilens models. May be repeated.",
            "NAME=CLASS,...",
            "none",
        ),
    ] = None
    objects: Annotated[
        bool,
        Option(
            "Explain each class that is there, up to five: which regions speak for which. Costs "
            "no further question; with --out, NAME.objects.png shows them."
        ),
    ] = False
    above: Annotated[
        float,
        Option(
            "With --objects: a class is there from this share of the output range on; the target "
            "always is.",
            "SHARE",
        ),
    ] = 0.05
    against: Annotated[
        str | None,
        Option(
            "Another class: say what speaks for the one and not for the other. Costs no further "
            "question.",
            "INDEX|NAME|runner-up",
            "none",
        ),
    ] = None
    words: Annotated[bool, Option("Explain in a paragraph instead of a line.")] = False
    minimal: Annotated[
        bool,
        Option(
            "Ask further what is enough, what is needed, and which regions stand in for each "
            "other: at most 200 model rows, and one for each region."
        ),
    ] = False
    audit: Annotated[
        bool,
        Option(
            "Check the explanation itself: beside an edge detector and chance, against what the "
            "blank image loses, and a second time. About 250 model rows, and two further "
            "explanations."
        ),
    ] = False
    threshold: Annotated[
        float,
        Option("Regions from this share of the output range on are important.", "SHARE"),
    ] = 0.01

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise InputError(f"--threshold must be a finite number; got {self.threshold}")
        if not 0 <= self.above <= 1:
            raise InputError(f"--above must be a share, 0 to 1; got {self.above}")
        if self.objects and not self.threshold > 0:
            raise InputError(f"--objects needs a --threshold above 0; got {self.threshold}")


@dataclass(frozen=True)
class Request:
    """What is asked for: images, a model, and how they are explained and told of."""

    images: Sequence[str]
    model: str = "digits"
    network: ModelOptions = ModelOptions()
    reading: ImageOptions = field(default_factory=ImageOptions)
    how: MethodOptions = MethodOptions()
    told: ResultOptions = ResultOptions()

    def load(self) -> ImageModel:
        """Return the model."""
        return self.network.load(self.model)
