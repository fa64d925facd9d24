"""Make the pictures of the gallery and of the README: ``make gallery``. Look at each of them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import PIL.Image

from cilens.findings.examine import prepare
from cilens.findings.request import ImageOptions, Request
from cilens.findings.request.result import ResultOptions
from cilens.plot import finding_figure, objects_figure

HERE = Path(__file__).parent
WIDTH = 1200

CASES = {
    "shortcut": Request(["shapes:circle-with-tag"], "shapes"),
    "circle": Request(["shapes:circle"], "shapes"),
    "coffee": Request(["skimage:coffee"], "imagenet"),
    "astronaut": Request(["skimage:astronaut"], "imagenet"),
    "three": Request(["mnist:18"]),
    "eight": Request(["mnist:582"]),
    "grey": Request(["skimage:camera"], "imagenet", reading=ImageOptions(channels=3)),
    "spread": Request(["skimage:immunohistochemistry"], "imagenet"),
    "objects": Request(["skimage:chelsea"], "imagenet", told=ResultOptions(objects=True)),
}
"""What is asked for, by the picture's name."""


def main() -> None:
    """Draw each, or those named, as wide as a page shows it."""
    for name in sys.argv[1:] or CASES:
        request = CASES[name]
        (source,) = request.images
        found = prepare(request).examine(source, request.reading.read(source))
        if found.objects is None:
            figure = finding_figure(found.topic)
        else:
            figure = objects_figure(found.explanation, found.objects)
        path, large = HERE / f"{name}.jpg", io.BytesIO()
        figure.savefig(large, dpi=2 * WIDTH / figure.get_size_inches()[0])
        with PIL.Image.open(large) as picture:
            size = WIDTH, round(WIDTH * picture.height / picture.width)
            small = picture.convert("RGB").resize(size, PIL.Image.Resampling.LANCZOS)
        small.save(path, quality=85, subsampling=0, optimize=True)


if __name__ == "__main__":
    main()
