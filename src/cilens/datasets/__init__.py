"""Images to explain and to measure with: files, and those that come with cilens."""

from __future__ import annotations

from cilens.datasets.read import read_image
from cilens.datasets.shipped import PHOTOGRAPHS

__all__ = ["PHOTOGRAPHS", "read_image"]
