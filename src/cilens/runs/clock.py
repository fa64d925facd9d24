"""Where the time of a run goes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from threading import Lock

from cilens import scoring
from cilens.scoring.statement import StatedModel, stated_range
from cilens.types import Batch, Image, ImageModel, OutputRange, Scores, View


@dataclass
class Clock:
    """Where the time went, in seconds; reading and cutting are summed over threads."""

    spent: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, what: str, begun: float) -> None:
        """Add the time since a beginning, as `time.perf_counter` has it."""
        seconds = time.perf_counter() - begun
        with self._lock:
            self.spent[what] = self.spent.get(what, 0.0) + seconds


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

    @property
    def computed_by(self) -> str | None:
        """The model's own."""
        return scoring.computed_by(self.model)

    def view(self, image: Image, /) -> View:
        """Return the image as the model looks at it."""
        return self.model.view(image)

    def __call__(self, images: Batch, /) -> Scores:
        """Return what the model says."""
        begun = time.perf_counter()
        scores = scoring.score_batch(self.model, images)
        self.clock.add("model", begun)
        return scores
