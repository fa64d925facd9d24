"""Ask a model file about an image before it is known how to ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, ModelError
from cilens.image import as_image
from cilens.models.inspect.looks import look
from cilens.models.inspect.report import Inspected, Known
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import ask_in_batches, each
from cilens.scoring import consistency
from cilens.types import Array, Image, Rows


def ask(found: Inspected, image: Image, batch_size: int | None = None) -> Inspected:
    """Ask the network about an image, its mirror image and black, and look at the outputs.

    Parameters
    ----------
    found : Inspected
        The network. Where its scale, mean or std are not known it is fed pixels of 0 … 1 and of
        0 … 255, or of all that a quantised input holds: what its outputs look like does not
        depend on that, what it recognises does.
    image : (height, width, channels) float array
        In [0, 1].
    batch_size : int, optional
        Most rows in one call of the network; by default all three.

    Returns
    -------
    Inspected
        With `looks`, and the activation where the answers show it.

    Raises
    ------
    InputError
        If layout, size or channels are not known, or the image does not fit.
    ModelError
        If the network fails.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> from cilens.models.inspect.report import inspect_file
    >>> found = inspect_file(model_path("digits"), {})
    >>> ask(found, np.eye(28)[..., None]).looks["scores"].what
    'probabilities: each row sums to 1'
    """
    lacking = [key for key in ("layout", "size", "channels") if key not in found.known]
    if lacking:
        raise InputError(
            f"to ask {found.path} about an image, --preprocess must state {', '.join(lacking)}"
        )
    tensors, notes = [], set[str]()
    for preprocess in _ways(found):
        pixels = preprocess.view(as_image(image)).image
        batch = np.stack([pixels, pixels[:, ::-1], np.zeros_like(pixels)])
        tensors.append(preprocess.tensor(batch))
    looks = {}
    for output in found.outputs:
        if output.dtype.startswith("float"):
            tables = [_answers(found, output.name, tensor, notes, batch_size) for tensor in tensors]
            if all(table is not None for table in tables):
                looks[output.name] = look(np.concatenate([t for t in tables if t is not None]))
    known = dict(found.known)
    chosen = known["output"].value if "output" in known else ""
    if chosen in looks and "activation" not in known and looks[chosen].activation is not None:
        known["activation"] = Known(str(looks[chosen].activation), "the answers to the image")
    return found._replace(looks=looks, known=known, notes=(*found.notes, *sorted(notes)))


def _answers(
    found: Inspected,
    output: str,
    tensor: Rows,
    notes: set[str],
    batch_size: int | None,
) -> Float[np.ndarray, "rows classes"] | None:
    """Ask for one output; None where it is no row of scores for each image.

    A note is added where it takes no batch, or does not say the same of an image every time.
    """
    taken = found.inputs[0]
    batch = taken.shape[0] if isinstance(taken.shape[0], int) else batch_size

    def run(part: Array) -> Array:
        return np.atleast_1d(found.described.ask(output, part))

    def table(rows: int | None) -> Float[np.ndarray, "rows classes"] | None:
        raw = ask_in_batches(each(run), tensor, rows)
        columns = raw.shape[1] if raw.ndim > 1 else 1
        if len(raw) != len(tensor) or raw.size != len(tensor) * columns:
            return None
        return raw.reshape(len(tensor), columns)

    alone = table(batch or 1)
    try:
        together = table(batch)
    except ModelError:
        together = None
    if alone is not None and together is None:
        notes.add("it takes one image at a time, as with a batch of 1 inside: it is asked so")
    elif alone is not None and together is not None:
        notes |= _consistent(alone, together, lambda: table(batch or 1))
    return alone


def _consistent(
    alone: Float[np.ndarray, "rows classes"],
    together: Float[np.ndarray, "rows classes"],
    ask_again: Callable[[], Float[np.ndarray, "rows classes"] | None],
) -> set[str]:
    """Return a note where an image has not the same scores every time."""
    width = np.full(alone.shape[1], max(float(np.ptp([alone, together])), 1e-9))
    if not np.abs(alone - together).max() > consistency.TOLERANCE * width[0]:
        return set()
    again = ask_again()
    if again is None:
        return set()
    return {
        f"it is no function of one image: {consistency.cause(alone, together, again, width)}",
    }


def _ways(found: Inspected) -> list[Preprocess]:
    """Return the preprocessing to ask with: what is known, or two plain ones."""
    given = {
        field.name: found.known[field.name].value
        for field in fields(Preprocess)
        if field.name in found.known
    }
    given.setdefault("fit", "exact" if given["size"] == "any" else "stretch")
    if all(key in given for key in ("scale", "mean", "std")):
        return [_parse(given)]
    if (span := found.described.span) is not None:
        low, high = span
        return [_parse(given | {"scale": repr(high - low), "mean": repr(-low), "std": "1"})]
    return [_parse({"scale": scale, "mean": "0", "std": "1"} | given) for scale in ("1", "255")]


def _parse(values: Mapping[str, str]) -> Preprocess:
    return Preprocess.parse(",".join(f"{key}={text}" for key, text in values.items()))
