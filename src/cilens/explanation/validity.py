"""What every explanation keeps, whether a method has just made it or a file held it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float, Shaped

from cilens.coalitions import are_single
from cilens.errors import InputError
from cilens.settings import checked
from cilens.types import PixelRange, Regions, Segments

Array = Shaped[np.ndarray, "..."]

_TABLE = ("regions", "classes")
_AXES: Mapping[str, tuple[str, ...]] = {
    "image": ("height", "width", "channels"),
    "segments": ("height", "width"),
    "labels": ("segments",),
    "regions": ("regions", "segments"),
    "scores": ("classes",),
    **dict.fromkeys(("low", "high", "importance", "utility", "influence", "margin"), _TABLE),
    "output_range": ("bounds", "classes"),
    "coalitions": ("rows", "segments"),
    "answers": ("rows", "classes"),
}
"""The axes of each array; where two have an axis in common, they are as long on it."""

_ROUNDING = 1e-6
"""How far a share may pass its bounds: rounding noise, as for `cilens.ContextualImportance`."""

_BOUNDS = {
    "importance": (0.0, 1.0),
    "utility": (0.0, 1.0),
    "influence": (-1.0, 1.0),
    "margin": (0.0, np.inf),
}


def check_arrays(arrays: Mapping[str, Array]) -> None:
    """Raise unless arrays go together and hold what those of an explanation can.

    Parameters
    ----------
    arrays : mapping of str to array
        By the names of `cilens.Explanation`, each of its type; ``margin``, ``coalitions`` and
        ``answers`` may be missing.

    Raises
    ------
    InputError
        Naming the array that has another shape, or holds what it cannot.

    Examples
    --------
    >>> check_arrays({"image": np.zeros((2, 2, 1)), "segments": np.zeros((2, 3), int)})
    Traceback (most recent call last):
    cilens.errors.InputError: segments must have shape (2, 2); got (2, 3)
    """
    sizes = {"bounds": 2}
    for name, array in arrays.items():
        _check_shape(name, array.shape, sizes)
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            least, most = _BOUNDS.get(name, (-np.inf, np.inf))
            _check_numbers(name, array, least - _ROUNDING, most + _ROUNDING)
    _check_segments(arrays["segments"], arrays["regions"])
    if ("coalitions" in arrays) != ("answers" in arrays):
        raise InputError("coalitions and answers go together; got one of them")
    _check_order(arrays["low"] <= arrays["high"], "low must not be above high")
    least, most = arrays["output_range"]
    with np.errstate(over="ignore"):
        width = most - least
    _check_order((width > 0) & np.isfinite(width), "output_range must have absmin < absmax")
    beyond = np.maximum(least - arrays["scores"], arrays["scores"] - most)
    _check_order(beyond <= _ROUNDING * width, "scores must lie in the output range")


def check_pixel_range(stated: PixelRange) -> None:
    """Raise unless black lies below white, in a dtype of real numbers.

    Examples
    --------
    >>> check_pixel_range(PixelRange(0.0, 255.0, "uint8"))
    """
    black, white, dtype = checked("pixel_range", tuple(stated), tuple[float, float, str])
    if not black < white or np.dtype(dtype).kind not in "fiu":
        raise InputError(f"pixel_range must have black < white, of real numbers; got {stated}")


def check_names(name: str, names: Sequence[str], wanted: int, each: str) -> None:
    """Raise unless there is one name for each.

    Examples
    --------
    >>> check_names("class_names", ("cat", "dog"), 3, "class")
    Traceback (most recent call last):
    cilens.errors.InputError: class_names must be 3, one for each class; got 2
    """
    if len(names) != wanted:
        raise InputError(f"{name} must be {wanted}, one for each {each}; got {len(names)}")


def _check_shape(name: str, shape: tuple[int, ...], sizes: dict[str, int]) -> None:
    """Check a shape against the sizes known so far, and note those that are new."""
    if 0 in shape:
        raise InputError(f"{name} must not be empty; got shape {shape}")
    wanted = tuple(
        sizes.setdefault(axis, size) for axis, size in zip(_AXES[name], shape, strict=True)
    )
    if shape != wanted:
        raise InputError(f"{name} must have shape {wanted}; got {shape}")


def _check_numbers(name: str, array: Float[np.ndarray, "..."], low: float, high: float) -> None:
    least, most = array.min(), array.max()  # NaN is both, where there is one
    if not (np.isfinite(least) and np.isfinite(most)):
        raise InputError(f"{name} must be finite; it has NaN or infinite numbers")
    if not (low <= least and most <= high):
        bounds = f"in [{round(low):g}, {round(high):g}]" if np.isfinite(high) else "0 or more"
        raise InputError(f"{name} must be {bounds}; got {least:g} … {most:g}")


def _check_segments(segments: Segments, regions: Regions) -> None:
    n_segments, least, most = regions.shape[1], int(segments.min()), int(segments.max())
    if least < 0 or most >= n_segments:
        raise InputError(
            f"segments must be labelled 0 … {n_segments - 1}, as regions has {n_segments} of "
            f"them; got {least} … {most}"
        )
    missing = np.bincount(segments.ravel().astype(np.intp, copy=False), minlength=n_segments) == 0
    if missing.any():
        raise InputError(f"segments must have every label; {int(missing.argmax())} is missing")
    if not are_single(regions) and not regions.any(axis=1).all():
        raise InputError("regions must have at least one segment each; one has none")


def _check_order(holds: Bool[np.ndarray, "*shape"], message: str) -> None:
    if not holds.all():
        where = ", ".join(map(str, np.argwhere(~holds)[0]))
        raise InputError(f"{message}; not so at [{where}]")
