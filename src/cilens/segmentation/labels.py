"""Labels and masks of the caller's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cilens.errors import FileError, InputError
from cilens.image import array_key, decode_array
from cilens.segmentation.grid import AnyLabels
from cilens.types import Image


@dataclass(frozen=True, eq=False)
class Labels:
    """The caller's own segmentation.

    Parameters
    ----------
    source : array, tensor, list, PIL image, or path
        As high and wide as the image, or as the photograph that the model is shown a part
        of. Integers: they may start anywhere, have gaps, be negative. A mask of truth values is two
        segments. Masks, (N, height, width) truth values or what Segment Anything returns, are
        segments 1 … N, smaller ones on top of larger ones, and 0 where there is none. A path names
        a .npy file or an image file, read without conversion.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> Labels(np.array([[3, 3], [5, 9]]))(np.zeros((2, 2, 1))).tolist()
    [[3, 3], [5, 9]]
    >>> whole, spot = [[True, True, True]], [[False, True, False]]
    >>> Labels([spot, whole])(np.zeros((1, 3, 1))).tolist()
    [[2, 1, 2]]
    """

    source: str | Path | object

    def __post_init__(self) -> None:
        if isinstance(self.source, np.ma.MaskedArray):
            raise InputError("labels must be there for every pixel; got a masked array: fill it")
        if not isinstance(self.source, str | Path):
            object.__setattr__(self, "source", _labels(self.source))

    def __call__(self, image: Image, /) -> AnyLabels:
        """Return the labels as they are."""
        del image
        if isinstance(self.source, str | Path):
            try:
                return _labels(decode_array(self.source))
            except InputError as error:
                raise FileError(f"{self.source}: {error}") from None
        return np.asarray(self.source)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        own = self.source
        return array_key(own if isinstance(own, str | Path) else np.asarray(own))


def _labels(source: object) -> AnyLabels:
    """Return a label map of whatever holds labels or masks."""
    if isinstance(source, list | tuple) and source and all(isinstance(x, Mapping) for x in source):
        source = [mask.get("segmentation") for mask in source]
    try:
        found = np.asarray(source)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"labels must be an array; {type(source).__name__}: {error}") from None
    masks = found.dtype == bool
    if masks and found.ndim == 4 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim not in ((2, 3) if masks else (2,)) or found.dtype.kind not in "iub":
        raise InputError(
            "labels must be (height, width) integers, or masks, (height, width) or (N, height, "
            f"width) truth values; got shape {found.shape}, dtype {found.dtype}"
        )
    if not masks:
        return found
    if found.ndim == 2:
        return found.astype(np.intp)
    painted = np.zeros(found.shape[1:], dtype=np.intp)
    for index in np.argsort(-found.sum(axis=(1, 2)), kind="stable"):
        painted[found[index]] = index + 1
    return painted
