"""A model whose time is taken, and which is otherwise the same."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from cilens.runs.work import Clock
from cilens.scoring.statement import StatedModel, stated_range
from cilens.types import Batch, Image, ImageModel, OutputRange, Scores, View


def timed(model: ImageModel, clock: Clock) -> ImageModel:
    """Return the same model, which tells a clock how long it takes to answer."""
    if isinstance(model, StatedModel):
        return replace(model, model=_Timed(model.model, clock))  # type: ignore[arg-type]
    return _Timed(model, clock)


@dataclass(frozen=True)
class _Timed:
    model: ImageModel
    clock: Clock

    @property
    def class_names(self) -> tuple[str, ...]:
        """The model's own."""
        return self.model.class_names

    @property
    def output_range(self) -> OutputRange | None:
        """The model's own."""
        return stated_range(self.model)

    def view(self, image: Image, /) -> View:
        """Return the image as the model looks at it."""
        return self.model.view(image)

    def __call__(self, images: Batch, /) -> Scores:
        """Return what the model says."""
        begun = time.perf_counter()
        scores = self.model(images)
        self.clock.add("model", begun)
        return scores
