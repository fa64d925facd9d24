"""A network of a fixed size, made to look at every place of a larger canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens import scoring
from cilens.errors import InputError
from cilens.image import as_image
from cilens.scoring.question import Question
from cilens.scoring.statement import stated_range
from cilens.settings import check_settings
from cilens.types import (
    Batch,
    Coalitions,
    Image,
    ImageModel,
    Model,
    OutputRange,
    Scores,
    Segments,
    View,
)


@dataclass(frozen=True)
class CanvasModel:
    """Slide a network's window over a canvas, and report the best score of each class.

    A canvas's score for a class is the highest that any window has: "somewhere here is a seven".
    Classes do not exclude each other, and scores do not add up to 1. A window of one brightness
    throughout counts as 0 for every class: there is nothing in it, though the digits network
    calls it a "1". Windows on the border of an object show a piece of it, and pieces are taken
    for digits too, so a canvas also scores high for classes that are not there. That a class's
    influence lies on its object is then much the doing of the windows: each sees 28 pixels.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array of windows to (rows, classes) scores, none below 0.
    window : (height, width)
        What the network looks at, in pixels.
    stride : int
        Step of the window, in pixels; the last window of a row or column ends at the border.
    batch_size : int
        Most windows in one call of the network. Each distinct window is asked about once for a
        batch of canvases, so one canvas costs several rows of the network.

    Examples
    --------
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> canvas = np.zeros((2, 6, 1))
    >>> canvas[0, 4:] = 1.0
    >>> CanvasModel(bright, window=(2, 2), stride=1)(canvas[None]).item()
    0.5
    """

    model: Model
    window: tuple[int, int] = (28, 28)
    stride: int = 4
    batch_size: int = 256

    def __post_init__(self) -> None:
        check_settings(self, positive=("stride", "batch_size"))
        if min(self.window) < 1:
            raise InputError(f"CanvasModel.window must be above 0; got {self.window}")

    @property
    def class_names(self) -> tuple[str, ...]:
        """The network's own."""
        return scoring.class_names(self.model)

    @property
    def output_range(self) -> OutputRange | None:
        """The network's own where it is stated, and 0 for a window with nothing in it."""
        stated = stated_range(self.model)
        if stated is None:
            return None
        low, high = np.minimum(stated[0], 0.0), np.maximum(stated[1], 0.0)
        if low.ndim == 0:
            return float(low), float(high)
        return tuple(low.tolist()), tuple(high.tolist())

    @property
    def computed_by(self) -> str | None:
        """What computes the model's scores, where it says so."""
        return scoring.computed_by(self.model)

    def view(self, image: Image, /) -> View:
        """Return the whole canvas; raise `InputError` where it is smaller than the window."""
        canvas = as_image(image)
        height, width = canvas.shape[:2]
        if height < self.window[0] or width < self.window[1]:
            raise InputError(
                f"a canvas must be at least {self.window[0]} x {self.window[1]} pixels, as the "
                f"network's window is; got {height} x {width}"
            )
        window = canvas[: self.window[0], : self.window[1]]
        asked_in = scoring.view(self.model, window).pixel_range
        return View(canvas, (0.0, 0.0, float(height), float(width)), asked_in)

    def __call__(self, images: Batch, /) -> Scores:
        """Return each class's best score over the windows of each canvas."""
        height, width = self.window
        places = [
            (top, left)
            for top in self._starts(images.shape[1], height)
            for left in self._starts(images.shape[2], width)
        ]
        windows = np.stack(
            [images[:, top : top + height, left : left + width] for top, left in places], axis=1
        ).reshape(-1, height, width, images.shape[3])
        first, which = _distinct(windows)
        found = self._ask(windows[first])
        found[_flat(windows[first])] = 0.0
        best: Scores = found[which].reshape(len(images), len(places), -1).max(axis=1)
        return best

    def _ask(self, windows: Batch) -> Float[np.ndarray, "rows classes"]:
        """Ask the network about windows, in the one loop that asks a model anything."""
        if isinstance(self.model, ImageModel):
            seen = self.model.view(windows[0]).image
            if not np.array_equal(seen, windows[0]):
                raise InputError(
                    f"CanvasModel.window must be what the network looks at, and its windows are "
                    f"{windows[0].shape}; it brings them to {seen.shape}"
                )

        def rows(image: Image, segments: Segments, coalitions: Coalitions) -> Batch:
            del image, segments  # which window is asked for is all that counts
            asked: Batch = windows[coalitions.argmax(axis=1)]
            return asked

        segments = np.zeros(windows.shape[1:3], dtype=np.intp)
        question = Question(windows[0], segments, np.eye(len(windows), dtype=bool), rows)
        (answer,) = scoring.score(self.model, [question], batch_size=self.batch_size)
        return answer.scores

    def _starts(self, length: int, window: int) -> list[int]:
        """Return where windows start along one axis."""
        return sorted({*range(0, length - window + 1, self.stride), length - window})


def _distinct(
    windows: Batch,
) -> tuple[Integer[np.ndarray, " distinct"], Integer[np.ndarray, " rows"]]:
    """Return where each distinct window first stands, and which of them each window is."""
    seen: dict[bytes, int] = {}
    which = [seen.setdefault(window.tobytes(), len(seen)) for window in windows]
    _, first = np.unique(which, return_index=True)
    return first, np.array(which)


def _flat(windows: Batch) -> Bool[np.ndarray, " rows"]:
    pixels = windows.reshape(len(windows), -1, windows.shape[3])
    flat: Bool[np.ndarray, " rows"] = (pixels == pixels[:, :1]).all(axis=(1, 2))
    return flat
