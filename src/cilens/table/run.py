"""What a run found over all its images, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from cilens.printable import printable
from cilens.text.numbers import percent


def summary_lines(
    counts: tuple[int, int, int, int],
    mistakes: Sequence[tuple[float, str, str, str]],
    places: Mapping[str, Sequence[Sequence[float]]],
) -> list[str]:
    """Say what a run found over all its images.

    Parameters
    ----------
    counts : tuple of int
        Images, those that failed, those with a label, and those whose label was predicted.
    mistakes : sequence of tuple
        Score, image, label and predicted class.
    places : mapping of str to (3, 3) numbers
        For each class, the share of the output range by thirds from the top and from the left.

    Returns
    -------
    list of str

    Examples
    --------
    >>> read = {"square": [[0.0, 0.0, 0.0], [0.0, 0.9, 0.0], [0.0, 0.0, 0.1]]}
    >>> for line in summary_lines((4, 1, 3, 2), [(0.528, "a.png", "9", "4")], read):
    ...     print(line)
    4 images, 1 failed; 2 of 3 with a label were right: 66.7 %
    Most confident errors: a.png (9 taken for 4, 52.8 %)
    square is read in the middle (90.0 %) and the lower right (10.0 %)
    """
    images, failed, labelled, correct = counts
    first = f"{images:,} images, {failed:,} failed"
    if labelled:
        right = percent(correct / labelled, None)
        first += f"; {correct:,} of {labelled:,} with a label were right: {right}"
    lines = [first]
    if mistakes:
        listed = (
            f"{printable(image)} ({label} taken for {predicted}, {percent(score, None)})"
            for score, image, label, predicted in mistakes
        )
        lines.append(f"Most confident errors: {', '.join(listed)}")
    for name, shares in islice(places.items(), _CLASSES):
        cells = [
            (share, _PLACES[row][at])
            for row, line in enumerate(shares)
            for at, share in enumerate(line)
            if share >= _LEAST
        ]
        strongest = [f"{where} ({percent(share, None)})" for share, where in sorted(cells)[:-3:-1]]
        lines.append(f"{name} is read in {' and '.join(strongest) or 'no place surely'}")
    if len(places) > _CLASSES:
        lines.append(f"and {len(places) - _CLASSES} further classes: see --json")
    return lines


def suspect_line(
    name: str, counts: tuple[int, int, int], size: tuple[float, float], image: str
) -> str:
    """Say what recurs too well to be a coincidence.

    Parameters
    ----------
    name : str
        Of the class.
    counts : tuple of int
        Images that it decides, images of the class, and of the nine places those it was in.
    size : tuple of float
        Its share of the image, and its share of the output range.
    image : str
        One of the images.

    Returns
    -------
    str

    Examples
    --------
    >>> suspect_line("square", (20, 20, 4), (0.021, 0.995), "shapes:1")
    'Shortcut suspect: in 20 of 20 images of square, regions that look the same (2.1 % of the
    image, in 4 places) have 99.5 % of the output range, and hardly so in another class; see
    shapes:1'
    """
    images, of, places = counts
    area, influence = (percent(share, None) for share in size)
    return (
        f"Shortcut suspect: in {images:,} of {of:,} images of {name}, regions that look the same "
        f"({area} of the image, in {places} place{'s' * (places > 1)}) have {influence} of the "
        f"output range, and hardly so in another class; see {printable(image)}"
    )


_CLASSES = 10
"""So many are told of, those with the most images."""

_LEAST = 0.01
"""Of the output range: places with less are not named."""

_PLACES = (
    ("the upper left", "the upper middle", "the upper right"),
    ("the left", "the middle", "the right"),
    ("the lower left", "the lower middle", "the lower right"),
)
