"""From what a network puts out to scores: an activation where told, one row for each image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass

import numpy as np
from jaxtyping import Float

from cilens.errors import InputError, ModelError, unknown
from cilens.models.kinds import kind_of
from cilens.models.metadata import Dimensions, Tensor, show
from cilens.types import Array, Rows, Scores

ACTIVATIONS = ("none", "softmax", "sigmoid")

AT_ONCE = 4 * 3 * 224 * 224
"""Numbers fed at once, as of four photographs: the layers of four stay in the caches. What that
gains, `benchmarks/runtimes.py` prints."""

_WORTH = 8 * 28 * 28
"""Numbers for which another thread is worth waking, as of eight digits."""


def check_activation(activation: str) -> str:
    """Return an activation that is one of ``"none"``, ``"softmax"`` and ``"sigmoid"``.

    Raises
    ------
    InputError
        With the nearest name there is.

    Examples
    --------
    >>> check_activation("softmax")
    'softmax'
    """
    if activation not in ACTIVATIONS:
        raise unknown("activation", str(activation), ACTIVATIONS)
    return activation


def count_classes(columns: int, activation: str, class_names: tuple[str, ...]) -> int:
    """Return how many classes a network's columns stand for.

    A single column p stands for two classes, scored (1 - p, p), where the caller says that it
    is a probability: by ``activation="sigmoid"``, or by two class names where the sigmoid is in
    the network. With one class name, or with neither, it is one class of its own.

    Parameters
    ----------
    columns : int
        Width of the network's output.
    activation : {"none", "softmax", "sigmoid"}
        What is applied to it.
    class_names : tuple of str
        Or nothing where classes have no names.

    Returns
    -------
    int
        Two for a single column as above, else `columns`.

    Raises
    ------
    InputError
        If the number of names is another, or a softmax is asked for over a single column.

    Examples
    --------
    >>> count_classes(1, "sigmoid", ()), count_classes(1, "none", ()), count_classes(10, "none", ())
    (2, 1, 10)
    """
    if columns == 1 and activation == "softmax":
        raise InputError(
            "softmax over a single output is always 1: a network with one output takes "
            "activation='sigmoid', or 'none' where it ends in a sigmoid itself"
        )
    named = len(class_names)
    two = columns == 1 and (named == 2 or (activation == "sigmoid" and named != 1))
    classes = 2 if two else columns
    if class_names and named != classes:
        raise InputError(
            f"class_names must name each class of the network's output: {classes}; got {named}"
            f"{_background(classes, class_names)}"
        )
    return classes


def pick_output(answer: object, output: str | int | None) -> object:
    """Return the part of a network's answer that holds the scores.

    Parameters
    ----------
    answer : object
        What a network returned: a dict, a dataclass, a tuple, or the scores.
    output : str or int, optional
        The part's key, field or place; None where the answer is the scores.

    Returns
    -------
    object
        What is there, whatever it is.

    Raises
    ------
    ModelError
        If the answer has several parts and none is named, or one is named and it has none.
    InputError
        If it has no part of that name.

    Examples
    --------
    >>> pick_output({"logits": 1, "hidden": 2}, "logits")
    1
    """
    parts = _parts(answer)
    if parts is None and output is None:
        return answer
    kind = type(answer).__name__
    if parts is None:
        raise ModelError(
            f"output={output!r} picks a part of a dict, dataclass or tuple; got "
            f"{kind}: leave it out"
        )
    if output is None:
        listed = ", ".join(map(repr, parts))
        likely = "logits" if "logits" in parts else next(iter(parts), "logits")
        raise ModelError(
            "the network must return one tensor of scores, or output= must say which of several "
            f"it is; got {kind} with {listed}: state output={likely!r}, "
            "or whichever holds the scores"
        )
    name = int(output) if isinstance(answer, tuple | list) and str(output).isdecimal() else output
    if name not in parts:
        raise unknown("output", str(output), map(str, parts))
    return parts[name]


def _parts(answer: object) -> Mapping[object, object] | None:
    """Return the parts of an answer that has several, by name or place."""
    if isinstance(answer, Mapping):
        return answer
    if is_dataclass(answer):
        return {one.name: getattr(answer, one.name) for one in fields(answer)}
    if isinstance(answer, tuple | list):
        parts: dict[object, object] = dict(enumerate(answer))
        parts.update(zip(getattr(answer, "_fields", ()), answer, strict=False))
        return parts
    return None


def to_scores(raw: Array, rows: int, activation: str, class_names: tuple[str, ...]) -> Scores:
    """Turn a network's output into scores.

    Parameters
    ----------
    raw : (rows, columns) float array
        Also (rows,), and (rows, columns, 1, 1) as convolutions leave it.
    rows : int
        Images that were asked about.
    activation : {"none", "softmax", "sigmoid"}
        What to apply, in float32, or in float64 where the output is that.
    class_names : tuple of str
        Checked against the number of classes; two of them make two classes of one column.

    Returns
    -------
    (rows, classes) float32 or float64 array
        The scores.

    Raises
    ------
    ModelError
        If the output has another shape, or no floating-point numbers.
    InputError
        If the number of names does not fit.

    Examples
    --------
    >>> to_scores(np.array([0.0, 0.0]), 2, "sigmoid", ("cat", "dog")).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if raw.dtype.kind != "f":
        raise ModelError(f"the network's output must be floating-point scores; got {raw.dtype}")
    columns = raw.shape[1] if raw.ndim > 1 else 1
    if raw.ndim == 0 or len(raw) != rows or raw.size != rows * columns or columns == 0:
        raise ModelError(
            f"the network must put out one row of scores for each image, ({rows}, classes); "
            f"got shape {raw.shape}{_other(raw.shape)}"
        )
    values = raw.reshape(rows, columns)
    if values.dtype != np.float64:
        values = values.astype(np.float32, copy=False)
    classes = count_classes(columns, activation, class_names)
    # A sigmoid's exp may run over: to 0, as it should. What is not finite stays so, without a
    # warning of numpy's: scoring raises on it.
    with np.errstate(invalid="ignore", over="ignore"):
        if activation == "softmax":
            values = _softmax(values)
        elif activation == "sigmoid":
            values = 1 / (1 + np.exp(-values))
    return values if classes == columns else np.concatenate([1 - values, values], axis=1)


