"""What can go wrong, as exceptions that say what must hold, what came and what to do.

Every error that cilens raises on purpose is a `CilensError` and, beside that, the built-in
exception a Python programmer would expect, so ``except ValueError`` works without importing
anything from here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class CilensError(Exception):
    """Root of all errors that cilens raises on purpose."""


class InputError(CilensError, ValueError):
    """A value given by the caller does not fit: an image, a label map, an option."""


class ModelError(CilensError, ValueError):
    """A model broke its promise: wrong number of rows, NaN, scores outside the stated range."""


class CilensWarning(UserWarning):
    """What was asked for is done, but in another way than was stated; the message says why."""


class FileError(CilensError, OSError):
    """A file cannot be read or written, or does not hold what its name promises."""


class StoppedError(FileError):
    """A run cannot go on; what it has recorded stays, and the same run goes on from there."""


class MissingDependencyError(CilensError, ImportError):
    """An optional package is needed and not installed; the message has the pip command."""


def missing_extra(what: str, package: str, extra: str) -> MissingDependencyError:
    """Return the error for an optional package that is not installed.

    Parameters
    ----------
    what : str
        What was attempted, as the start of a sentence: ``"reading .pt2 models"``.
    package : str
        The package that is missing.
    extra : str
        The extra of cilens that brings it.

    Returns
    -------
    MissingDependencyError
        To be raised by the caller.

    Examples
    --------
    >>> print(missing_extra("reading .pt2 models", "torch", "torch"))
    reading .pt2 models needs torch: pip install "cilens[torch]"
    """
    return MissingDependencyError(f'{what} needs {package}: pip install "cilens[{extra}]"')


@contextmanager
def needs(what: str, package: str, extra: str, module: str = "") -> Iterator[None]:
    """Say how to install an optional package, where an import in the block fails for want of it.

    Parameters
    ----------
    what, package, extra : str
        As for `missing_extra`.
    module : str, optional
        What is imported, where that is called otherwise than the package.

    Yields
    ------
    None

    Raises
    ------
    MissingDependencyError
        In place of the error for that module; another that is missing is told as it is.

    Examples
    --------
    >>> with needs("a drawing", "no-such", "draw", "no_such"):
    ...     import no_such
    Traceback (most recent call last):
    cilens.errors.MissingDependencyError: a drawing needs no-such: pip install "cilens[draw]"
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != (module or package):
            raise
        raise missing_extra(what, package, extra) from error


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """Return the error for a name that does not exist, with the nearest one that does.

    Parameters
    ----------
    kind : str
        What the name should have named: ``"segmenter"``.
    name : str
        The name that came.
    known : iterable of str
        All the names there are.

    Returns
    -------
    InputError
        To be raised by the caller.

    Examples
    --------
    >>> print(unknown("segmenter", "slick", ["grid", "slic"]))
    unknown segmenter 'slick'; did you mean 'slic'? (known: grid, slic)
    """
    names = list(known)
    by_folded = {n.casefold(): n for n in reversed(names)}
    near = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.5)
    hint = f"; did you mean {by_folded[near[0]]!r}?" if near else ""
    listed = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return InputError(f"unknown {kind} {name!r}{hint} (known: {listed})")


def out_of_range(index: int, reached: float, low: float, high: float) -> ModelError:
    """Return the error for a class whose scores leave the output range.

    Parameters
    ----------
    index : int
        The class.
    reached : float
        Its score furthest outside.
    low, high : float
        absmin and absmax.

    Returns
    -------
    ModelError
        To be raised by the caller.

    Examples
    --------
    >>> print(str(out_of_range(3, 8.89, 0.0, 1.0)).partition(":")[0])
    scores must lie in the output range (0, 1); class 3 reached 8.89
    """
    return ModelError(
        f"scores must lie in the output range ({low:g}, {high:g}); class {index} reached "
        f"{reached:g}: let the model return probabilities (activation='softmax' or 'sigmoid'), "
        "state their range (output_range=(absmin, absmax), --output-range LOW HIGH), or measure it "
        "(cilens calibrate, on more images or with a larger --margin)"
    )


def no_head(what: str) -> InputError:
    """Return the error for a model that offers no look inside.

    Parameters
    ----------
    what : str
        The model, as the beginning of a sentence.

    Returns
    -------
    InputError
        To be raised by the caller.

    Examples
    --------
    >>> print(str(no_head("net.onnx")).partition(":")[0])
    a look inside needs a network that ends in a mean over the cells of a grid and one linear \
layer; net.onnx does not show one
    """
    return InputError(
        "a look inside needs a network that ends in a mean over the cells of a grid and one linear "
        f"layer; {what} does not show one: look from outside, which asks any model "
        "(look='outside')"
    )
