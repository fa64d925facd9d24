"""What can be asked for: each option once, typed, with its help.

The command line, a run's file and a form are faces of these records: a field is an option, named
as the field is, and its `Option` says what every face tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cilens.errors import InputError
from cilens.findings.images import ImageOptions
from cilens.findings.option import Option
from cilens.findings.result import ResultOptions

if TYPE_CHECKING:
    from cilens.models.inputs import Constants
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
        "Files, patterns or directories; - for standard input; mnist:4013 or mnist:0-99 of the "
        "MNIST test split, shapes:0-999 for pictures of shapes, skimage:chelsea for a photograph "
        "of scikit-image.",
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
        Option("Which of several outputs holds the scores.", "NAME", "the only one"),
    ] = None
    class_names: Annotated[
        Path | None,
        Option(
            "Class names: one a line, or with their indices, as CSV, JSON, YAML or a Python dict.",
            "FILE",
            "what the file states",
        ),
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
        bool, Option("Run the network in a process of its own, with limits of memory and time.")
    ] = False
    timeout: Annotated[
        float | None, Option("Longest time of opening, and of one call.", "SECONDS", "300")
    ] = None
    input: Annotated[
        list[str] | None,
        Option(
            "For a network with several inputs: a constant for one that is not the images, such "
            "as age=41. May be repeated.",
            "NAME=VALUE",
            "what is stated beside the file",
        ),
    ] = None
    trust: Annotated[
        bool,
        Option(
            "Load a .pt2, .ts or .pt file, which is a program that PyTorch runs with your rights: "
            "only from someone whose programs you would run."
        ),
    ] = False
    batch_size: Annotated[
        int | None,
        Option("Most images in one call of the network.", "ROWS", "the method's"),
    ] = None
    output_range: Annotated[
        tuple[float, float] | None,
        Option(
            "The scores' range; scores of the class explained outside it are an error.",
            "LOW HIGH",
            "what cilens calibrate measured, or 0 1",
        ),
    ] = None
    allow_noise: Annotated[
        bool, Option("Let answers depend on chance or on the batch, and margins hold that noise.")
    ] = False

    def __post_init__(self) -> None:
        if self.batch_size is not None and self.batch_size < 1:
            raise InputError(f"--batch-size must be at least 1; got {self.batch_size}")

    def load(self, source: str) -> ImageModel:
        """Return a model, told what is stated here."""
        from cilens.models import load_model
        from cilens.models.preprocess.record import Preprocess
        from cilens.scoring.statement import StatedModel

        model = load_model(
            source,
            preprocess=None if self.preprocess is None else Preprocess.parse(self.preprocess),
            class_names=self.class_names,
            output=self.output_name,
            activation=self.activation,
            factory=self.factory,
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
    look: Annotated[
        str | None,
        Option(
            "Order the regions on a proxy of the network, fitted to its scores (outside) or to "
            "the cells of its last grid (inside).",
            "none|outside|inside",
            "none",
        ),
    ] = None


@dataclass(frozen=True)
class Request:
    """What is asked for: images, a model, and how they are explained and told of."""

    images: Sequence[str]
    model: str = "digits"
    stated: ModelOptions = ModelOptions()
    reading: ImageOptions = field(default_factory=ImageOptions)
    how: MethodOptions = MethodOptions()
    told: ResultOptions = field(default_factory=ResultOptions)

    def load(self) -> ImageModel:
        """Return the model."""
        return self.stated.load(self.model)