def check_columns(shape: Dimensions, activation: str, class_names: tuple[str, ...]) -> None:
    """Raise where an output has other columns than there are classes, as far as it says.

    Raises
    ------
    InputError
        As `count_classes` does.

    Examples
    --------
    >>> check_columns(("n", 2), "softmax", ("cat", "dog"))
    """
    columns = (*shape, 1)[1] if shape else None
    if isinstance(columns, int):
        count_classes(columns, activation, class_names)


def choose_output(path: str, outputs: Sequence[Tensor], name: str | None) -> Tensor:
    """Return the output that holds the scores: the one meant, or the only one.

    Raises
    ------
    InputError
        If there is no such output, none at all, or several and none is meant.

    Examples
    --------
    >>> choose_output("net.onnx", [Tensor("scores", "float32", ("n", 3))], None).name
    'scores'
    """
    known = {one.name: one for one in outputs}
    if not known:
        raise InputError(f"{path} has no output that could hold scores")
    if name is None:
        if len(known) > 1:
            listed = ", ".join(f"{one.name!r} {show(one.shape)}" for one in known.values())
            raise InputError(f"{path} has {len(known)} outputs, choose one with output=: {listed}")
        (name,) = known
    if name not in known:
        raise unknown(f"output of {path}", name, known)
    return known[name]


