"""Images: from a file to an array, and onto another grid."""

from __future__ import annotations

from cilens.image.array import array_key, as_image
from cilens.image.decode import decode_array, decode_image, decode_labels
from cilens.image.limits import MAX_PIXELS
from cilens.image.resample import resample

__all__ = [
    "MAX_PIXELS",
    "array_key",
    "as_image",
    "decode_array",
    "decode_image",
    "decode_labels",
    "resample",
]
