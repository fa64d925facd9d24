"""From a method's plan, through the one loop, to explanations."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Float

from cilens import scoring
from cilens.coalitions import everything, nothing
from cilens.explanation import Explanation, numbers
from cilens.explanation.numbers import Reading
from cilens.proxy import Proxy
from cilens.scoring import consistency
from cilens.scoring.ahead import ahead, is_own
from cilens.scoring.question import Answer, Plan, Question, cut, plan_segments
from cilens.scoring.statement import allows_noise, head_of, stated_range
from cilens.types import (
    Coalitions,
    GivenImage,
    Head,
    Model,
    Perturbation,
    Progress,
    Segmenter,
    View,
)

Answers: TypeAlias = Float[np.ndarray, "_ classes"]
"""What the model said to one question: a row for each coalition."""


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

    def read(
        self, plan: Plan, answers: Sequence[Answers], bounds: Float[np.ndarray, "2 classes"]
    ) -> Reading:
        """Read the answers to a plan's questions, within the bounds; no model is called.

        The first row of the first answers is that of the unchanged image.
        """
        ...


@runtime_checkable
class ProxiedMethod(Protocol):
    """A planned method that reads its answers a second time: for a proxy of the model."""

    def proxy(self, plan: Plan, answers: Sequence[Answer], head: Head | None) -> Proxy | None:
        """Fit a proxy to the answers, or return None where none is wanted; no model is called.

        The head is the model's, where the plan's questions look inside.
        """
        ...


@runtime_checkable
class ChosenMethod(Protocol):
    """A method that is another for each image; which one, it says before anything is asked."""

    @property
    def batch_size(self) -> int:
        """Most rows in one call of the model."""
        ...

    def choose(self, view: View) -> PlannedMethod:
        """Return the method for an image."""
        ...


class Planned(NamedTuple):
    """A method for one image, and all that it asks."""

    method: PlannedMethod
    plan: Plan


def planned(method: PlannedMethod | ChosenMethod, view: View) -> Planned:
    """Let a method plan its questions about an image; no model is called.

    Examples
    --------
    >>> import cilens
    >>> view = scoring.view(cilens.load_model("digits"), cilens.read_image("mnist:0"))
    >>> planned(cilens.ContextualImportance.paper(), view).plan.model_rows
    9
    """
    chosen = method.choose(view) if isinstance(method, ChosenMethod) else method
    return Planned(chosen, chosen.plan(view))


def explain_each(
    method: PlannedMethod | ChosenMethod,
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
        Taken only as needed, a few ahead: the next are cut while the model answers, where all
        parts of the method are cilens' own.
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
    views = (scoring.view(model, image) for image in images)
    plans = (ahead if is_own(method) else map)(partial(planned, method), views)
    return explain_plans(model, plans, method.batch_size, progress)


def explain_plans(
    model: Model,
    plans: Iterable[Planned],
    batch_size: int = 32,
    progress: Progress | None = None,
) -> Iterator[Explanation]:
    """Explain a stream of plans; see `explain_each`.

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> made = planned(cilens.ContextualImportance.paper(), scoring.view(model, image))
    >>> [explanation.predicted for explanation in explain_plans(model, [made])]
    [7]
    """
    waiting: deque[Planned] = deque()

    def questions() -> Iterator[Question]:
        for one in plans:
            waiting.append(one)
            yield from one.plan.questions

    answers: list[Answer] = []
    explained = 0
    for answer in scoring.score(model, questions(), batch_size=batch_size, progress=progress):
        answers.append(answer)
        if len(answers) == len(waiting[0].plan.questions):
            explained += 1
            checked = explained & (explained - 1) == 0  # a power of two
            method, plan = waiting.popleft()
            yield _explain(method, model, plan, answers, checked=checked)
            answers = []


def explain_one(
    method: PlannedMethod | ChosenMethod,
    model: Model,
    image: GivenImage,
    progress: Progress | None = None,
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


def _explain(
    method: PlannedMethod, model: Model, plan: Plan, answers: Sequence[Answer], *, checked: bool
) -> Explanation:
    """Check the answers to a plan, and read them."""
    scores = answers[0].scores[0]
    told = [answer.against(scores) for answer in answers]
    found = numbers.within(told, stated_range(model), int(scores.argmax()))
    reading = method.read(plan, found.tables, found.bounds)
    pair, width = _pair(plan, told, method.batch_size), found.bounds[1] - found.bounds[0]
    if allows_noise(model):
        reading = _with_noise(reading, model, pair.asked, width, method.batch_size)
    elif checked:
        consistency.check(model, pair.asked, width, method.batch_size, pair.among)
    proxy = None
    if isinstance(method, ProxiedMethod):
        within = [
            answer._replace(scores=table)
            for answer, table in zip(answers, found.tables, strict=True)
        ]
        inside = any(question.inside for question in plan.questions)
        proxy = method.proxy(plan, within, head_of(model) if inside else None)
    return _explanation(plan, reading._replace(proxy=proxy), model, repr(method), found)


def _with_noise(
    reading: Reading,
    model: Model,
    asked: Sequence[Question],
    width: Float[np.ndarray, " classes"],
    batch_size: int,
) -> Reading:
    """Return a reading with a margin of noise; one that was read off the answers has it inside."""
    if reading.margin is not None:
        return reading
    share = np.minimum(consistency.noise(model, asked, batch_size) / width, 1.0)
    return reading._replace(margin=np.tile(share, (len(reading.tables.influence), 1)))


class _Pair(NamedTuple):
    """The unchanged image and another one, and what was said to both among others."""

    asked: list[Question]
    among: Float[np.ndarray, "2 classes"] | None


def _pair(plan: Plan, told: Sequence[Answers], batch_size: int) -> _Pair:
    """Return the first two rows of a plan, or the image and the blank one.

    The blank one where a batch had one answer for all its rows: then it may be a batch of 1 inside
    the model that has, and the second row may hide too little to tell.
    """
    first, second = (*plan.questions[:2], plan.questions[0])[:2]
    batch = np.concatenate(told[:2])[:batch_size]
    whole = first._replace(coalitions=first.coalitions[:1])
    if (batch == batch[0]).all():
        return _Pair([whole, whole._replace(coalitions=~whole.coalitions)], None)
    if len(first.coalitions) > 1:
        other = first._replace(coalitions=first.coalitions[1:2])
    else:
        other = second._replace(coalitions=second.coalitions[:1])
    return _Pair([whole, other], batch[:2])


class Interview:
    """Questions about one image, each asked when the answers before it are known.

    For methods that adapt what they ask. The unchanged image and the blank one are asked about
    first; no coalition is asked about twice.

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
        self._outside: dict[int, float] = {}
        pair = np.concatenate([everything(len(self.labels)), nothing(len(self.labels))])
        answer = self._score(pair)
        self.scores = answer.scores[0]
        told = answer.against(self.scores)
        self._note(pair, told)
        self.scores = self._answers[pair[0].tobytes()]
        self._pair = [self._question(row[None]) for row in pair]
        if not allows_noise(model):
            width = self.bounds[1] - self.bounds[0]
            consistency.check(model, self._pair, width, batch_size, told)

    def ask(self, coalitions: Coalitions) -> Answers:
        """Return the scores of coalitions, within the bounds; the model is asked about new ones."""
        keys = [coalition.tobytes() for coalition in coalitions]
        new = {key: row for row, key in enumerate(keys) if key not in self._answers}
        if new:
            rows = coalitions[list(new.values())]
            self._note(rows, self._score(rows).against(self.scores))
        return np.stack([self._answers[key] for key in keys])

    def explanation(self, reading: Reading, method: str) -> Explanation:
        """Return the explanation, in which each segment is a region."""
        question = self._question(np.concatenate(self._asked))
        plan = plan_segments(self.view, self.segments, self.labels, question)
        if allows_noise(self._model):
            width = self.bounds[1] - self.bounds[0]
            reading = _with_noise(reading, self._model, self._pair, width, self._batch_size)
        tables = [np.stack([self._answers[row.tobytes()] for row in question.coalitions])]
        found = numbers.Bounded(tables, self.bounds, tuple(sorted(self._outside.items())))
        return _explanation(plan, reading, self._model, method, found)

    def _question(self, rows: Coalitions) -> Question:
        return Question.on(self.view, self.segments, rows, self._perturbation)

    def _score(self, rows: Coalitions) -> Answer:
        (answer,) = scoring.score(
            self._model,
            [self._question(rows)],
            batch_size=self._batch_size,
            progress=self._progress,
        )
        return answer

    def _note(self, rows: Coalitions, told: Answers) -> None:
        """Keep the answers to new coalitions, brought within the bounds."""
        predicted = int(self.scores.argmax())
        found = numbers.within([told], stated_range(self._model), predicted)
        self.bounds = found.bounds
        self._outside |= dict(found.outside)
        self._answers.update(zip((row.tobytes() for row in rows), found.tables[0], strict=True))
        self._asked.append(rows)


def _explanation(
    plan: Plan, reading: Reading, model: Model, method: str, found: numbers.Bounded
) -> Explanation:
    coalitions, answers = _first_asked(plan, found.tables)
    for table in (*reading.tables, coalitions, answers):
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
        output_range=found.bounds,
        class_names=scoring.class_names(model),
        method=method,
        model_rows=plan.model_rows,
        margin=reading.margin,
        outside=found.outside,
        pixel_range=plan.view.pixel_range,
        asked=reading.asked,
        proxy=reading.proxy,
        computed_by=scoring.computed_by(model),
        coalitions=coalitions,
        answers=answers,
    )


def _first_asked(plan: Plan, tables: Sequence[Answers]) -> tuple[Coalitions, Answers]:
    """Return what was asked with the first perturbation, as coalitions of the plan's segments."""
    _, pixels = np.unique(plan.segments, return_index=True)
    first = plan.questions[0].perturbation
    asked = [
        (question.coalitions[:, question.segments.ravel()[pixels]], table.astype(np.float32))
        for question, table in zip(plan.questions, tables, strict=True)
        if question.perturbation is first
    ]
    coalitions, answers = (np.concatenate(each) for each in zip(*asked, strict=True))
    return coalitions, answers
