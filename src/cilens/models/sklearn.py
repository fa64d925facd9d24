"""Classifiers of scikit-learn, which take images as rows of pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Shaped

from cilens.errors import InputError, ModelError, needs
from cilens.models.adapter import Reading
from cilens.models.names import check_names
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import each
from cilens.types import Array, Batch, Image, Rows, Scores, View

with needs("a scikit-learn model", "scikit-learn", "sklearn", "sklearn"):
    from sklearn.base import BaseEstimator, is_regressor
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted


class Classifier(Protocol):
    """A fitted classifier, or a pipeline that ends in one."""

    def predict_proba(self, rows: Shaped[np.ndarray, "rows pixels"], /) -> object:
        """Return one probability for each row and class."""
        ...


@dataclass(frozen=True)
class SklearnModel:
    """A fitted classifier of scikit-learn, asked for probabilities of flattened images.

    Parameters
    ----------
    classifier : classifier or pipeline
        Fitted, with `predict_proba`.
    shape : (height, width, channels)
        Shape of the images that were flattened to fit it. Images of another size are refused.
    scale : float
        What a pixel in [0, 1] is multiplied with to be as it was when the classifier was fitted:
        1 where that was in [0, 1], 255 for bytes, 16 for `sklearn.datasets.load_digits`.
    layout : {"NHWC", "NCHW"}
        How images were flattened: ``"NHWC"`` pixel by pixel, ``"NCHW"`` channel by channel.
    class_names : sequence of str
        One for each class, in the order of the classifier's `classes_`; by default these.

    Raises
    ------
    InputError
        If the classifier is not fitted, gives no probabilities, takes another number of pixels,
        or a setting does not fit.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> digits = load_digits()
    >>> forest = RandomForestClassifier(10, random_state=0).fit(digits.data, digits.target)
    >>> model = SklearnModel(forest, shape=(8, 8, 1), scale=16)
    >>> model(digits.images[:5, ..., None] / 16).shape
    (5, 10)
    """

    classifier: Classifier
    shape: tuple[int, int, int]
    scale: float
    layout: str = "NHWC"
    class_names: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", _shape(self.shape))
        self._preprocess()
        _check_classifier(self.classifier)
        pixels, wanted = int(np.prod(self.shape)), getattr(self.classifier, "n_features_in_", None)
        if wanted not in (None, pixels):
            raise InputError(
                f"shape must have as many numbers as the classifier was fitted to, {wanted}; "
                f"got {self.shape}, which has {pixels}"
            )
        names = check_names(self.class_names) or _names(self.classifier)
        object.__setattr__(self, "class_names", names)

    @property
    def computed_by(self) -> str:
        """What computes: ``"sklearn"``."""
        return "sklearn"

    def view(self, image: Image, /) -> View:
        """Return the image as it is.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1], and of the classifier's shape.

        Returns
        -------
        View
            The whole image.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1], or the image does not fit.
        """
        return self._preprocess().view(image)

    def __call__(self, images: Batch, /) -> Scores:
        """Return the classifier's probabilities for a batch of images.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) float array
            As `predict_proba` gives them.

        Raises
        ------
        InputError
            If images or class names do not fit.
        ModelError
            If the classifier does not return one row of probabilities for each image.
        """
        return Reading(self._preprocess(), self.class_names).scores(images, each(self._ask))

    def _ask(self, tensor: Rows) -> Array:
        answer = self.classifier.predict_proba(tensor.reshape(len(tensor), -1))
        if not isinstance(answer, np.ndarray):
            raise ModelError(
                "predict_proba must return one array (rows, classes); got "
                f"{type(answer).__name__}: of a classifier with several outputs wrap one"
            )
        return answer

    def _preprocess(self) -> Preprocess:
        height, width, channels = self.shape
        return Preprocess(
            (height, width), channels, scale=self.scale, layout=self.layout, dtype="float64"
        )


def _shape(given: tuple[int, ...]) -> tuple[int, int, int]:
    shape = tuple(given)
    if len(shape) != 3:
        raise InputError(f"shape must be (height, width, channels); got {given}")
    height, width, channels = shape
    return height, width, channels


def _check_classifier(classifier: Classifier) -> None:
    # First: a support vector machine that is not fitted lacks it too, until it is told to.
    if isinstance(classifier, BaseEstimator) and is_regressor(classifier):
        raise InputError(
            f"the classifier must have predict_proba; {type(classifier).__name__} is a regressor, "
            "with numbers in place of classes: pass a function that asks its predict, as in lambda "
            "images: regressor.predict(images.reshape(len(images), -1))[:, None], and the range of "
            "these numbers as output_range"
        )
    if getattr(classifier, "predict_proba", None) is None:
        raise InputError(
            f"the classifier must have predict_proba; {type(classifier).__name__} has none as it "
            "is: fit sklearn.calibration.CalibratedClassifierCV around it and pass that"
        )
    try:
        if isinstance(classifier, BaseEstimator):  # and not a function dressed up as one
            check_is_fitted(classifier)
    except NotFittedError:
        name = type(classifier).__name__
        raise InputError(f"the classifier must be fitted; {name} is not: call fit first") from None


def _names(classifier: Classifier) -> tuple[str, ...]:
    """Return the labels that the classifier was fitted to, in the order of its columns."""
    classes = getattr(classifier, "classes_", None)
    return tuple(str(label) for label in classes) if isinstance(classes, np.ndarray) else ()
