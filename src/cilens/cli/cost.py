"""`cilens explain --dry-run`: what an explanation would cost."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from cilens.cli import console
from cilens.findings.cost import CHECK_ROWS, Cost


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
    if most := max(c.animate_rows for c in costs):
        more += f" --animate takes up to {most} more."
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
