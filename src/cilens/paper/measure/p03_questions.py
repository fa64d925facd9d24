"""P3 to P6 and P8: what is asked of a model, and that nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float
from scipy import ndimage

from cilens.explanation import Explanation
from cilens.followup.highlight import Highlight
from cilens.paper.study import PAPER
from cilens.paper.verdicts import Found, Measured, average, largest
from cilens.scoring import score_images, view
from cilens.scoring.explain import explain_each
from cilens.segmentation import segment
from cilens.types import AnyImage, Batch, Image, Model, Scores, Segments, View

_CROSS = ndimage.generate_binary_structure(2, 1)


_COUNTED = "counted by the network itself; two rows that check it are apart"


@dataclass(frozen=True)
class Counted:
    """A network that counts how many images it is asked about.

    Attributes
    ----------
    model : ImageModel
        The network.
    asked : list of int
        The rows of each call so far.
    """

    model: Model
    asked: list[int] = field(default_factory=list)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Nothing: a plain function has none."""
        return ()

    def view(self, image: Image, /) -> View:
        """Return the image on the network's grid."""
        return view(self.model, image)

    def __call__(self, images: Batch, /) -> Scores:
        """Count, and answer as the network does."""
        self.asked.append(len(images))
        scores: Scores = np.stack(list(score_images(self.model, images, batch_size=len(images))))
        return scores


@dataclass(frozen=True)
class Linear:
    """A model whose importances can be written down: class 1 is a weighted sum of the pixels.

    Attributes
    ----------
    weights : (height, width) float array
        Not below zero, with a sum of at most 1.
    """

    weights: Float[np.ndarray, "height width"]

    @classmethod
    def drawn(cls, image: AnyImage) -> Linear:
        """Return a model of random weights, the same ones every time, for images of this shape."""
        weights = np.random.default_rng(0).dirichlet(np.ones(image.shape[0] * image.shape[1]))
        return cls(weights.reshape(image.shape[:2]))

    def __call__(self, images: Batch, /) -> Scores:
        """Return (1 - sum, sum) for each image."""
        total = np.einsum("nhwc,hw->n", images.astype(np.float64), self.weights)
        return np.stack([1.0 - total, total], axis=1)


def constant(images: Batch) -> Scores:
    """Say the same of every image.

    Examples
    --------
    >>> constant(np.zeros((1, 2, 2, 1))).tolist()
    [[0.2, 0.3, 0.5]]
    """
    return np.tile([0.2, 0.3, 0.5], (len(images), 1))


def segmentations(images: Sequence[AnyImage]) -> Found:
    """P4: cut images twice, and look at the segments.

    Parameters
    ----------
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].

    Returns
    -------
    dict of str to Measured
    """
    maps = [segment(PAPER.segmenter, image)[0] for image in images]
    again = [segment(PAPER.segmenter, image)[0] for image in images]
    counts = np.array([len(np.unique(segments)) for segments in maps])
    faulty = sum(
        segments.shape != image.shape[:2] or segments.min() != 0 or segments.max() != count - 1
        for segments, image, count in zip(maps, images, counts, strict=True)
    )
    seen: dict[bytes, int] = {}
    for segments in maps:
        seen[segments.tobytes()] = seen.get(segments.tobytes(), 0) + 1
    return {
        "labels": Measured(float(faulty), len(images)),
        "connected": Measured(float(sum(map(_torn, maps))), len(images)),
        "again": Measured(
            float(sum((a != b).any() for a, b in zip(maps, again, strict=True))), len(images)
        ),
        "number": average((counts >= 5) & (counts <= 10)),
        "own": average(np.array([seen[segments.tobytes()] == 1 for segments in maps])),
    }


def samples(images: Sequence[AnyImage]) -> Found:
    """P5: build the perturbed samples, and compare them pixel by pixel.

    Parameters
    ----------
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].

    Returns
    -------
    dict of str to Measured
    """
    wrong, changed, visible = 0, 0, 0
    for image in images:
        plan = PAPER.plan(View(image, (0.0, 0.0, 28.0, 28.0)))
        (question,) = plan.questions
        batch = question.perturbation(image, question.segments, question.coalitions)
        hidden = question.segments[None] == np.arange(len(plan.regions))[:, None, None]
        wrong += len(batch) != len(hidden) + 1 or not np.array_equal(batch[0], image)
        changed += int((batch[1:] != image)[~hidden].sum())
        visible += int((batch[1:][hidden] != 0).sum())
    numbers = {"number": wrong, "kept": changed, "hidden": visible}
    return {name: Measured(float(count), len(images)) for name, count in numbers.items()}


