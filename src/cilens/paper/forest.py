"""The black box of LIME's own MNIST tutorial: a random forest, which has no layer to look into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32, Integer

from cilens.datasets.mnist import CLASSES
from cilens.types import Batch, Model, Scores

TREES, TRIED, DEPTH = 50, 28, 40
"""Trees, pixels tried at each node (the square root of 784), and rounds in which a tree grows."""


class Tree(NamedTuple):
    """Nodes, the root first, each asking whether one pixel is bright.

    Attributes
    ----------
    pixels : (nodes,) int array
        Which pixel.
    below : (nodes, 2) int array
        The nodes for dark and bright; a leaf leads to itself.
    shares : (nodes, 10) float array
        Shares of the digits that came by.
    """

    pixels: Integer[np.ndarray, " nodes"]
    below: Integer[np.ndarray, "nodes 2"]
    shares: Float[np.ndarray, "nodes 10"]


def grow(
    images: Float32[np.ndarray, "images 28 28 1"], labels: Integer[np.ndarray, " images"]
) -> Model:
    """Train a random forest on digits: trees on bootstrap samples, to the last leaf.

    Parameters
    ----------
    images : (images, 28, 28, 1) float array
        In [0, 1].
    labels : (images,) int array
        The digits shown.

    Returns
    -------
    callable
        (rows, 28, 28, 1) array to (rows, 10) scores, which add up to 1. The same forest every
        time for the same images.

    References
    ----------
    Breiman, Random Forests, 2001, doi:10.1023/A:1010933404324

    Examples
    --------
    >>> images = np.linspace(0, 1, 7840, dtype=np.float32).reshape(10, 28, 28, 1)
    >>> grow(images, np.arange(10))(images).shape
    (10, 10)
    """
    bright, random, trees = _bright(images), np.random.default_rng(0), list[Tree]()
    for _ in range(TREES):
        drawn = random.integers(len(labels), size=len(labels))
        trees.append(_grown(bright[drawn], labels[drawn], random))
    roots = np.cumsum([0, *(len(tree.pixels) for tree in trees)])[:-1]
    pixels = np.concatenate([tree.pixels for tree in trees])
    below = np.concatenate([root + tree.below for root, tree in zip(roots, trees, strict=True)])
    shares = np.concatenate([tree.shares for tree in trees])

    def ask(batch: Batch) -> Scores:
        shown, rows = _bright(batch), np.arange(len(batch))[:, None]
        nodes = np.tile(roots, (len(batch), 1))
        for _ in range(DEPTH):
            nodes = below[nodes, shown[rows, pixels[nodes]].astype(np.intp)]
        scores: Scores = shares[nodes].mean(axis=1)
        return scores

    return ask


def _bright(images: Batch) -> Bool[np.ndarray, "images 784"]:
    return np.asarray(images.reshape(len(images), -1) >= 0.5)


def _grown(
    bright: Bool[np.ndarray, "images 784"],
    labels: Integer[np.ndarray, " images"],
    random: np.random.Generator,
) -> Tree:
    """Split all impure nodes at once, round by round, each by the best of some pixels drawn."""
    most = 2 * len(labels)
    pixels, below = np.zeros(most, np.intp), np.tile(np.arange(most)[:, None], 2)
    counts = np.zeros((most, CLASSES))
    counts[0] = np.bincount(labels, minlength=CLASSES)
    nodes, size = np.zeros(len(labels), np.intp), 1
    for _ in range(DEPTH):
        rows = np.flatnonzero((counts.max(axis=1) < counts.sum(axis=1))[nodes])
        impure, at = np.unique(nodes[rows], return_inverse=True)
        drawn = random.integers(bright.shape[1], size=(len(impure), TRIED))
        shown = bright[rows[:, None], drawn[at]]
        cells = ((at * TRIED)[:, None] + np.arange(TRIED)) * CLASSES + labels[rows, None]
        found = np.bincount(cells[shown], minlength=drawn.size * CLASSES)
        ones = found.reshape(*drawn.shape, CLASSES)
        sides = np.stack([counts[impure][:, None] - ones, ones], axis=2)
        best = _purity(sides).argmax(axis=1)
        sides = sides[np.arange(len(impure)), best]
        parted = sides.any(axis=2).all(axis=1)  # what no pixel drawn parts waits for other pixels
        after = size + 2 * int(parted.sum())
        pixels[impure] = drawn[np.arange(len(impure)), best]
        counts[size:after] = sides[parted].reshape(-1, CLASSES)
        below[impure[parted]] = np.arange(size, after).reshape(-1, 2)
        nodes[rows] = below[nodes[rows], shown[np.arange(len(rows)), best[at]].astype(np.intp)]
        size = after
    shares = counts[:size] / counts[:size].sum(axis=1, keepdims=True)
    return Tree(pixels[:size], below[:size], shares)


def _purity(sides: Float[np.ndarray, "nodes tried 2 classes"]) -> Float[np.ndarray, "nodes tried"]:
    """Return how far two sides are from mixed (Gini), weighted by what they hold; 0 for one."""
    held = sides.sum(axis=3)
    pure = (np.square(sides).sum(axis=3) / np.maximum(held, 1.0)).sum(axis=2)
    return np.where((held > 0).all(axis=2), pure, 0.0)
