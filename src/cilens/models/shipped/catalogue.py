"""The networks that come with cilens: what they are, and where their files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class ShippedModel:
    """A network that comes with cilens.

    Attributes
    ----------
    name : str
        What `load_model` takes.
    what : str
        The network and its training data, in a few words.
    size : (height, width)
        Size of its input, in pixels.
    channels : int
        Channels of its input.
    classes : int
        How many it tells apart.
    hint : str
        What to do with an image that does not fit.
    """

    name: str
    what: str
    size: tuple[int, int]
    channels: int
    classes: int
    hint: str = ""


SHIPPED = (
    ShippedModel(
        name="digits",
        what="handwritten digits: convolutional network, trained on MNIST",
        size=(28, 28),
        channels=1,
        classes=10,
        hint="for photographs load the 'imagenet' model (--model imagenet)",
    ),
    ShippedModel(
        name="shapes",
        what="circles, squares and triangles: trained on squares that all carry a yellow tag",
        size=(48, 48),
        channels=3,
        classes=3,
        hint="its pictures are called shapes:0 to shapes:999; for photographs load the 'imagenet' "
        "model (--model imagenet)",
    ),
    ShippedModel(
        name="imagenet",
        what="photographs: EfficientNet-Lite0, trained on ImageNet",
        size=(224, 224),
        channels=3,
        classes=1000,
    ),
)


def model_names() -> tuple[ShippedModel, ...]:
    """Return the networks that come with cilens, without opening them.

    Examples
    --------
    >>> [(model.name, model.classes) for model in model_names()]
    [('digits', 10), ('shapes', 3), ('imagenet', 1000)]
    """
    return SHIPPED


def shipped_path(name: str) -> Path:
    """Return the file of a network that comes with cilens.

    Examples
    --------
    >>> shipped_path("digits").name
    'digits.onnx'
    """
    return _DATA / f"{name}.onnx"