def algorithm(model: Model, images: Sequence[AnyImage]) -> Found:
    """P6 and P8: count what is asked, and ask models whose answers are known.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].

    Returns
    -------
    dict of str to Measured
    """
    counted = Counted(model)
    explained = [PAPER(counted, image) for image in images]
    calls = np.array(counted.asked).reshape(len(images), -1)
    rows = int(calls[:, 0].sum())
    wrong = int((calls != [[len(e.regions) + 1, 1, 1] for e in explained]).any(axis=1).sum())
    check = Highlight().check(counted, explained[0])
    return {
        "rows": Measured(float(wrong), len(images), rows, note=_COUNTED),
        "apart": Measured(float(check.model_rows), 1, check.model_rows),
        "linear": largest([_linear_error(image) for image in images], len(images)),
        "constant": largest(
            [float(e.importance.max()) for e in explain_each(PAPER, constant, images)], len(images)
        ),
        "black": largest([_black(e) for e in explained], len(images), rows),
    }


def rethreshold(model: Model, images: Sequence[AnyImage]) -> Found:
    """P8: show other thresholds and classes, and count what that costs.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].

    Returns
    -------
    dict of str to Measured
    """
    counted = Counted(model)
    explained = list(explain_each(PAPER, counted, images))
    before, strict = sum(counted.asked), 0
    for explanation in explained:
        for target in range(len(explanation.scores)):
            for threshold in (0.001, 0.01, 0.1):
                explanation.highlight(target, threshold)
        influence = explanation.influence[:, explanation.predicted]
        strict += not np.array_equal(explanation.important(), influence > 0.01)
    return {
        "rows": Measured(float(sum(counted.asked) - before), len(images), before),
        "strict": Measured(float(strict), len(images), before),
    }


def wrapped(model: Model, images: Sequence[AnyImage], explained: Sequence[Explanation]) -> Found:
    """P3: explain a network through a plain function around it, and look at the images after.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : sequence of (height, width, channels) arrays
        What was explained.
    explained : sequence of Explanation
        Explanations of the network itself, image by image.

    Returns
    -------
    dict of str to Measured
    """
    kept = [image.tobytes() for image in images]
    others = list(explain_each(PAPER, Counted(model), images))
    errors = [
        float(np.abs(one.influence - other.influence).max())
        for one, other in zip(explained, others, strict=True)
    ]
    touched = sum(image.tobytes() != before for image, before in zip(images, kept, strict=True))
    rows = sum(explanation.model_rows for explanation in others)
    return {
        "wrapped": largest(errors, len(images), 2 * rows),
        "touched": Measured(float(touched), len(images), rows),
    }


def explained_again(model: Model, images: Sequence[AnyImage]) -> Measured:
    """P3: explain a model of another kind, and count the explanations that do not hold.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores: a random forest, say.
    images : sequence of (height, width, channels) arrays
        Grey, in [0, 1].

    Returns
    -------
    Measured
        How often hiding a segment by hand gives another score than the explanation says.
    """
    wrong = rows = 0
    for explanation in explain_each(PAPER, model, images):
        hidden = [
            np.where((explanation.segments == row)[..., None], 0.0, explanation.image)
            for row in range(len(explanation.regions))
        ]
        scores = np.stack(list(score_images(model, hidden)))
        wrong += not np.allclose(explanation.scores - scores, explanation.influence, atol=1e-9)
        rows += explanation.model_rows + len(hidden)
    return Measured(float(wrong), len(images), rows)


def _torn(segments: Segments) -> int:
    """Count the segments in more than one piece."""
    labels = np.unique(segments)
    return sum(ndimage.label(segments == label, _CROSS)[1] != 1 for label in labels)


def _linear_error(image: AnyImage) -> float:
    """Return how far the importances of a linear model are from its weights."""
    linear = Linear.drawn(image)
    explanation = PAPER(linear, image.astype(np.float64))
    shares = np.bincount(
        explanation.segments.ravel(), (linear.weights * image[..., 0].astype(np.float64)).ravel()
    )
    return float(np.abs(explanation.importance[:, 1] - shares).max())


def _black(explanation: Explanation) -> float:
    """Return the largest importance of a segment that was black before it was hidden."""
    bright = np.bincount(explanation.segments.ravel(), explanation.image.sum(axis=2).ravel())
    return float(explanation.importance[bright == 0].max(initial=0.0))
