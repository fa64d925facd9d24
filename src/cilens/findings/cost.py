"""What an explanation would cost, before it is made."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cilens import scoring
from cilens.errors import InputError
from cilens.findings.examine import Examiner
from cilens.followup.audit import Audit
from cilens.followup.insertion import STEPS
from cilens.followup.minimal import MinimalSearch
from cilens.followup.redundancy import RedundancySearch
from cilens.scoring.explain import ChosenMethod, PlannedMethod, planned
from cilens.scoring.question import Question

CHECK_ROWS = 3
"""The highlight alone, the image without it, and the blank image are asked about apart."""


class Cost(NamedTuple):
    """What explaining one image takes.

    Attributes
    ----------
    image : str
        Its source.
    model_rows : int
        Images the model will be asked about, exactly.
    batch_size : int
        Most of them at once.
    batch_bytes : int
        Pixels of one batch, and as much again for the network's own input.
    seconds : float
        Segmentation and all batches, from one batch that was timed.
    minimal_rows : int
        Most that ``--minimal`` will ask beside.
    animate_rows : int
        Most that ``--animate`` will ask beside.
    audit_rows : int
        About how many ``--audit`` will ask beside.
    """

    image: str
    model_rows: int
    batch_size: int
    batch_bytes: int
    seconds: float
    minimal_rows: int = 0
    animate_rows: int = 0
    audit_rows: int = 0


def total(costs: Sequence[Cost]) -> Cost:
    """Return what all images take: the sum of rows and seconds, the most of all else."""
    _, *numbers = zip(Cost("", 0, 0, 0, 0.0), *costs, strict=True)
    most = Cost("all", *map(max, numbers))
    rows, seconds = sum(one.model_rows for one in costs), sum(one.seconds for one in costs)
    return most._replace(model_rows=rows, seconds=seconds)


def costs_record(costs: Sequence[Cost]) -> dict[str, object]:
    """Return what the JSON says: each image, and all of them."""
    images = [one._asdict() | {"check_rows": CHECK_ROWS} for one in costs]
    everything = total(costs)._asdict()
    kept = {name: everything[name] for name in ("model_rows", "batch_bytes", "seconds")}
    return {"images": images, "total": {"images": len(costs)} | kept}


@dataclass(frozen=True)
class Clock:
    """Tells what images would cost; one batch is timed for each shape that comes.

    Parameters
    ----------
    examiner : Examiner
        What would be done with them.
    """

    examiner: Examiner
    _row_seconds: dict[tuple[int, ...], float] = field(default_factory=dict, init=False)

    def estimate(self, source: str) -> Cost:
        """Plan the questions about an image, and say what they would take.

        Raises
        ------
        InputError
            If what the method asks depends on the answers.
        """
        method, model = self.examiner.method, self.examiner.model
        if not isinstance(method, PlannedMethod | ChosenMethod):
            raise InputError(
                f"what {type(method).__name__} asks depends on the answers: its model rows are not "
                "known beforehand"
            )
        image = self.examiner.request.reading.read(source)
        begun = time.perf_counter()
        plan = planned(method, scoring.view(model, image)).plan
        segmented = time.perf_counter()
        question, told, most = plan.questions[0], self.examiner.request.told, MinimalSearch()
        pairs = RedundancySearch().budget(len(plan.regions))
        return Cost(
            image=source,
            model_rows=plan.model_rows,
            batch_size=method.batch_size,
            batch_bytes=2 * min(method.batch_size, plan.model_rows) * question.image.nbytes,
            seconds=segmented - begun + plan.model_rows * self._seconds(question),
            minimal_rows=most.budget + pairs if told.minimal else 0,
            animate_rows=STEPS + 1 if told.animate else 0,
            audit_rows=Audit().about_rows(plan.model_rows) if told.audit else 0,
        )

    def _seconds(self, question: Question) -> float:
        """Return what one row of images of this shape takes."""
        shape, model = question.image.shape, self.examiner.model
        if shape not in self._row_seconds:
            rows = min(self.examiner.method.batch_size, len(question.coalitions))
            batch = question._replace(coalitions=question.coalitions[:rows])
            tuple(scoring.score(model, [batch], batch_size=rows))  # warms the network up
            warm = time.perf_counter()
            tuple(scoring.score(model, [batch], batch_size=rows))
            self._row_seconds[shape] = (time.perf_counter() - warm) / rows
        return self._row_seconds[shape]
