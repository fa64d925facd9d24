"""What all adapters do: bring what is stated into form, open once, turn images into scores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from cilens.errors import InputError
from cilens.models.deadline import check_timeout
from cilens.models.inputs import check_constants, check_input, stated_preprocess
from cilens.models.isolate.client import Child
from cilens.models.metadata import Tensor, read_names
from cilens.models.names import check_names
from cilens.models.onnx.runtime import Several
from cilens.models.preprocess.record import FitError, Preprocess
from cilens.models.scores import (
    ask_in_batches,
    check_activation,
    check_columns,
    choose_output,
    each,
    to_scores,
)
from cilens.scoring.statement import require_range
from cilens.types import Array, Batch, Image, Rows, Scores, View

Kept = TypeVar("Kept")

_FORMS: Mapping[str, Callable[[Any], object]] = {
    "activation": check_activation,
    "class_names": check_names,
    "inputs": check_constants,
    "output_range": require_range,
    "path": os.fspath,
    "source": os.fspath,
    "timeout": check_timeout,
}
"""By field: what brings it into its one form, or says that it has none. None stays None where that
is the field's default."""


class Network(NamedTuple):
    """A network in a file that was opened, whatever runs it, and what the file says.

    Attributes
    ----------
    path : str
        The file.
    input : Tensor
        The images.
    others : tuple of Tensor
        Inputs that constants are stated for.
    outputs : tuple of Tensor
        As the file states them.
    metadata : mapping of str to str
        What else the file states, as texts.
    ask : callable
        From the name of an output and the network's input to what is put out, without any
        activation.
    batch : int, optional
        Rows that the file states, where it takes so many and no others.
    span : (float, float), optional
        Smallest and largest number that a quantised input can hold.
    steps : mapping of str to float
        By output that is quantised: how far its numbers lie apart.
    child : Child, optional
        The process that it was opened in, where that is another.
    several : callable, optional
        As `ask`, about several batches in one call.
    streams : int
        How many of these it computes at a time; 0 for a network that is asked about all rows.
    """

    path: str
    input: Tensor
    others: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str]
    ask: Callable[[str, Rows], Array]
    batch: int | None = None
    span: tuple[float, float] | None = None
    steps: Mapping[str, float] = MappingProxyType({})
    child: Child | None = None
    several: Several | None = None
    streams: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it can still be asked, from this process."""
        return self.child is None or self.child.alive


class Reading(NamedTuple):
    """How a network is read: what images become for it, and what becomes of its output.

    Attributes
    ----------
    preprocess : Preprocess
        What the network wants its input to be.
    class_names : tuple of str
        One for each class, or nothing.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output.
    output : str or int, optional
        Which output holds the scores, where there are several.
    """

    preprocess: Preprocess
    class_names: tuple[str, ...] = ()
    activation: str = "none"
    output: str | int | None = None

    def view(self, image: Image, hint: str = "") -> View:
        """Return the image as the network looks at it; one that does not fit is told what does."""
        try:
            return self.preprocess.view(image)
        except FitError as error:
            raise FitError(f"{error}; {hint}" if hint else str(error)) from None

    def scores(
        self,
        images: Batch,
        ask: Callable[[list[Array]], list[Array]],
        batch: int | None = None,
        *,
        streams: int = 0,
    ) -> Scores:
        """Ask about images on the network's own grid, in the batches of `ask_in_batches`."""

        def scored(parts: list[Array]) -> list[Scores]:
            return [
                to_scores(raw, len(part), self.activation, self.class_names)
                for raw, part in zip(ask(parts), parts, strict=True)
            ]

        return ask_in_batches(scored, self.preprocess.tensor(images), batch, streams=streams)


class Opened(NamedTuple):
    """A network of an adapter's, in this process.

    Attributes
    ----------
    network : Network
        What was opened.
    reading : Reading
        What is stated and what the file says, as they agree.
    batch : int, optional
        Rows that it is asked about at once; None for any number.
    """

    network: Network
    reading: Reading
    batch: int | None

    def scores(self, images: Batch) -> Scores:
        """Ask about images on the network's own grid."""
        network, output = self.network, str(self.reading.output)
        one = each(partial(network.ask, output))
        ask = one if network.several is None else partial(network.several, output)
        return self.reading.scores(images, ask, self.batch, streams=network.streams)


def settle(adapter: Any) -> None:  # noqa: ANN401 (a dataclass)
    """Bring the fields that adapters have in common into their one form.

    Parameters
    ----------
    adapter : dataclass
        Frozen, and new: its fields are written.

    Raises
    ------
    InputError
        If one has no such form.

    Examples
    --------
    >>> import cilens
    >>> cilens.load_model("digits", activation="softmx")
    Traceback (most recent call last):
    cilens.errors.InputError: unknown activation 'softmx'; did you mean 'softmax'? (known: ...)
    """
    for one in fields(adapter):
        value = getattr(adapter, one.name)
        is_left_open = value is None and one.default is None
        if one.name in _FORMS and not is_left_open:
            object.__setattr__(adapter, one.name, _FORMS[one.name](value))


def adopt(adapter: object, values: Mapping[str, object]) -> None:
    """Give a frozen adapter, new and nobody else's yet, what was found out for it."""
    for name, value in values.items():
        object.__setattr__(adapter, name, value)


def own_fields(adapter: Any) -> dict[str, Any]:  # noqa: ANN401 (a dataclass)
    """Return what an adapter is made of, without what belongs to this process."""
    return {one.name: getattr(adapter, one.name) for one in fields(adapter)}


def opened_once(
    adapter: object, make: Callable[[], Kept], is_open: Callable[[Kept], bool] = bool
) -> Kept:
    """Return what an adapter opens in this process, made once, or anew where it has ended.

    Parameters
    ----------
    adapter : dataclass
        Without slots.
    make : callable
        Opens it.
    is_open : callable
        Whether what was opened still is.

    Returns
    -------
    object
        What was made.
    """
    kept = vars(adapter)
    with kept.setdefault("_opening", threading.Lock()):
        if "_opened" not in kept or not is_open(kept["_opened"]):
            kept["_opened"] = make()
        opened: Kept = kept["_opened"]
        return opened


def agree(
    network: Network,
    stated: tuple[Preprocess | None, tuple[str, ...], str, str | None],
    way: str,
) -> Reading:
    """Put together what is stated of a network and what its file says.

    Parameters
    ----------
    network : Network
        The file, opened.
    stated : (preprocess, class names, activation, output)
        What is stated wins.
    way : str
        What to do about an output that holds no scores.

    Returns
    -------
    Reading
        What both agree on.

    Raises
    ------
    InputError
        If they do not, or preprocessing is stated nowhere.
    FileError
        If the file's metadata hold no such thing as they say.
    """
    (preprocess, names, activation, chosen), path = stated, network.path
    taken = network.input
    preprocess = stated_preprocess(path, preprocess, network.metadata, taken.called, taken.shape)
    check_input(path, taken.shape, taken.dtype, preprocess)
    names = names or read_names(network.metadata, path)
    output = choose_output(path, network.outputs, chosen)
    if not output.dtype.startswith("float"):
        raise InputError(
            f"output {output.name!r} of {path} must be scores; it is {output.dtype}: {way}"
        )
    check_columns(output.shape, activation, names)
    return Reading(preprocess, names, activation, output.name)
