"""Segmenters: split an image into regions of pixels that are hidden together.

A segmenter is any callable ``image -> (height, width) integer array``; labels may start anywhere
and have gaps: `segment` closes them in one place and keeps the caller's own.
"""

from __future__ import annotations

from cilens.segmentation.cut import segment
from cilens.segmentation.grid import Grid
from cilens.segmentation.labels import Labels
from cilens.segmentation.regions import Felzenszwalb, Quickshift, Watershed
from cilens.segmentation.slic import FinestSlic, Slic, SteadySlic

__all__ = [
    "Felzenszwalb",
    "FinestSlic",
    "Grid",
    "Labels",
    "Quickshift",
    "Slic",
    "SteadySlic",
    "Watershed",
    "segment",
]
