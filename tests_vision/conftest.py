"""Photographs that ship with scikit-image, for networks of torchvision, timm and Hugging Face."""

from __future__ import annotations

import os

import numpy as np
import PIL.Image
import pytest
import skimage.data

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded, and trying would only wait


@pytest.fixture(scope="session")
def cat() -> PIL.Image.Image:
    """Return a photograph of 300 x 451 pixels."""
    return PIL.Image.fromarray(skimage.data.chelsea())


@pytest.fixture(scope="session")
def photographs(cat: PIL.Image.Image) -> list[PIL.Image.Image]:
    """Return five: wide and tall, and one that leaves half a pixel over at each crop of 224."""
    cup = skimage.data.coffee()
    pixels = [cup, cup[:397, :311], np.asarray(cat)[:, :205], np.asarray(cat)[3:, 7:]]
    return [cat, *map(PIL.Image.fromarray, pixels)]
