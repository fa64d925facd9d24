"""From a method's plan, through the one loop, to explanations."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
from jaxtyping import Real

from cilens import scoring
from cilens.explanation import Explanation
from cilens.importance import Reading
from cilens.questions import Answer, Plan, Question
from cilens.types import AnyImage, Model, Progress, View


class PlannedMethod(Protocol):
    """A method that knows all its questions before it asks the first one.

    Its cost is known before the run, and many images share the model's batches.
    """

    @property
    def batch_size(self) -> int:
        """Most rows in one call of the model."""
        ...

    def plan(self, view: View) -> Plan:
        """Build all questions about one image; no model is called."""
        ...

    def read(self, plan: Plan, answers: Sequence[Answer]) -> Reading:
        """Read the answers to a plan's questions; no model is called."""
        ...


def explain_each(
    method: PlannedMethod,
    model: Model,
    images: Iterable[Real[np.ndarray, "..."]],
    *,
    progress: Progress | None = None,
) -> Iterator[Explanation]:
    """Explain a stream of images, filling the model's batches across them.

    Parameters
    ----------
    method : PlannedMethod
        All methods of cilens that do not adapt their questions to the answers are.
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    images : iterable of (height, width, channels) arrays
        Taken only as needed.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Yields
    ------
    Explanation
        One for each image, in order.

    Examples
    --------
    >>> import cilens
    >>> model = cilens.load_model("digits")
    >>> digits = (cilens.read_image(f"mnist:{index}") for index in range(3))
    >>> method = cilens.ContextualImportance.paper()
    >>> [explanation.predicted for explanation in explain_each(method, model, digits)]
    [7, 2, 1]
    """
    names = scoring.class_names(model)
    plans: deque[Plan] = deque()

    def questions() -> Iterator[Question]:
        for image in images:
            plans.append(method.plan(scoring.view(model, image)))
            yield from plans[-1].questions

    answers: list[Answer] = []
    for answer in scoring.score(
        model, questions(), batch_size=method.batch_size, progress=progress
    ):
        answers.append(answer)
        if len(answers) == len(plans[0].questions):
            plan = plans.popleft()
            yield _explanation(plan, method.read(plan, answers), names, repr(method))
            answers = []


def explain_one(
    method: PlannedMethod, model: Model, image: AnyImage, progress: Progress | None = None
) -> Explanation:
    """Explain one image: a stream of one.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> explain_one(cilens.ContextualImportance.paper(), model, image).predicted
    7
    """
    (explanation,) = explain_each(method, model, [image], progress=progress)
    return explanation


def _explanation(
    plan: Plan, reading: Reading, class_names: tuple[str, ...], method: str
) -> Explanation:
    for table in reading.tables:
        table.setflags(write=False)  # ours alone: the explanation need not copy it
    return Explanation(
        image=plan.view.image,
        box=plan.view.box,
        segments=plan.segments,
        labels=plan.labels,
        regions=plan.regions,
        region_names=plan.region_names,
        scores=reading.scores,
        **reading.tables._asdict(),
        output_range=reading.bounds,
        class_names=class_names,
        method=method,
        model_rows=plan.model_rows,
    )
