"""The protocols of what asks and of what judges: a method, and a metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cilens.explanation import Explanation
from cilens.types import Better, GivenImage, Model, Numbers, Progress


class Method(Protocol):
    """Explain a model's scores for one image."""

    def __call__(
        self, model: Model, image: GivenImage, /, *, progress: Progress | None = None
    ) -> Explanation: ...


class Metric(Protocol):
    """Judge one explanation of one image for one class, in numbers that have names.

    ``better`` has the same names, the number that counts most first. ``method`` is the method
    that explained, for metrics that ask it again; most judge the explanation alone.
    """

    @property
    def better(self) -> Mapping[str, Better]:
        """Which way each number is better, the one that counts most first."""
        ...

    def __call__(
        self,
        model: Model,
        explanation: Explanation,
        /,
        target: int | str | None = None,
        *,
        method: Method | None = None,
        progress: Progress | None = None,
    ) -> Numbers: ...
