"""Which images, and how their files are read, as options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cilens.errors import InputError

if TYPE_CHECKING:
    from cilens.types import Image


@dataclass(frozen=True)
class ImageOptions:
    """How image files are read.

    Parameters
    ----------
    channels : 1|3|N, default as the file has it
        Read images as grey (1) or as RGB (3), or all the channels of files that have four
        or more.
    frame : N, default the only one
        Which page of a TIFF file or frame of an animation, from 0.
    black : NUMBER, default what the file says
        The file's own number that is black.
    white : NUMBER, default what the file says
        The file's own number that is white, such as 4095 for 12 bits in a 16-bit file; what
        lies beyond black and white is cut off.
    max_pixels : PIXELS, default 100000000
        Refuse larger images before they are decoded.
    """

    channels: int | None = None
    frame: int | None = None
    black: float | None = None
    white: float | None = None
    max_pixels: int | None = None

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
