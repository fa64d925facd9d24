"""Whether a tensor that a file declares is what its bytes hold."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

REPEATED = 2**20
"""Bytes that a tensor may have beyond those it is stored in, as where a row is repeated."""


ITEM_SIZES = {
    kind: size
    for size, kinds in (
        (1, ("Bool", "Byte", "Char")),
        (2, ("BFloat16", "Half", "Short")),
        (4, ("Float", "Int")),
        (8, ("ComplexFloat", "Double", "Long")),
        (16, ("ComplexDouble",)),
    )
    for kind in kinds
}
"""Bytes of an element, by PyTorch's name for its type."""


def view_fault(
    sizes: Sequence[object], strides: Sequence[object], offset: object, held: int
) -> str:
    """Say why a tensor cannot be a view of its storage, or nothing.

    Parameters
    ----------
    sizes, strides : sequence of int
        In elements.
    offset : int
        Offset of the first element.
    held : int
        Elements that are stored.

    Returns
    -------
    str
        To follow the tensor's name.

    Examples
    --------
    >>> view_fault((2, 3), (3, 1), 0, 6)
    ''
    >>> view_fault((2, 3), (3, 1), 1, 6)
    'reaches to element 7 of the 6 that are stored'
    >>> view_fault((10**5, 10**5), (0, 0), 0, 1)
    'declares 10,000,000,000 elements and stores 1; it may have 1,048,576 more'
    """
    numbers = [*sizes, *strides, offset]
    whole = [one for one in numbers if type(one) is int and one >= 0]
    if len(whole) != len(numbers) or len(sizes) != len(strides):
        return "has sizes, strides or an offset that are no whole numbers"
    shape, steps = whole[: len(sizes)], whole[len(sizes) : -1]
    count = prod(shape)
    last = whole[-1] + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if count and last >= held:
        return f"reaches to element {last + 1:,} of the {held:,} that are stored"
    if count > held + REPEATED:
        return f"declares {count:,} elements and stores {held:,}; it may have {REPEATED:,} more"
    return ""
