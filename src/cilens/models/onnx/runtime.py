"""What computes a network: its own framework, or another that gives the same answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Integer, Real

from cilens.errors import InputError, ModelError, unknown
from cilens.scoring.ahead import processors
from cilens.types import Array

if TYPE_CHECKING:
    from cilens.models.onnx.openvino import Compiled

Several = Callable[[str, list[Array]], list[Array]]
"""From the name of an output and several batches to what is put out for each."""

RUNTIMES = {"onnx": "ONNX Runtime", "openvino": "OpenVINO", "torch": "PyTorch"}
"""What computes, as it is stated and as it is called."""

TOLERANCE = 1e-4
"""The most by which an output may differ from that of the network's own framework."""

RELATIVE = 1e-5
"""The same as a share of the largest output, for outputs above ten."""

_CHECKED = 4

_MOST_STREAMS = 8
"""As many as a batch of 32 photographs has pieces."""


def streams_of(threads: int) -> int:
    """Return how many pieces of a batch are computed at a time, each by a thread of its own.

    Measured on EfficientNet-Lite0, two cores: two streams of one thread take 5 % less processor
    time than two threads that share each layer, a quarter less time where others compute too, and
    give the same answers, bit by bit.

    Parameters
    ----------
    threads : int
        That may be used; 0 is one for each processor that this process may use.

    Examples
    --------
    >>> streams_of(2), streams_of(64)
    (2, 8)
    """
    return min(threads or processors(), _MOST_STREAMS)


def check_runtime(runtime: str, known: tuple[str, ...], what: str) -> None:
    """Raise unless a runtime can be stated for a network of some kind.

    Raises
    ------
    InputError
        With those that can.

    Examples
    --------
    >>> check_runtime("openvino", ("onnx", "openvino"), "an ONNX file")
    """
    if runtime not in RUNTIMES:
        raise unknown("runtime", str(runtime), RUNTIMES)
    if runtime not in known:
        raise InputError(
            f"{what} is run by {' or '.join(known) or 'its own framework alone'}; "
            f"got runtime={runtime!r}: {'state one of these' if known else 'leave it out'}"
        )


def spread(rows: int) -> Integer[np.ndarray, " few"]:
    """Return which rows of a batch the network's own framework answers too: four at most.

    Examples
    --------
    >>> spread(9).tolist()
    [0, 3, 5, 8]
    """
    return np.linspace(0, rows - 1, min(rows, _CHECKED)).round().astype(np.intp)


def difference(got: Real[np.ndarray, "..."], wanted: Real[np.ndarray, "..."]) -> str:
    """Say by how much answers differ, or nothing where they agree.

    Parameters
    ----------
    got, wanted : arrays
        To the same rows.

    Examples
    --------
    >>> difference(np.array([0.5]), np.array([0.50001])), difference(np.ones(1), np.zeros(1))
    ('', 'its outputs differ by 1')
    """
    if got.shape != wanted.shape:
        return f"it puts out {got.shape} where {wanted.shape} is put out"
    apart = float(np.abs(got.astype(np.float64) - wanted).max())
    allowed = max(TOLERANCE, RELATIVE * float(np.abs(wanted).max()))
    # Written so that what is no number differs.
    return "" if apart <= allowed else f"its outputs differ by {apart:.2g}"


def verified(ask: Several, own: Several, batch: int | None, must: str) -> Several:
    """Return what asks one runtime, whose first answers are those of the network's own.

    Parameters
    ----------
    ask : callable
        From the name of an output and several batches to what is put out for each.
    own : callable
        The same by the network's own framework: asked once, about a few rows of the first batch.
    batch : int, optional
        Rows the network takes, where it takes so many and no others.
    must : str
        What is said where answers differ, before by how much.

    Raises
    ------
    ModelError
        When it is asked, until the answers agree.

    Examples
    --------
    >>> def twice(output, parts):
    ...     return [part * 2 for part in parts]
    >>> verified(twice, twice, None, "a runtime must answer as its own")("y", [np.ones(1)])
    [array([2.])]
    """
    agree = False

    def checked(output: str, parts: list[Array]) -> list[Array]:
        nonlocal agree
        answers = ask(output, parts)
        if not agree:
            first, got = parts[0], answers[0]
            rows = np.arange(len(first)) if batch else spread(len(first))
            (wanted,) = own(output, [first[rows]])
            apart = difference(got[rows] if got.shape[:1] == (len(first),) else got, wanted)
            if apart:
                raise ModelError(f"{must}, {apart}: state runtime='onnx'")
            agree = True
        return answers

    return checked


def compiled(network: str | bytes, threads: int = 0) -> Compiled:
    """Compile an ONNX network by OpenVINO, which is imported now.

    Raises
    ------
    MissingDependencyError
        If OpenVINO is not installed.
    ModelError
        If OpenVINO cannot run the network.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> compiled(model_path("digits")).run([{0: np.zeros((2, 1, 28, 28), np.float32)}])[0].shape
    (2, 10)
    """
    from cilens.models.onnx.openvino import Compiled

    return Compiled(network, threads or processors(), streams_of(threads))
