"""The images that come with cilens, by name: ``mnist:18``, ``shapes:circle``, ``skimage:coffee``.

What stands before the colon is a collection; what stands after it, a number or a name in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from cilens.datasets.mnist import load_mnist
from cilens.datasets.shapes import COUNT, KINDS, draw, numbered
from cilens.errors import InputError, unknown
from cilens.image import decode_image
from cilens.image.raster import Raster, to_unit

PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "immunohistochemistry": "ihc.png",
    "moon": "moon.png",
    "motorcycle": "motorcycle_left.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
}
"""Photographs that come with scikit-image's own files."""

_WITH_TAG = "-with-tag"


class Name(NamedTuple):
    """A collection, and what was asked for in it."""

    collection: str
    rest: str


class Collection(NamedTuple):
    """Images that come with cilens.

    Attributes
    ----------
    what : str
        One of them, in a few words.
    numbers : int
        How many have a number, from 0 on.
    names : tuple of str
        Of those that have one.
    read : callable
        (number or name, channels) to (height, width, channels) float32 array in [0, 1].
    shows : callable
        Number or name to the name of the class that it shows; None where nobody has said.
    whole : str
        What names all those that have a number, as ``mnist:test``; nothing where nothing does.
    """

    what: str
    numbers: int
    names: tuple[str, ...]
    read: Callable[[str, int | None], Float[np.ndarray, "height width channels"]]
    shows: Callable[[str], str | None]
    whole: str = ""


def named(source: str) -> Name | None:
    """Take the name of an image that comes with cilens apart; None where it is none, but a path.

    Examples
    --------
    >>> named("mnist:18"), named("photo.jpg")
    (Name(collection='mnist', rest='18'), None)
    """
    collection, colon, rest = source.partition(":")
    return Name(collection, rest) if colon and collection in COLLECTIONS else None


def read(name: Name, channels: int | None) -> Float[np.ndarray, "height width channels"]:
    """Return an image that comes with cilens.

    Parameters
    ----------
    name : Name
        From `named`.
    channels : int or None
        As for `cilens.read_image`.

    Returns
    -------
    (height, width, channels) float32 array
        In [0, 1].

    Raises
    ------
    InputError
        If there is no such image, or no such number of channels.
    """
    _check(name, name.rest)
    if channels not in (None, 1, 3):
        raise InputError(f"channels must be 1 (grey) or 3 (RGB); got {channels}")
    return COLLECTIONS[name.collection].read(name.rest, channels)


def spread(name: Name) -> list[str]:
    """Return the images that a name means: several for ``mnist:0-3``, all for ``mnist:test``.

    Raises
    ------
    InputError
        If the range goes down, or beyond what there is.

    Examples
    --------
    >>> spread(Name("mnist", "8-10")), spread(Name("skimage", "coffee"))
    (['mnist:8', 'mnist:9', 'mnist:10'], ['skimage:coffee'])
    """
    collection = COLLECTIONS[name.collection]
    if name.rest and name.rest == collection.whole:
        return [f"{name.collection}:{number}" for number in range(collection.numbers)]
    ends = re.fullmatch(r"([0-9]+)-([0-9]+)", name.rest)
    if ends is None:
        return [":".join(name)]
    for end in ends.groups():
        _check(name, end)
    first, last = map(int, ends.groups())
    if first > last:
        raise InputError(f"a range must go up, as {name.collection}:{last}-{first} does")
    return [f"{name.collection}:{number}" for number in range(first, last + 1)]


def shown(source: str) -> str | None:
    """Return the name of the class that an image of a collection shows, where it is known.

    Examples
    --------
    >>> shown("mnist:0"), shown("shapes:1"), shown("skimage:coffee"), shown("photo.jpg")
    ('7', 'square', None, None)
    """
    name = named(source)
    if name is None:
        return None
    _check(name, name.rest)
    return COLLECTIONS[name.collection].shows(name.rest)


def check_path(source: str) -> None:
    """Refuse what was to be no path, where no such file exists: what follows calls it missing.

    Raises
    ------
    InputError
        For an address on the web, and for a name of which one half is wrong or missing.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        raise InputError(
            f"{source} is an address, and cilens downloads nothing: save the image, and name the "
            "file"
        )
    if source in COLLECTIONS:
        one = COLLECTIONS[source]
        what = (
            f"{source}:0 to {source}:{one.numbers - 1}"
            if one.numbers
            else f"{source}:{one.names[0]}"
        )
        raise InputError(f"{source} is a collection of images: say which, as {what}")
    halves = re.fullmatch(r"(\w+):(.*)", source)
    if halves and (near := get_close_matches(halves[1].casefold(), COLLECTIONS, n=1)):
        raise InputError(f"there is no file {source}; did you mean {near[0]}:{halves[2]}?")


def _check(name: Name, rest: str) -> None:
    """Refuse a number beyond those there are, and a name that is none."""
    collection, known = name.collection, COLLECTIONS[name.collection]
    count, names = known.numbers, known.names
    numeric = rest.isascii() and rest.isdecimal()
    if (numeric and int(rest) < count) or rest in names:
        return
    if count and (numeric or not names):
        got = rest or "nothing"
        raise InputError(f"{collection}:N needs an index from 0 to {count - 1}; got {got}")
    raise unknown(known.what, rest, names)


def _no_class(_: str) -> None:
    return None


def _digit_shown(number: str) -> str:
    return str(load_mnist()[1][int(number)])


def _shape_shown(name: str) -> str:
    return KINDS[int(name) % len(KINDS)] if name.isdecimal() else name.removesuffix(_WITH_TAG)


def _digit(number: str, channels: int | None) -> Float[np.ndarray, "28 28 channels"]:
    return _converted(load_mnist()[0][int(number), :, :, None], channels)


def _shape(name: str, channels: int | None) -> Float[np.ndarray, "48 48 channels"]:
    if name.isdecimal():
        return _converted(numbered(int(name)), channels)
    kind = name.removesuffix(_WITH_TAG)
    found = next(known for known in KINDS if known == kind)
    return _converted(draw(found, seed=0, tag=name.endswith(_WITH_TAG)), channels)


def _photograph(name: str, channels: int | None) -> Float[np.ndarray, "height width channels"]:
    # The file itself, and not skimage.data, which would download what it does not find.
    file = resources.files("skimage") / "data" / PHOTOGRAPHS[name]
    with resources.as_file(file) as path:
        return decode_image(path, channels=channels)


def _converted(
    pixels: UInt8[np.ndarray, "height width stored"], channels: int | None
) -> Float[np.ndarray, "height width channels"]:
    return to_unit(Raster(pixels, (0.0, 255.0)), channels, None, None)


COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        "mnist": Collection(
            "digit of the MNIST test split", 10_000, (), _digit, _digit_shown, "test"
        ),
        "shapes": Collection(
            "picture of a shape",
            COUNT,
            (*KINDS, *(f"{kind}{_WITH_TAG}" for kind in KINDS)),
            _shape,
            _shape_shown,
            "all",
        ),
        "skimage": Collection(
            "photograph of scikit-image", 0, tuple(PHOTOGRAPHS), _photograph, _no_class
        ),
    }
)
"""By what stands before the colon."""
