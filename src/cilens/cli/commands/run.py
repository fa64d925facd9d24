"""`cilens run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cilens.cli.console import DONE, INTERRUPTED, SOME_FAILED, complain, output, print_json
from cilens.cli.options import Json
from cilens.findings.request import Option, RunRequest

if TYPE_CHECKING:
    from cilens.runs import Report

HELP = """Explain many images, and record what is found as Parquet, to be asked in SQL.

A run that was stopped, by Ctrl-C, a crash or a power cut, goes on with the same command: nothing \
that is recorded is explained again. Images that fail are rows with their error. What the tables \
have is in the reference, docs/reference/runs.md.

Exit code: 0 if all went well; 1 if some images failed or the disk is full, the others are \
recorded; 2 if nothing could be begun; 130 after Ctrl-C."""

Retry = Annotated[bool, Option("Try the images again that failed before.", panel="Run")]
Profile = Annotated[
    bool,
    Option("Say where the time went: reading, cutting, the model, writing.", panel="Run"),
]


def run(
    request: RunRequest,
    *,
    retry_failed: Retry = False,
    profile: Profile = False,
    json: Json = False,
) -> int:
    from cilens.cli.progress import Ticker
    from cilens.errors import StoppedError, missing_extra

    try:
        from cilens import runs
    except ModuleNotFoundError as error:
        raise missing_extra("cilens run", str(error.name), "runs") from error

    with Ticker() as ticker:
        try:
            report = runs.run(request, ticker, retry_failed=retry_failed, profile=profile)
        except StoppedError as error:
            ticker.hide()
            complain(str(error))
            return SOME_FAILED
        except KeyboardInterrupt:
            ticker.hide()
            complain("interrupted: the same command goes on with the images that are left")
            return INTERRUPTED
    if json:
        print_json(_record(report))
    else:
        _print(report, request, profile=profile)
    return SOME_FAILED if report.progress.failed else DONE


def _record(report: Report) -> dict[str, object]:
    now = report.progress
    return {
        "images": now.total,
        "failed": now.failed,
        "explained_now": now.here,
        "model_rows": now.model_rows,
        "seconds": now.seconds,
        "spent": report.spent,
    }


def _print(report: Report, request: RunRequest, *, profile: bool) -> None:
    from cilens.text.cost import profile_line, progress_line

    now, terminal = report.progress, output()
    terminal.line((progress_line(now.done, now.total, now.failed, now.rates), "bold"))
    if not now.here:
        terminal.line("Nothing was left to do.")
    if profile:
        terminal.line((profile_line(report.spent, now.seconds), "dim"), soft_wrap=True)
    if now.failed:
        terminal.line("Failed images are rows with their error; --retry-failed tries them again.")
    out = request.kept.out
    terminal.line(f"Written: {out}/images, {out}/regions, manifest.json", soft_wrap=True)
