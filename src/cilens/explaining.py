"""From a method's plan, through the one loop, to explanations."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from cilens import scoring
from cilens.coalitions import everything
from cilens.explanation import Explanation
from cilens.importance import Reading
from cilens.questions import Answer, Plan, Question, cut, plan_segments
from cilens.types import (
    Coalitions,
    GivenImage,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)


@runtime_checkable
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
    images: Iterable[GivenImage],
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
    method: PlannedMethod, model: Model, image: GivenImage, progress: Progress | None = None
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


class Interview:
    """Questions about one image, each asked when the answers before it are known.

    For methods that adapt what they ask. The unchanged image is asked about first; no coalition
    is asked about twice.

    Parameters
    ----------
    model : callable
        (rows, height, width, channels) array to (rows, classes) scores.
    image : (height, width, channels) array
        As callers give it.
    segmenter : Segmenter
        Image to (height, width) integer labels.
    perturbation : Perturbation
        What stands in a segment's place.
    batch_size : int
        Most rows in one call of the model.
    progress : callable, optional
        Called after each batch with the number of model rows just answered.

    Examples
    --------
    >>> from cilens import Constant, Grid
    >>> bright = lambda images: images.mean(axis=(1, 2))
    >>> interview = Interview(bright, np.ones((4, 4)), Grid(1, 2), Constant(0.0), 32)
    >>> interview.scores.tolist(), interview.ask(np.array([[True, False]])).tolist()
    ([1.0], [[0.5]])
    """

    def __init__(
        self,
        model: Model,
        image: GivenImage,
        segmenter: Segmenter,
        perturbation: Perturbation,
        batch_size: int,
        progress: Progress | None = None,
    ) -> None:
        self.view = scoring.view(model, image)
        self.segments, self.labels = cut(self.view, segmenter, perturbation)
        self._model, self._perturbation = model, perturbation
        self._batch_size, self._progress = batch_size, progress
        self._answers: dict[bytes, Float[np.ndarray, " classes"]] = {}
        self._asked: list[Coalitions] = []
        self.scores = self.ask(everything(len(self.labels)))[0]

    def ask(self, coalitions: Coalitions) -> Float[np.ndarray, "coalitions classes"]:
        """Return the scores of coalitions; the model is asked about those that are new."""
        keys = [coalition.tobytes() for coalition in coalitions]
        new = {key: row for row, key in enumerate(keys) if key not in self._answers}
        if new:
            rows = coalitions[list(new.values())]
            question = Question.on(self.view, self.segments, rows, self._perturbation)
            (answer,) = scoring.score(
                self._model, [question], batch_size=self._batch_size, progress=self._progress
            )
            known = answer.against(self.scores) if self._asked else answer.scores
            self._answers.update(zip(new, known, strict=True))
            self._asked.append(rows)
        return np.stack([self._answers[key] for key in keys])

    def explanation(self, reading: Reading, method: str) -> Explanation:
        """Return the explanation, in which each segment is a region."""
        rows = np.concatenate(self._asked)
        question = Question.on(self.view, self.segments, rows, self._perturbation)
        plan = plan_segments(self.view, self.segments, self.labels, question)
        return _explanation(plan, reading, scoring.class_names(self._model), method)


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
        margin=reading.margin,
        pixel_range=plan.view.pixel_range,
        asked=reading.asked,
    )
