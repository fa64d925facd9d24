"""Images: from a file to an array, and onto another grid."""

from __future__ import annotations

from cilens.image.array import (
    MAX_PIXELS,
    array_key,
    as_image,
    decode_array,
    decode_image,
    decode_labels,
    resample,
)

__all__ = [
    "MAX_PIXELS",
    "array_key",
    "as_image",
    "decode_array",
    "decode_image",
    "decode_labels",
    "resample",
]
