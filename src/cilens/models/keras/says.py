"""What a model of Keras says of itself. Keras is not needed: what is read are its attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from cilens.models.metadata import Tensor
from cilens.models.scores import pick_output

_SCALING = {"Rescaling": ("scale", "offset"), "Normalization": ("mean", "variance")}
"""Layers that do to pixels what a `Preprocess` would, and their settings."""


class Symbol(Protocol):
    """What Keras has for an input or output."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class Layer(Protocol):
    """A layer of a model."""

    name: str

    def get_config(self) -> Mapping[str, object]:
        """Return its settings."""
        ...


def symbols(model: object, which: str) -> Sequence[Symbol]:
    """Return a model's ``inputs`` or ``outputs``, as far as it says.

    A subclassed model, and a Sequential one without its first input, has no such attribute.

    Examples
    --------
    >>> symbols(object(), "inputs")
    ()
    """
    found: Sequence[Symbol] = getattr(model, which, None) or ()
    return found


def inputs_of(model: object) -> tuple[Tensor, ...]:
    """Return the inputs of a model; none for a model that does not say.

    Examples
    --------
    >>> inputs_of(object())
    ()
    """
    return tuple(
        Tensor(one.name, str(one.dtype), tuple(one.shape)) for one in symbols(model, "inputs")
    )


def named_outputs(model: object, answers: object) -> dict[str, Any]:
    """Return what a model puts out by the names it has for that: keys, or `output_names`.

    Examples
    --------
    >>> named_outputs(object(), ["a", "b"])
    {'0': 'a', '1': 'b'}
    """
    if isinstance(answers, Mapping):
        return {str(name): part for name, part in answers.items()}
    parts = answers if isinstance(answers, list | tuple) else [answers]
    names = _output_names(model)
    numbers = [str(place) for place in range(len(parts))]
    return dict(zip(names if len(names) == len(parts) else numbers, parts, strict=True))


def pick(model: object, answers: object, output: str | int | None) -> object:
    """Return the output asked for, by the model's name for it or as of any network.

    Examples
    --------
    >>> pick(object(), {"logits": 1, "hidden": 2}, "logits")
    1
    """
    if not isinstance(answers, Mapping) and output in _output_names(model):
        return named_outputs(model, answers)[str(output)]
    return pick_output(answers, output)


def own_preprocessing(model: object) -> dict[str, str]:
    """Return the layers that scale pixels inside a model, by name, and what they do.

    Examples
    --------
    >>> own_preprocessing(object())
    {}
    """
    return {
        f"layer {layer.name!r}": f"{kind}: "
        + ", ".join(f"{setting} {layer.get_config()[setting]}" for setting in _SCALING[kind])
        for layer in _layers(model)
        if (kind := type(layer).__name__) in _SCALING
    }


def _output_names(model: object) -> Sequence[str]:
    """Return the names of a model's outputs; of a Sequential one that is its last layer's."""
    names: Sequence[str] = getattr(model, "output_names", ())
    layers: Sequence[Layer] = getattr(model, "layers", ())
    return names or [layer.name for layer in layers[-1:] if symbols(model, "outputs")]


def _layers(model: object) -> Iterator[Layer]:
    """Return a model's layers, and those of the models that it is made of."""
    layers: Sequence[Layer] = getattr(model, "layers", ())
    for layer in layers:
        yield layer
        yield from _layers(layer)
