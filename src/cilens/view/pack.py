"""Texts and arrays as one string that a page unpacks: what is inside is never taken for HTML."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Int16, Shaped, UInt8, UInt16

STEPS = 32767
"""Shares are stored as whole numbers of so many steps: off by at most 0.0031 %."""

LEVELS = 65535
"""Scores are stored as whole numbers of so many steps of their range: off by at most 0.0008 %."""


def pack(texts: Mapping[str, object], arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> str:
    """Return texts (anything JSON can hold) and arrays, compressed, in letters and digits.

    Four bytes say how long the JSON is that follows; in it, ``arrays`` has the type, the shape and
    the first byte of each array behind it, every one at a multiple of eight.

    Parameters
    ----------
    texts : mapping
        Names to anything JSON can hold.
    arrays : mapping of str to array
        Of numbers; bools are stored as bytes.

    Returns
    -------
    str
        Base64 of gzip: the same for the same contents.

    Examples
    --------
    >>> pack({"a": "<b>"}, {"n": np.arange(3)})[:6]
    'H4sIAA'
    """
    places, body = {}, bytearray()
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array.view(np.uint8) if array.dtype == bool else array)
        places[name] = [plain.dtype.str.lstrip("<>|="), list(plain.shape), len(body)]
        body += plain.astype(plain.dtype.newbyteorder("<"), copy=False).tobytes()
        body += bytes(-len(body) % 8)
    head = json.dumps({**texts, "arrays": places}, allow_nan=False).encode()
    head += b" " * (-(len(head) + 4) % 8)
    blob = len(head).to_bytes(4, "little") + head + body
    return base64.b64encode(gzip.compress(blob, mtime=0)).decode()


def shares(values: Float[np.ndarray, "..."], *, up: bool = False) -> Int16[np.ndarray, "..."]:
    """Return shares in `STEPS`: influences toward zero and margins away from it.

    What is sure as stored is sure, then, and what reaches a threshold does.

    Examples
    --------
    >>> shares(np.array([-1.0, 0.00004])).tolist(), shares(np.array([0.00004]), up=True).tolist()
    ([-32767, 1], [2])
    """
    steps = np.clip(values, -1.0, 1.0) * STEPS
    return np.asarray(np.ceil(steps) if up else np.trunc(steps), dtype=np.int16)


def levels(
    scores: Float[np.ndarray, "rows classes"], bounds: Float[np.ndarray, "2 classes"]
) -> UInt16[np.ndarray, "rows classes"]:
    """Return scores in `LEVELS` of each class's range.

    Examples
    --------
    >>> levels(np.array([[0.5, 2.0]]), np.array([[0.0, 0.0], [1.0, 2.0]])).tolist()
    [[32768, 65535]]
    """
    low, high = bounds
    steps = np.clip(np.rint((scores - low) / (high - low) * LEVELS), 0, LEVELS)
    return np.asarray(steps, dtype=np.uint16)


def bits(sets: Bool[np.ndarray, "sets members"]) -> UInt8[np.ndarray, "sets bytes"]:
    """Return sets with a bit for each member, the first one lowest.

    Examples
    --------
    >>> bits(np.array([[True, False, True]])).tolist()
    [[5]]
    """
    return np.packbits(sets, axis=1, bitorder="little")
