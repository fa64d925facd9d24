"""What a run found over all its images: how often right, where read, and what recurs too well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from pyarrow import parquet

from cilens.errors import FileError
from cilens.files import reading

THIRDS = 3
"""A place is a third from the top and a third from the left."""

_ERRORS = 5
_EXAMPLES = 3

_SHADES = 8
"""Steps of a colour's channels: looks of one step are held together."""

_COLOURS, _SIZES = 0.03, 0.2
"""Most that a suspect's colours spread, and its sizes in shares of their mean: one deviation."""

_FEWEST, _OFTEN, _STRONG = 3, 0.2, 0.1
"""A suspect is in so many images, in such a share of its class's, and has such an influence."""

_IMAGES = (
    "index",
    "image",
    "error",
    "correct",
    "label_name",
    "predicted_name",
    "target_name",
    "score",
)
_REGIONS = ("index", "is_target", "important", "influence", "area", "row", "column", "colour")


class Mistake(NamedTuple):
    """An image whose label was not predicted."""

    score: float
    image: str
    label: str
    predicted: str


class Suspect(NamedTuple):
    """A look that decides a class in many of its images, alike in each, and hardly in others.

    Attributes
    ----------
    name : str
        Of the class.
    images, of : int
        The images it decides, of all that the class was explained in.
    influence : float
        Mean share of the output range, over these images.
    area : float
        Mean share of the image.
    colour : tuple of float
        Mean, a number for each channel.
    places : int
        In how many of the nine places it was.
    examples : tuple of str
        Some of the images.
    """

    name: str
    images: int
    of: int
    influence: float
    area: float
    colour: tuple[float, ...]
    places: int
    examples: tuple[str, ...]


class Summary(NamedTuple):
    """What a run found over all its images.

    Attributes
    ----------
    images, failed, labelled, correct : int
        How many there are, failed, have a label, and had it predicted.
    mistakes : list of Mistake
        The five with the highest scores.
    places : dict of str to (3, 3) array
        For each class explained, the mean share of the output range that its regions add, by
        thirds from the top and from the left; the class with the most images first.
    suspects : list of Suspect
        The strongest first.
    """

    images: int
    failed: int
    labelled: int
    correct: int
    mistakes: list[Mistake]
    places: dict[str, Float[np.ndarray, "3 3"]]
    suspects: list[Suspect]


def summarize(folder: str | Path) -> Summary:
    """Summarize the results of a run, part by part.

    Parameters
    ----------
    folder : path
        Of the results.

    Returns
    -------
    Summary

    Raises
    ------
    FileError
        If there are none, or a part is damaged.
    """
    tally = _Tally()
    for images, regions in _parts(Path(folder)):
        tally.add(images, regions)
    return Summary(
        tally.counts["images"],
        tally.counts["failed"],
        tally.counts["labelled"],
        tally.counts["correct"],
        tally.mistakes,
        {name: tally.places[name] / count for name, count in tally.explained.most_common()},
        tally.suspects(),
    )


_Rows = list[dict[str, Any]]


def _parts(folder: Path) -> Iterator[tuple[_Rows, _Rows]]:
    paths = sorted((folder / "images").glob("part-*.parquet"))
    if not paths:
        raise FileError(f"{folder} has no results of cilens run: no images/part-*.parquet")
    for path in paths:
        found = []
        for table, columns in ((path, _IMAGES), (folder / "regions" / path.name, _REGIONS)):
            with reading(table, "is damaged or not a part of a run"):
                rows = parquet.read_table(table, columns=list(columns), partitioning=None)
                found.append(rows.to_pylist())
        yield found[0], [row for row in found[1] if row["is_target"]]


@dataclass
class _Look:
    """Important regions of one class with one look: sums over the images that have one."""

    images: int = 0
    last: int = -1
    sums: Any = 0.0
    squares: Any = 0.0
    places: set[tuple[int, int]] = field(default_factory=set)
    examples: list[str] = field(default_factory=list)

    def add(self, region: Mapping[str, Any], image: str) -> None:
        """Add a region; of several in an image the first."""
        if region["index"] == self.last:
            return
        numbers = np.array([region["influence"], region["area"], *region["colour"]])
        self.last, self.images = region["index"], self.images + 1
        self.sums, self.squares = self.sums + numbers, self.squares + numbers**2
        self.places.add(_place(region))
        if len(self.examples) < _EXAMPLES:
            self.examples.append(image)

    def alike(self) -> bool:
        """Say whether size and colour are the same in all of its images, nearly."""
        mean = self.sums / self.images
        spread = np.sqrt(np.maximum(self.squares / self.images - mean**2, 0.0))
        return bool(spread[1] <= _SIZES * mean[1] and (spread[2:] <= _COLOURS).all())

    def suspect(self, name: str, of: int) -> Suspect:
        """Return what is said of it."""
        influence, area, *colour = (self.sums / self.images).tolist()
        where = len(self.places), tuple(self.examples)
        return Suspect(name, self.images, of, influence, area, tuple(colour), *where)


@dataclass
class _Tally:
    """What has been counted so far; it grows with classes and looks, not with images."""

    counts: Counter[str] = field(default_factory=Counter)
    explained: Counter[str] = field(default_factory=Counter)
    mistakes: list[Mistake] = field(default_factory=list)
    places: dict[str, Float[np.ndarray, "3 3"]] = field(default_factory=dict)
    looks: dict[tuple[str, tuple[float, ...]], _Look] = field(default_factory=dict)

    def add(self, images: _Rows, regions: _Rows) -> None:
        """Add a part."""
        named = {row["index"]: row for row in images}
        for row in images:
            self.counts["images"] += 1
            self.counts["failed"] += row["error"] is not None
            self.counts["labelled"] += row["correct"] is not None
            self.counts["correct"] += row["correct"] is True
            if row["error"] is None:
                self.explained[row["target_name"]] += 1
                self.places.setdefault(row["target_name"], np.zeros((THIRDS, THIRDS)))
            if row["correct"] is False:
                wrong = row["score"], row["image"], row["label_name"], row["predicted_name"]
                self.mistakes = nlargest(_ERRORS, [*self.mistakes, Mistake(*wrong)])
        for region in regions:
            image = named[region["index"]]
            name = image["target_name"]
            self.places[name][_place(region)] += region["influence"]
            if region["important"]:
                look = name, tuple(round(_SHADES * one) / _SHADES for one in region["colour"])
                self.looks.setdefault(look, _Look()).add(region, image["image"])

    def suspects(self) -> list[Suspect]:
        """Return the looks that recur too well, the strongest first."""
        found = []
        for (name, shade), look in self.looks.items():
            rivals = max(
                (
                    one.images
                    for key, one in self.looks.items()
                    if key[1] == shade and key[0] != name
                ),
                default=0,
            )
            often = look.images >= max(_FEWEST, _OFTEN * self.explained[name])
            strong = look.sums[0] / look.images >= _STRONG
            if often and strong and look.alike() and rivals <= look.images / 10:
                found.append(look.suspect(name, self.explained[name]))
        return sorted(found, key=lambda one: -one.images * one.influence)


def _place(region: Mapping[str, Any]) -> tuple[int, int]:
    """Return the third from the top and the third from the left."""
    row, column = (min(int(THIRDS * region[name]), THIRDS - 1) for name in ("row", "column"))
    return row, column
