"""The method where none is named, by the size of the image and its channels."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cilens.datasets import read_image
from cilens.designs import largest_order
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.image import as_image
from cilens.methods.sampled import SampledImportance
from cilens.models.given import as_model
from cilens.perturbation import Blur, Constant
from cilens.scoring.explain import explain_one
from cilens.scoring.protocols import Method
from cilens.scoring.statement import StatedModel
from cilens.segmentation import FinestSlic, SteadySlic
from cilens.settings import check_settings, checked
from cilens.types import (
    GivenImage,
    Image,
    Look,
    Model,
    OutputRange,
    Perturbation,
    Progress,
    RangedImage,
    Segmenter,
    View,
)

if TYPE_CHECKING:
    import PIL.Image

_BUDGET, _BUDGET_SMALL = 200, 100
"""Model rows, and those of small images."""

_LEAST = 17
"""Rows of the smallest design that has room for more than three segments."""

_SMALL = 64
"""Up to this many pixels on the longer side, fewer segments and questions are enough."""

_ROWS = 192
"""Of a balanced design for up to 95 segments: from twice as many on, photographs are cut anew."""

_BLUR = 10 / 224
"""Of the second perturbation of a look: its width in sides of the image."""

_MORE = tuple(SteadySlic(*each) for each in ((50, 20.0), (80, 20.0), (70, 40.0), (60, 30.0)))


def explain(
    model: Model | str | Path,
    image: GivenImage | PIL.Image.Image | str | Path,
    *,
    method: Method | None = None,
    budget: int | None = None,
    pixel_range: tuple[float, float] | None = None,
    output_range: OutputRange | None = None,
    allow_noise: bool = False,
    progress: Progress | None = None,
) -> Explanation:
    """Explain what an image classifier saw.

    Parameters
    ----------
    model : callable, str or path
        (rows, height, width, channels) array to (rows, classes) scores: a function, or what
        `cilens.load_model` returns, or what it takes. Also a pipeline of Hugging Face for image
        classification.
    image : (height, width, channels) array, PIL image, str or path
        Floats in [0, 1], as `cilens.read_image` gives them, or unsigned integers in their dtype's
        range; or what `cilens.read_image` takes. A function is asked about pixels of that range
        and dtype; what `cilens.load_model` returns knows its network's.
    method : Method, optional
        By default the one that `recommended` names for this image.
    budget : int, optional
        Most images to ask the model about, at least 17, for the recommended method; a method of
        your own has its own.
    pixel_range : (black, white), optional
        For pixels of another range: (0, 255) for floats in 0 … 255, (-1000, 3000) for CT in int16.
    output_range : (absmin, absmax), optional
        Two numbers for all classes, or two tuples with one number for each class; by default the
        model's own, as stated or calibrated beside its file, or (0, 1), which is for
        probabilities. The predicted class must keep to it; where nothing is stated, all must.
    allow_noise : bool
        Whether answers may depend on chance or on the batch, as they do with dropout left on. By
        default that is an error. Where they may, a method without margins gets those of noise,
        measured in 32 further rows.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Returns
    -------
    Explanation
        For every class of the model, from the same questions.

    Raises
    ------
    InputError
        If the image does not fit the model or is not an image, pixels lie outside their range,
        both method and budget are given, or the model is a framework's own and needs an adapter.
    FileError
        If a file cannot be read.
    ModelError
        If the model's answer is not finite, not one row for each image, out of range, or no
        function of one image: which is tried with two rows beside the method's.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> cilens.explain(model, image, budget=50).predicted
    7
    >>> cilens.explain("shapes", "shapes:circle-with-tag").class_name()
    'square'
    """
    if method is None:
        method = Recommended(budget)
    elif budget is not None:
        raise InputError(
            f"budget is for the recommended method; state what {type(method).__name__} may ask "
            "where it is made"
        )
    asked, seen = as_model(model), image
    if output_range is not None or allow_noise:
        asked = StatedModel(asked, output_range, allow_noise=allow_noise)
    if isinstance(seen, str | Path):
        seen = read_image(seen)
    elif not isinstance(seen, RangedImage | View):
        seen = as_image(seen)
    if pixel_range is not None:
        seen = RangedImage(seen, pixel_range)
    explanation: Explanation = checked("method", method, Method)(asked, seen, progress=progress)
    return explanation


@dataclass(frozen=True)
class Recommended:
    """The method that `recommended` names, for each image anew.

    Parameters
    ----------
    budget : int, optional
        Most model rows: at least 17, but with segmenters of your own.
    segmenters : tuple of Segmenter, optional
        Image to (height, width) integer labels, in place of the recommended; see
        `SampledImportance`.
    perturbations : tuple of Perturbation, optional
        What stands in a segment's place, instead of the recommended colour.
    batch_size : int
        Most rows in one call of the model.
    look : {"none", "outside", "inside"}
        Whether a proxy of the model orders the segments, and how it is fitted; see
        `SampledImportance`.

    Examples
    --------
    >>> from cilens import load_model, read_image
    >>> Recommended(budget=50)(load_model("digits"), read_image("mnist:0")).model_rows
    49
    """

    budget: int | None = None
    segmenters: tuple[Segmenter, ...] | None = None
    perturbations: tuple[Perturbation, ...] | None = None
    batch_size: int = 32
    look: Look = "none"

    def __post_init__(self) -> None:
        check_settings(self, positive=("budget", "batch_size"))
        if self.budget is not None and self.segmenters is None and self.budget < _LEAST:
            raise InputError(
                f"the recommended method's budget must be at least {_LEAST}: with fewer rows the "
                "image would be cut into three regions or fewer, and little be told of any; got "
                f"{self.budget}"
            )
        self._with_stated(
            SampledImportance() if self.budget is None else SampledImportance(budget=self.budget)
        )

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation:
        """Explain the model's scores for one image; see `cilens.explain`."""
        return explain_one(self, model, image, progress)

    def choose(self, view: View) -> SampledImportance:
        """Return the method for an image, which it is not cut for."""
        return self._with_stated(recommended(view.image, self.budget, self.look))

    def _with_stated(self, method: SampledImportance) -> SampledImportance:
        """Return the method with the settings that are stated here."""
        stated = {
            one.name: value
            for one in fields(self)
            if one.name != "budget" and (value := getattr(self, one.name)) is not None
        }
        if self.perturbations is not None:  # whoever states one wants no other
            stated["every_fourth"] = None
        return replace(method, **stated)


