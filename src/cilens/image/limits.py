"""What a file declares is held against limits before anything is decoded."""

from __future__ import annotations

from typing import NamedTuple

from cilens.errors import FileError, InputError

MAX_PIXELS = 100_000_000
"""Images with more pixels are refused before they are decoded, unless the caller raises it."""

MAX_FRAMES = 10_000
"""Frames are not counted further than this."""


class Ask(NamedTuple):
    """What a reader is asked for: which format, which frame, how large at most, which channels."""

    form: str
    frame: int | None = None
    max_pixels: int = MAX_PIXELS
    channels: int | None = None


def check_size(width: int, height: int, max_pixels: int, channels: int = 1) -> None:
    """Refuse an image that is larger than the limit, or empty; four channels count as one.

    Examples
    --------
    >>> check_size(30_000, 30_000, max_pixels=MAX_PIXELS)
    Traceback (most recent call last):
    cilens.errors.InputError: has 30000 x 30000 = 900,000,000 pixels; the limit is 100,000,000: ...
    """
    if width < 1 or height < 1 or channels < 1:
        raise FileError(f"has {width} x {height} pixels of {channels} channels: nothing to see")
    if width * height * max(1.0, channels / 4) > max_pixels:
        each = f" of {channels} channels" if channels > 4 else ""
        raise InputError(
            f"has {width} x {height} = {width * height:,} pixels{each}; the limit is "
            f"{max_pixels:,}: raise it with max_pixels= (--max-pixels) if you trust the file"
        )


def choose_frame(frame: int | None, frames: int) -> int:
    """Return the frame that is read: the one there is, or the one asked for.

    Parameters
    ----------
    frame : int, optional
        Asked for, from 0.
    frames : int
        How many there are; `MAX_FRAMES` stands for at least as many.

    Examples
    --------
    >>> choose_frame(None, 1), choose_frame(2, 3)
    (0, 2)
    >>> choose_frame(None, 3)
    Traceback (most recent call last):
    cilens.errors.FileError: holds 3 frames: frame=N (--frame N) chooses one, from 0 to 2
    """
    more = frames >= MAX_FRAMES
    if frame is None and frames != 1:
        raise FileError(
            f"holds {frames:,}{' frames or more' if more else ' frames'}: frame=N (--frame N) "
            f"chooses one, from 0 to {'its last' if more else frames - 1}"
        )
    if frame is not None and not 0 <= frame < frames and not (more and frame > 0):
        raise InputError(
            f"holds {frames} frame{'s' * (frames != 1)}, from 0 to {frames - 1}; got frame={frame}"
        )
    return frame or 0
