"""What a network that is known well enough says of an image, for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass

from cilens.models.inspect.report import Inspected
from cilens.scoring import score_batch
from cilens.types import Image, ImageModel


@dataclass(frozen=True)
class Guess:
    """A network's first class for an image: a person sees whether it is right.

    Attributes
    ----------
    index : int
        The class.
    name : str
        What it is called, or ``class 3``.
    score : float
        Score of the class.
    activation : str
        What was applied to the output.
    proposed : bool
        Whether nobody has stated that, and it only would fit the answers.
    """

    index: int
    name: str
    score: float
    activation: str
    proposed: bool


def activation_to_try(found: Inspected) -> str:
    """Return the activation that is known, or else the one proposed, or else none.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> from cilens.models.inspect.report import inspect_file
    >>> activation_to_try(inspect_file(model_path("digits"), {}))
    'none'
    """
    known = found.known.get("activation")
    return known.value if known is not None else found.proposed or "none"


def guess(found: Inspected, model: ImageModel, image: Image) -> Guess:
    """Ask a network for its first class.

    Parameters
    ----------
    found : Inspected
        What is known of it.
    model : ImageModel
        Made with that, and with `activation_to_try`.
    image : (height, width, channels) array
        In [0, 1].

    Returns
    -------
    Guess

    Raises
    ------
    CilensError
        If the image does not fit, or the network fails.
    """
    scores = score_batch(model, model.view(image).image[None])[0]
    index = int(scores.argmax())
    names = model.class_names
    return Guess(
        index=index,
        name=names[index] if names else f"class {index}",
        score=float(scores[index]),
        activation=activation_to_try(found),
        proposed="activation" not in found.known,
    )
