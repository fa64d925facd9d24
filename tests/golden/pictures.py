"""The pictures that a person has looked at, and how each is made.

``python tests/golden/pictures.py`` writes them anew: look at every one before committing it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image

from cilens import render

FOLDER = Path(__file__).parent
SIDE = 168
"""Of a written picture: six times the image's pixels."""


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return an image, its segments, a value for each pixel and the pixels kept.

    A bright ring on a dark slope; five segments, one of them the ring, one inside it.
    """
    row, column = np.mgrid[:28, :28]
    radius = np.hypot(row - 13.5, column - 13.5)
    ring = (radius > 5) & (radius < 10)
    image = np.where(ring, 0.95, 0.02 * row + 0.005 * column)
    segments = (row > 13) + 2 * (column > 13)
    segments = np.where(ring, 4, np.where(radius <= 5, 3, np.minimum(segments, 2)))
    values = np.array([0.0, -0.12, 0.05, -0.24, 0.21])[segments]
    return image[..., None], segments, values, values >= 0.05


def colour_scene() -> np.ndarray:
    """Return the same image in colour, as bytes."""
    image, segments, _, _ = scene()
    tint = np.array([[255, 210, 160], [180, 220, 255], [200, 255, 200], [255, 180, 220], [255] * 3])
    return np.rint(image * tint[segments]).astype(np.uint8)


def pictures() -> dict[str, np.ndarray]:
    """Return every golden picture by name."""
    image, segments, values, kept = scene()
    large = render.enlarge(render.to_rgb(image), SIDE)
    colour = colour_scene()
    small = {
        "signed_map": render.signed_map(values),
        "overlay": render.overlay(image, values),
        "paper_picture": render.paper_picture(image, kept),
        "highlight": render.highlight(colour, kept),
        "highlight_black": render.highlight(colour, kept, fill=(0, 0, 0)),
        "on_original": render.on_original(colour, (4, 4, 24, 24), values),
    }
    return {name: render.enlarge(picture, SIDE) for name, picture in small.items()} | {
        "boundaries": render.boundaries(large, segments),
    }


if __name__ == "__main__":
    for name, picture in pictures().items():
        PIL.Image.fromarray(picture).save(FOLDER / f"{name}.png", optimize=True)
