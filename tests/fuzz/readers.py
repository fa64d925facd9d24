"""What is done with a file of each kind: it is read, and what comes out of it is used a little."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import cilens
from cilens.models.inspect.description import describe
from cilens.models.litert import model as litert
from cilens.models.litert import runtime
from cilens.models.names import read_names_file
from cilens.models.sidecar import read_stated, stated_path
from cilens.types import ImageModel
from fuzz.corpus import images, models, texts


@dataclass(frozen=True)
class Group:
    """One kind of file.

    Attributes
    ----------
    seeds : function
        Gives valid files, as names with bytes.
    use : function
        Reads a file, uses what it holds, and raises AssertionError where that is wrong.
    needs : tuple of str
        Modules that reading takes, imported before a worker is started.
    alone : bool
        A part of the reading has a separate process, which a file may end: that is a refusal.
    prints : bool
        Native code prints lines of its own, as libtiff, LiteRT and TorchScript's compiler do.
    """

    seeds: Callable[[], Iterator[tuple[str, bytes]]]
    use: Callable[[Path], None]
    needs: tuple[str, ...] = ()
    alone: bool = False
    prints: bool = False


def read_image(path: Path) -> None:
    """Read an image file; it must come out as pixels in [0, 1]."""
    image = cilens.read_image(path)
    assert cilens.as_image(image) is image
    assert image.dtype == np.float32
    assert image.shape[2] in (1, 3)
    assert 0.0 <= image.min() <= image.max() <= 1.0


def read_labels(path: Path) -> None:
    """Read a file as a label map, and as the picture that fills what is hidden."""
    image = np.zeros((10, 13, 3), np.float32)
    try:
        segments = cilens.Labels(path)(image)
        assert segments.ndim == 2
        assert segments.dtype.kind in "iu"
    except cilens.CilensError:
        batch = cilens.Picture(path)(image, np.zeros((10, 13), np.intp), np.zeros((1, 1), bool))
        assert batch.shape == (1, *image.shape)


def read_explanation(path: Path) -> None:
    """Load an explanation, and read its numbers, pictures and words."""
    explanation = cilens.Explanation.load(path)
    assert np.isfinite(explanation.saliency()).all()
    assert explanation.highlight().shape == explanation.segments.shape
    assert repr(explanation)
    assert explanation.describe()
    assert explanation.areas().sum() > 0
    assert explanation._repr_html_()


def read_statement(path: Path) -> None:
    """Read what stands beside a model."""
    model = path.with_name("beside.onnx")
    stated_path(model).write_bytes(path.read_bytes())
    read_stated(model)


def read_class_names(path: Path) -> None:
    """Read class names: each is a text."""
    names = read_names_file(path)
    assert names
    assert all(isinstance(name, str) for name in names)


def read_network(path: Path) -> None:
    """Describe a network that names its tensors, open it, and ask it."""
    with suppress(cilens.CilensError):  # what does not fit as an image's network may be described
        describe(str(path))
    layout = "NCHW" if path.suffix == ".onnx" else "NHWC"
    timeout = None if path.suffix == ".keras" else 3  # some loop for as long as they may
    _ask(cilens.load_model(path, preprocess=_stated(path, layout), timeout=timeout))


def read_tflite(path: Path) -> None:
    """Do so with LiteRT in this process, which may end, in place of one of its own."""
    with mock.patch.object(litert, "Child", Near):
        read_network(path)


class Near:
    """What stands in for the process in which LiteRT runs: the same answers, and no new process."""

    def __init__(self, path: str, _: str, request: Mapping[str, Any], __: object) -> None:
        self.served = self._told(path, lambda: runtime.serve(request))
        self.texts = json.loads(json.dumps(self.served.texts))
        self.path, self.alive = path, True

    def ask(self, name: str, array: np.ndarray) -> np.ndarray:
        """Return what LiteRT answers."""
        return self._told(self.path, lambda: self.served.ask(name, array))

    def close(self) -> None:
        """Forget it."""
        self.alive = False

    def _told(self, path: str, what: Callable[[], Any]) -> Any:
        try:
            return what()
        except cilens.CilensError:
            raise
        except Exception as error:
            raise cilens.ModelError(f"{path}: {error!r}".replace("\\n", " ")) from error


def read_weights(path: Path) -> None:
    """Put weights into the module they belong to, and ask it."""
    factory = "fuzz.corpus.models:make"
    _ask(cilens.load_model(path, preprocess=_stated(path, "NCHW"), factory=factory))


def read_program(path: Path) -> None:
    """Open a program that is trusted, and ask it."""
    _ask(cilens.load_model(path, preprocess=_stated(path, "NCHW"), trust=True))


def _stated(path: Path, layout: str) -> cilens.Preprocess | None:
    """Return what to state of a network that does not seem to state it."""
    stated = path.is_file() and b"cilens.preprocess" in path.read_bytes()
    return None if stated else cilens.Preprocess((8, 8), layout=layout)


def _ask(model: ImageModel) -> None:
    scores = model(model.view(np.full((8, 8, 3), 0.5, np.float32)).image[None])
    assert scores.ndim == 2
    assert len(scores) == 1


GROUPS = {
    "images": Group(images.images, read_image, ("PIL.Image", "tifffile"), prints=True),
    "labels": Group(images.labels, read_labels, ("PIL.Image", "cilens.segmentation"), prints=True),
    "explanations": Group(texts.explanations, read_explanation, ("cilens.render",)),
    "statements": Group(texts.statements, read_statement, ("cilens.models.sidecar",)),
    "names": Group(texts.class_names, read_class_names, ("cilens.models.metadata",)),
    "onnx": Group(models.onnx_networks, read_network, ("cilens.models.onnx.model",)),
    "tflite": Group(
        models.tflite_networks, read_tflite, ("cilens.models.litert.model",), True, True
    ),
    "keras": Group(models.keras_networks, read_network, ("cilens.models.keras.model",)),
    "safetensors": Group(models.weights, read_weights, ("cilens.models.torch.weights",)),
    "pt2": Group(models.programs, read_program, ("cilens.models.torch.model", "torch.export")),
    "torchscript": Group(models.scripts, read_program, ("cilens.models.torch.model",), prints=True),
}
