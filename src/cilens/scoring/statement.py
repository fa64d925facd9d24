"""What a model's caller states of its answers: their range, their noise, how many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Real

from cilens import scoring
from cilens.errors import InputError
from cilens.settings import check_settings
from cilens.types import (
    Batch,
    CellModel,
    Cells,
    Head,
    Image,
    Model,
    OutputRange,
    RangedModel,
    Scores,
    View,
)


@dataclass(frozen=True)
class StatedModel:
    """A model with what its caller states of its answers.

    Everything that asks a model asks this one as any other, and goes by what is stated.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    output_range : (absmin, absmax), optional
        Two numbers for all classes, or two tuples with one number for each class; by default the
        model's own, or (0, 1), which is for probabilities. Scores of the predicted class, or of
        one that is asked for, outside it are an error.
    allow_noise : bool
        Whether answers may depend on chance or on the other images of a batch. They are an error
        where they do, unless this says that it is meant: then margins hold what they differ by.
        Those of sampled contexts do so anyway; for other methods it is measured in 32 more rows.
    batch_size : int, optional
        Most rows the model takes in one call.

    Raises
    ------
    InputError
        If absmin does not lie below absmax, or `batch_size` is not above zero.

    Examples
    --------
    >>> import cilens
    >>> logits = lambda images: 10 * images.mean(axis=(1, 2))
    >>> explanation = cilens.explain(StatedModel(logits, (0, 10)), np.full((8, 8), 0.5))
    >>> explanation.output_range.tolist()
    [[0.0], [10.0]]
    """

    model: Model
    output_range: OutputRange | None = None
    allow_noise: bool = False
    batch_size: int | None = None

    def __post_init__(self) -> None:
        check_settings(self, positive=("batch_size",))
        if self.output_range is None:
            object.__setattr__(self, "output_range", stated_range(self.model))
        else:
            require_range(self.output_range)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The model's own."""
        return scoring.class_names(self.model)

    @property
    def computed_by(self) -> str | None:
        """What computes the model's scores, where it says so."""
        return scoring.computed_by(self.model)

    def view(self, image: Image, /) -> View:
        """Return the image as the model looks at it."""
        return scoring.view(self.model, image)

    def head(self) -> Head | None:
        """Return the model's own, if it has one."""
        return head_of(self.model)

    def cells(self, images: Batch, /) -> Cells:
        """Return what the model says with a look inside, asked as it is without."""
        seen = [scoring.look_batch(self.model, part) for part in self._parts(images)]
        scores, features = zip(*seen, strict=True)
        return Cells(np.concatenate(scores), np.concatenate(features))

    def __call__(self, images: Batch, /) -> Scores:
        """Return what the model says, asked about no more rows at once than it takes."""
        return np.concatenate(
            [scoring.score_batch(self.model, part) for part in self._parts(images)]
        )

    def _parts(self, images: Batch) -> list[Real[np.ndarray, "_ height width channels"]]:
        rows = self.batch_size or max(len(images), 1)
        starts = range(0, max(len(images), 1), rows)
        return [images[start : start + rows] for start in starts]


def require_range(output_range: OutputRange) -> OutputRange:
    """Return a range of scores whose absmin lies below absmax for each class, both finite.

    Raises
    ------
    InputError
        If it is no such range.

    Examples
    --------
    >>> require_range((0.0, 1.0))
    (0.0, 1.0)
    """
    low, high = (np.atleast_1d(np.asarray(bound, dtype=np.float64)) for bound in output_range)
    with np.errstate(over="ignore", invalid="ignore"):
        ordered = low.shape == high.shape and (high > low) & np.isfinite(high - low)
    if not np.all(ordered) or low.size == 0:
        raise InputError(
            "output_range must have absmin < absmax, both finite and as many of each; "
            f"got {output_range}"
        )
    return output_range


def stated_range(model: Model) -> OutputRange | None:
    """Return the range of a model's scores where it is stated, or None.

    Examples
    --------
    >>> stated_range(lambda images: images.mean(axis=(1, 2))) is None
    True
    """
    return model.output_range if isinstance(model, RangedModel) else None


def head_of(model: Model) -> Head | None:
    """Return how a model's scores come from its last grid, where it lets that be seen.

    Examples
    --------
    >>> head_of(lambda images: images.mean(axis=(1, 2))) is None
    True
    """
    return model.head() if isinstance(model, CellModel) else None


def allows_noise(model: Model) -> bool:
    """Say whether a model's answers may depend on chance, or on the other images of a batch.

    Examples
    --------
    >>> allows_noise(lambda images: images.mean(axis=(1, 2)))
    False
    """
    return isinstance(model, StatedModel) and model.allow_noise