def ask_in_batches(
    ask: Callable[[list[Array]], list[Scores]],
    tensor: Rows,
    batch: int | None,
    *,
    streams: int = 0,
) -> Scores:
    """Ask a network that takes exactly `batch` rows about any number of them.

    The last batch is filled up with copies of its last row, whose answers are dropped.

    Parameters
    ----------
    ask : callable
        From batches, all at once, to the scores of each; see `each`.
    tensor : (rows, …) array
        What the network is fed.
    batch : int, optional
        Rows the network takes; None where it takes any number.
    streams : int
        How many batches are computed at a time, where the network takes any number of rows: then
        it is asked about a few large images at a time, which is faster on a processor; see
        `in_pieces`. 0 is all rows in one batch.

    Returns
    -------
    (rows, classes) array
        Scores of the real rows.

    Raises
    ------
    InputError
        If there are no rows.

    Examples
    --------
    >>> def ask(rows):
    ...     assert len(rows) == 4
    ...     return rows.reshape(4, 1)
    >>> ask_in_batches(each(ask), np.arange(7.0).reshape(7, 1, 1, 1), 4).ravel().tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    """
    if len(tensor) == 0:
        raise InputError("a model must be asked about at least one image; got none")
    if batch is None:
        return joined(ask(in_pieces(tensor, streams) if streams else [tensor]))
    *full, last = in_batches(tensor, batch)
    filling = np.repeat(last[-1:], batch - len(last), axis=0)
    answers = joined(ask([*full, np.concatenate([last, filling]) if len(filling) else last]))
    return answers[: len(tensor)] if len(filling) else answers


def each(ask: Callable[[Array], Array]) -> Callable[[list[Array]], list[Array]]:
    """Return what asks about several batches, one after the other.

    Examples
    --------
    >>> each(np.negative)([np.ones(1)])
    [array([-1.])]
    """
    return lambda parts: [ask(part) for part in parts]


def in_batches(tensor: Rows, rows: int) -> list[Array]:
    """Split into batches of so many rows, the last of which may be shorter.

    Examples
    --------
    >>> [len(one) for one in in_batches(np.zeros((7, 2)), 4)]
    [4, 3]
    """
    return [tensor[start : start + rows] for start in range(0, len(tensor), rows)]


def in_pieces(tensor: Rows, streams: int = 1) -> list[Array]:
    """Split rows into pieces of at most `AT_ONCE` numbers, or of one row.

    Parameters
    ----------
    tensor : (rows, …) array
        What a network on the processor is fed.
    streams : int
        How many pieces are computed at a time: there are as many as keep all of them busy.

    Returns
    -------
    list of arrays
        Views, in order, of nearly the same length.

    Examples
    --------
    >>> [len(piece) for piece in in_pieces(np.zeros((9, 3, 224, 224)))]
    [3, 3, 3]
    >>> [len(piece) for piece in in_pieces(np.zeros((100, 1, 28, 28)), streams=2)]
    [50, 50]
    """
    least = -(-len(tensor) // max(1, AT_ONCE // max(1, tensor[:1].size)))
    most = max(least, min(len(tensor), tensor.size // _WORTH))
    return np.array_split(tensor, min(most, -(-least // streams) * streams))


def joined(answers: list[Array]) -> Array:
    """Put the answers to all pieces together; what has no rows is left as it is.

    Examples
    --------
    >>> joined([np.ones((2, 3)), np.ones((1, 3))]).shape
    (3, 3)
    """
    if len(answers) == 1 or any(answer.ndim == 0 for answer in answers):
        return answers[0]
    return np.concatenate(answers)


def _other(shape: Dimensions) -> str:
    """Say what kind of network has put out an array that is no table of scores."""
    kind = kind_of([shape])
    return "" if kind is None or kind.explained else f": it puts out {kind.what}; {kind.way}"


_MANY = 20
"""Classes of the data sets that have one for the background, at least."""


def _background(classes: int, names: Sequence[str]) -> str:
    """Say where a class for the background is likely too many in the names, or lacking."""
    first = names[0].strip("_ ").lower()
    if len(names) == classes + 1 and first in ("background", "dummy", "unlabeled"):
        return f": leave the first out, {names[0]!r}, which this network does not have"
    if len(names) == classes - 1 and len(names) >= _MANY and first != "background":
        return ": where the network's first class is the background, name it too"
    return ""


def _softmax(
    values: Float[np.ndarray, "rows classes"],
) -> Float[np.ndarray, "rows classes"]:
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    shares: Float[np.ndarray, "rows classes"] = powers / powers.sum(axis=1, keepdims=True)
    return shares
