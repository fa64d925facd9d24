"""Which images, and how their files are read, as options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cilens.errors import InputError
from cilens.findings.request.option import Option

if TYPE_CHECKING:
    from cilens.types import Image

Images = Annotated[
    list[str],
    Option(
        "Files, patterns or directories; - for standard input; mnist:4013 or mnist:0-99 of the "
        "MNIST test split, shapes:0-999 for pictures of shapes, skimage:chelsea for a photograph "
        "of scikit-image.",
        "IMAGE",
        names="image",
    ),
]


@dataclass(frozen=True)
class ImageOptions:
    """How image files are read."""

    channels: Annotated[
        int | None,
        Option(
            "Read images as grey (1) or as RGB (3), or all the channels of files that have four or "
            "more.",
            "1|3|N",
            "as the file has it",
        ),
    ] = None
    frame: Annotated[
        int | None,
        Option("Which page of a TIFF file or frame of an animation, from 0.", "N", "the only one"),
    ] = None
    black: Annotated[
        float | None,
        Option("The file's own number that is black.", "NUMBER", "what the file says"),
    ] = None
    white: Annotated[
        float | None,
        Option(
            "The file's own number that is white, such as 4095 for 12 bits in a 16-bit file; what "
            "lies beyond black and white is cut off.",
            "NUMBER",
            "what the file says",
        ),
    ] = None
    max_pixels: Annotated[
        int | None,
        Option("Refuse larger images before they are decoded.", "PIXELS", "100000000"),
    ] = None

    def read(self, source: str) -> Image:
        """Return one image."""
        from cilens.datasets import read_image
        from cilens.image import MAX_PIXELS

        return read_image(
            source,
            channels=self.channels,
            frame=self.frame,
            black=self.black,
            white=self.white,
            max_pixels=MAX_PIXELS if self.max_pixels is None else self.max_pixels,
        )

    def __post_init__(self) -> None:
        if self.channels is not None and self.channels not in (1, 3) and self.channels < 4:
            raise InputError(
                f"--channels must be 1 (grey) or 3 (RGB); got {self.channels} (4 and more read all "
                "the channels of a file that has so many)"
            )
