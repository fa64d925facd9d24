"""A model that is opened, and asked, in a separate process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from cilens.errors import FileError, InputError, ModelError
from cilens.models.adapter import Reading, adopt, opened_once, own_fields, settle
from cilens.models.inputs import Constants
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits
from cilens.models.isolate.told import told
from cilens.models.preprocess.record import Preprocess
from cilens.types import Batch, Image, OutputRange, Scores, View

_TOLD = (
    "source", "class_names", "output", "activation", "factory", "inputs", "runtime", "trust",
)  # fmt: skip
"""What the child is told of the model beside its preprocessing."""


class _Said(NamedTuple):
    """What a child says of the model it has opened."""

    preprocess: str
    class_names: tuple[str, ...]
    output: str | int | None
    computed_by: str


class _Kept(NamedTuple):
    """What is kept from it, as it says."""

    kept: tuple[str, ...]


class _Opened(NamedTuple):
    """A child that has opened the model, and how that is read."""

    child: Child
    reading: Reading
    computed_by: str


@dataclass(frozen=True)
class IsolatedModel:
    """A model in a separate process, which has limits and may crash without harm.

    `cilens.load_model` makes one with ``isolate=True``. The child writes no files; on Linux it has
    a limit of memory, and neither makes nor deletes files, starts no programs and opens no TCP
    connection. It can read whatever you can. What it answers are numbers and texts, which are
    checked; nothing that it sends is run.

    Parameters
    ----------
    source : path
        A file, as `cilens.load_model` takes it.
    preprocess : Preprocess, optional
        What the network wants its input to be; by default what the file says.
    class_names : sequence of str
        One for each class; by default what the file says.
    output : str or int, optional
        Which output holds the scores, where there are several.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output.
    factory : str, optional
        For ``.safetensors``: what makes the module. It runs in the child.
    inputs : mapping of str to number or array-like
        A constant for each input of the network that is not the images.
    runtime : str, optional
        What computes, as `cilens.load_model` takes it.
    trust : bool
        State that a file which is a program (``.pt2``, ``.ts``, ``.pt``) may run, in the child.
    hint : str
        Added to the error for an image that does not fit: what else to try.
    limits : Limits
        Memory, and seconds for opening the file and for each question.
    output_range : (absmin, absmax), optional
        Range of the scores, where they are no probabilities; `load_model` takes it from what is
        stated beside the file.

    Raises
    ------
    FileError
        If the file cannot be opened, crashes the child, or wants more than the limits.
    CilensError
        What opening it here would raise.

    Notes
    -----
    A question costs about 0.1 ms and a copy of the images, the child 0.3 s once. A child that was
    ended, as by a crash, is started anew for the next question; copies made by pickle start one
    of their own.

    Examples
    --------
    >>> import cilens, numpy as np
    >>> model = cilens.load_model("digits", isolate=True)
    >>> model(np.zeros((2, 28, 28, 1), dtype=np.float32)).shape
    (2, 10)
    """

    source: str
    preprocess: Preprocess | None = None
    class_names: tuple[str, ...] = field(default=(), repr=False)
    output: str | int | None = None
    activation: str = "none"
    factory: str | None = None
    inputs: Constants = ()
    runtime: str | None = None
    trust: bool = False
    hint: str = field(default="", repr=False, compare=False)
    limits: Limits = Limits()
    output_range: OutputRange | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settle(self)
        adopt(self, self._open().reading._asdict())

    __getstate__ = own_fields

    @property
    def kept(self) -> tuple[str, ...]:
        """What is kept from the child on this system.

        ``"memory"`` beyond the limit; ``"writes"``, any byte into a file; ``"files"``, making,
        deleting and renaming them; ``"programs"``, starting any; ``"network"``, TCP.
        """
        return told(self._open().child.texts, _Kept).kept

    @property
    def computed_by(self) -> str:
        """What computes, as the child says."""
        return self._open().computed_by

    def view(self, image: Image) -> View:
        """Bring an image to the network's size, as `preprocess` states.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1].

        Returns
        -------
        View
            The image as the network looks at it, and which part of `image` that is.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1], or the image does not fit.
        """
        return self._open().reading.view(image, self.hint)

    def __call__(self, images: Batch) -> Scores:
        """Return the model's scores for a batch of images on its own grid.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) array
            What the model in the child answers.

        Raises
        ------
        ModelError
            If the child crashes, takes longer than its limit, or answers no such array.
        CilensError
            What the model in the child raises.
        """
        answer = self._open().child.ask("", {"images": images})
        if answer.ndim != 2 or len(answer) != len(images):
            raise ModelError(
                f"{self.source} must answer one row of scores for each image, ({len(images)}, "
                f"classes); got shape {answer.shape}"
            )
        return answer

    def _open(self) -> _Opened:
        """Return this object's child, started once, or anew where it has ended."""
        return opened_once(self, partial(_start, self), lambda opened: opened.child.alive)


def _start(model: IsolatedModel) -> _Opened:
    """Start a child, and check what it says against what a model is."""
    request = {name: getattr(model, name) for name in _TOLD}
    stated = model.preprocess
    request["preprocess"] = None if stated is None else stated.to_json()
    child = Child(model.source, "cilens.models.isolate.services:serve_model", request, model.limits)
    try:
        said = told(child.texts, _Said)
        preprocess = stated or Preprocess.from_json(said.preprocess)
        reading = Reading(preprocess, said.class_names, model.activation, said.output)
        return _Opened(child, reading, said.computed_by)
    except (InputError, ModelError) as error:
        child.close()
        raise FileError(f"{model.source} cannot be opened in a separate process: {error}") from None