def recommended(image: Image, budget: int | None = None, look: Look = "none") -> SampledImportance:
    """Return the method `explain` uses where none is named: sampled contexts.

    Small images (up to 64 pixels on the longer side) are asked about in at most 100 rows, larger
    ones in at most 200. A grey image's hidden segments are black, a colour image's mid-grey. Small
    grey images are cut as finely as the design has room for, counting only segments that are not
    black; others into about 40, or 50 where they are larger.

    Parameters
    ----------
    image : (height, width, channels) array
        On the model's grid; only its shape counts.
    budget : int, optional
        Most model rows. With fewer than those above, the segments are fewer too, so that each
        stays in a balanced design. With more, each number gets surer; and larger colour images are
        cut in up to five ways, one for each 192 rows, whose mean is finer and more faithful.
    look : {"none", "outside", "inside"}
        With a look the image is cut in one way, and in every fourth pair of rows about a larger
        colour image hidden segments are blurred instead.

    Returns
    -------
    SampledImportance

    Examples
    --------
    >>> import numpy as np
    >>> method = recommended(np.zeros((224, 224, 3)), budget=50)
    >>> method.segmenters, method.perturbations, method.budget
    ((SteadySlic(n_segments=20, compactness=40.0),), (Constant(value=0.5, edge_width=0.0),), 50)
    """
    small, grey, colour = max(image.shape[:2]) <= _SMALL, image.shape[2] == 1, image.shape[2] == 3
    if budget is None:
        budget = _BUDGET_SMALL if small else _BUDGET
    fills = (Constant(0.0 if grey else 0.5),)
    photograph = colour and not small
    second = Blur(max(image.shape[:2]) * _BLUR) if photograph and look != "none" else None
    blanks = 0 if look == "none" else 1 + (second is not None)
    # A sixth of the design's columns stays free: what is left unexplained there is the margin.
    room = max(largest_order((budget - 1 - blanks) // 2) * 5 // 6, 1)
    several = max((budget - 1) // _ROWS, 1) if photograph and look == "none" else 1
    cuts: tuple[Segmenter, ...]
    if small and grey:
        cuts = (FinestSlic(room),)
    else:
        first = SteadySlic(min(room, 40 if small else 50), 40.0 if colour else 0.3)
        cuts = (first, *_MORE[: several - 1])
    return SampledImportance(cuts, fills, budget, look=look, every_fourth=second)
