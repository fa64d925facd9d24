"""`cilens explain --dry-run`: what an explanation would cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from rich import box
from rich.table import Table

from cilens import scoring
from cilens.cli import console
from cilens.cli.recipe import Watched
from cilens.types import Image, ImageModel

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
    audit_rows : int
        About how many ``--audit`` will ask beside.
    """

    image: str
    model_rows: int
    batch_size: int
    batch_bytes: int
    seconds: float
    minimal_rows: int = 0
    audit_rows: int = 0


def estimate(source: str, model: ImageModel, image: Image, method: Watched) -> Cost:
    """Plan the questions, and time one batch of them."""
    begun = time.perf_counter()
    plan = method.plan(scoring.view(model, image))
    planned = time.perf_counter()
    question = plan.questions[0]
    rows = min(method.batch_size, len(question.coalitions))
    batch = question._replace(coalitions=question.coalitions[:rows])
    tuple(scoring.score(model, [batch], batch_size=rows))  # the first batch warms the network up
    warm = time.perf_counter()
    tuple(scoring.score(model, [batch], batch_size=rows))
    row_seconds = (time.perf_counter() - warm) / rows
    return Cost(
        image=source,
        model_rows=plan.model_rows,
        batch_size=method.batch_size,
        batch_bytes=2 * min(method.batch_size, plan.model_rows) * question.image.nbytes,
        seconds=planned - begun + plan.model_rows * row_seconds,
    )


def print_json(costs: Sequence[Cost]) -> None:
    """Print one document: each image, and all of them."""
    rows, seconds = sum(c.model_rows for c in costs), sum(c.seconds for c in costs)
    most = max((c.batch_bytes for c in costs), default=0)
    total = {"images": len(costs), "model_rows": rows, "batch_bytes": most, "seconds": seconds}
    images = [cost._asdict() | {"check_rows": CHECK_ROWS} for cost in costs]
    console.print_json({"images": images, "total": total})


def print_table(costs: Sequence[Cost]) -> None:
    """Print a line for each image, and one for all of them."""
    if not costs:
        return
    table = Table(box=box.SIMPLE, pad_edge=False, show_footer=len(costs) > 1)
    rows = sum(c.model_rows for c in costs)
    memory = _size(max(c.batch_bytes for c in costs))
    seconds = _time(sum(c.seconds for c in costs))
    table.add_column("image", footer=f"all {len(costs)}", overflow="fold")
    table.add_column("model rows", f"{rows:,}", justify="right")
    table.add_column("batch size", justify="right")
    table.add_column("batch memory", memory, justify="right")
    table.add_column("estimated time", seconds, justify="right")
    for c in costs:
        table.add_row(
            c.image,
            f"{c.model_rows:,}",
            str(c.batch_size),
            _size(c.batch_bytes),
            _time(c.seconds),
        )
    terminal = console.output()
    terminal.print(table)
    more = f"Checks take {CHECK_ROWS} more rows for the highlight and 2 for the model, an image."
    if most := max(c.minimal_rows for c in costs):
        more += f" --minimal takes up to {most} more."
    if most := max(c.audit_rows for c in costs):
        more += f" --audit takes about {most} more."
    terminal.print(f"Nothing was explained. {more}")


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
