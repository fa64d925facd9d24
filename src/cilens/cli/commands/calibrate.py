"""`cilens calibrate`."""

from __future__ import annotations

from cilens.cli.options import Json
from cilens.findings.request import CalibrateRequest

HELP = """Measure the range of a network's scores, class by class, for logits and other scores \
without bounds.

The network is asked about each image, and about the same image with one region hidden at a time, \
as cilens explain will. Smallest and largest score of each class, widened by the margin, are kept \
in FILE.cilens.toml beside the file: cilens explain takes them as its output range. What is stated \
of the network is saved with them, but for --factory."""

_SHOWN = 10
"""Classes that are listed."""


def calibrate(request: CalibrateRequest, *, json: Json = False) -> None:
    from cilens.cli.console import output, print_json
    from cilens.cli.progress import Bar
    from cilens.findings.calibrate import calibration_record, prepare
    from cilens.table.columns import columns
    from cilens.text.english import agree
    from cilens.text.names import class_label

    calibrator = prepare(request)
    with Bar(len(calibrator.sources)) as bar:
        found = calibrator.calibrate(bar)
    if json:
        print_json(calibration_record(found))
        return
    terminal, measured, images = output(), found.measured, len(calibrator.sources)
    terminal.line(
        (request.model, "bold"),
        (f"  {images} {agree(images, 'image', 'images')}, {measured.rows} model rows", "dim"),
        (f", activation {calibrator.stated.activation}", "dim"),
        soft_wrap=True,
    )
    numbers = list(zip(measured.low, measured.high, found.low, found.high, strict=True))
    rows = (
        (class_label(calibrator.model.class_names, index), *(f"{number:.4g}" for number in row))
        for index, row in enumerate(numbers[:_SHOWN])
    )
    terminal.print(columns(("class", "measured from", "to", "range from", "to"), rows))
    if len(numbers) > _SHOWN:
        terminal.line(f"and {len(numbers) - _SHOWN:,} more classes")
    if measured.low.min() >= 0 and measured.high.max() <= 1:
        terminal.line("All scores lie in 0 … 1. Probabilities need no range of their own: where")
        terminal.line("they are such, delete output_range from the file, and explain takes 0 … 1.")
    terminal.line(f"Written: {found.saved}", soft_wrap=True)
