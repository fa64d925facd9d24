"""One image, from its pixels to all that was asked for: nothing here prints, draws or writes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from cilens import scoring
from cilens.errors import InputError
from cilens.explanation import Explanation
from cilens.explanation.contrast import RUNNER_UP, Contrast
from cilens.explanation.objects import MOST, Objects, find_objects
from cilens.findings.finding import Finding
from cilens.findings.method import method_of
from cilens.findings.request import Request
from cilens.findings.series import NOBODY, Watch
from cilens.findings.targets import Targets, read_targets
from cilens.followup.audit import Audit
from cilens.followup.highlight import check_highlight
from cilens.followup.insertion import Insertion, insert
from cilens.followup.minimal import MinimalSearch
from cilens.followup.redundancy import RedundancySearch
from cilens.models.shipped.groups import shared_group
from cilens.scoring.explain import ChosenMethod, Planned, PlannedMethod, explain_plans, planned
from cilens.scoring.protocols import Method
from cilens.text import describe
from cilens.types import Image, ImageModel, Perturbation

_IMAGENET = 1000
"""Its classes, where none were put into groups."""


class Asked(NamedTuple):
    """An explanation, the method that was chosen for the image, and what it hid segments with."""

    explanation: Explanation
    method: Method
    perturbation: Perturbation

    @classmethod
    def of(cls, made: Planned, explanation: Explanation) -> Asked:
        """Return an explanation with the plan that it was read from."""
        chosen: Any = made.method
        return cls(explanation, chosen, made.plan.questions[0].perturbation)


@dataclass(frozen=True)
class Examiner:
    """A request whose model is open, ready for any number of images: made by `prepare`.

    Attributes
    ----------
    request : Request
        What is asked for.
    method : Method
        Made of its options.
    model : ImageModel
        With its classes grouped, where groups are asked for.
    targets : Targets
        The classes and groups that can be named.
    target : int or None
        The class to explain; None is the predicted one.
    """

    request: Request
    method: Any
    model: ImageModel
    targets: Targets
    target: int | None

    def examine(self, source: str, image: Image, watch: Watch = NOBODY) -> Finding:
        """Explain an image, and find out what else was asked for.

        Parameters
        ----------
        source : str
            What the image is called.
        image : (height, width, channels) float32 array
            In [0, 1].
        watch : Watch
            Who is told of the progress.

        Returns
        -------
        Finding
        """
        begun = time.perf_counter()
        asked = _explain(self, image, watch)
        return self.conclude(source, asked, time.perf_counter() - begun, watch)

    def conclude(self, source: str, asked: Asked, seconds: float, watch: Watch = NOBODY) -> Finding:
        """Find out what else was asked for of an image that is explained.

        Parameters
        ----------
        source : str
            What the image is called.
        asked : Asked
            Its explanation, and how it was asked for.
        seconds : float
            How long that took.
        watch : Watch
            Who is told of the progress.

        Returns
        -------
        Finding
        """
        told, explanation = self.request.told, asked.explanation
        check = check_highlight(
            self.model,
            explanation,
            asked.perturbation,
            target=self.target,
            threshold=told.threshold,
            batch_size=self.method.batch_size,
        )
        contrast = _contrast(self, explanation)
        found = Finding(source, self.request.model, explanation, check, seconds, contrast)
        if self.request.model == "imagenet" and len(explanation.scores) == _IMAGENET:
            found = found._replace(group=shared_group(explanation.scores, check.target))
        if told.words:
            found = found._replace(words=describe(found.topic))
        if told.objects:
            found = found._replace(objects=_objects(self, explanation))
        if told.minimal:
            found = _minimal(self, asked, found)
        if told.animate:
            found = found._replace(inserted=_insert(self, asked, check.target))
        if told.audit:
            found = _audit(self, asked, found, watch)
        return found


def prepare(request: Request) -> Examiner:
    """Check all that can be checked before the first image, and open the model.

    Parameters
    ----------
    request : Request
        What is asked for.

    Returns
    -------
    Examiner

    Raises
    ------
    CilensError
        If an option does not fit, or the model cannot be opened.

    Examples
    --------
    >>> import cilens
    >>> examiner = prepare(Request(["mnist:0"]))
    >>> examiner.examine("mnist:0", cilens.read_image("mnist:0")).explanation.predicted
    7
    """
    method, told = method_of(request), request.told
    model = request.stated.load(request.model)
    targets = read_targets(model, request.model, told.group or (), (told.target, told.against))
    target = None if told.target is None else targets.find(told.target)
    return Examiner(request, method, targets.over(model), targets, target)


def _explain(examiner: Examiner, image: Image, watch: Watch) -> Asked:
    """Explain an image; a method that adapts its questions asks them itself."""
    method, model = examiner.method, examiner.model
    audit = examiner.request.told.audit

    def expect(rows: int) -> None:
        watch.expect(rows + (Audit().about_rows(rows) if audit else 0))

    if isinstance(method, PlannedMethod | ChosenMethod):
        made = planned(method, scoring.view(model, image))
        expect(made.plan.model_rows)
        (explanation,) = explain_plans(model, [made], method.batch_size, watch.advance)
        return Asked.of(made, explanation)
    expect(method.budget)
    return Asked(method(model, image, progress=watch.advance), method, method.perturbation)


def _minimal(examiner: Examiner, asked: Asked, found: Finding) -> Finding:
    """Ask what is enough, what is needed, and what is redundant."""
    rows, target = examiner.method.batch_size, found.check.target
    search = MinimalSearch(asked.perturbation, batch_size=rows)
    pairs = RedundancySearch(asked.perturbation, batch_size=rows)
    return found._replace(
        minimal=search(examiner.model, asked.explanation, target),
        redundancy=pairs(examiner.model, asked.explanation, target),
    )


def _insert(examiner: Examiner, asked: Asked, target: int) -> Insertion:
    """Ask for the score as the regions come in."""
    return insert(
        examiner.model,
        asked.explanation,
        asked.perturbation,
        target=target,
        batch_size=examiner.method.batch_size,
    )


def _objects(examiner: Examiner, explanation: Explanation) -> Objects:
    """Say what speaks for each class that is there; the target always is."""
    told, target = examiner.request.told, examiner.target
    found = find_objects(explanation, above=told.above, threshold=told.threshold)
    if target is None or target in found.classes:
        return found
    classes = [*found.classes[: MOST - 1], target]
    return find_objects(explanation, classes, threshold=told.threshold)


def _audit(examiner: Examiner, asked: Asked, found: Finding, watch: Watch) -> Finding:
    """Let the explanation be judged beside controls that know nothing of the model."""
    judge = Audit(asked.perturbation, batch_size=examiner.method.batch_size)
    target = found.check.target
    audited = judge(
        examiner.model,
        asked.explanation,
        target,
        method=asked.method,
        progress=watch.advance,
    )
    return found._replace(audited=audited)


def _contrast(examiner: Examiner, explanation: Explanation) -> Contrast | None:
    """Hold the target against the class that ``--against`` names."""
    wanted = examiner.request.told.against
    if wanted is None:
        return None
    index = explanation.target(examiner.target)
    named = wanted if wanted == RUNNER_UP else examiner.targets.find(wanted)
    found = explanation.contrast(index, named, examiner.request.told.threshold)
    if found.foil == index:
        raise InputError(
            f"--against must name another class than the target; both are "
            f"{explanation.class_name(index)!r}"
        )
    return found
