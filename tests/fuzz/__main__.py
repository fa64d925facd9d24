"""Damage files, hand them to every reader, and print what came of it as a table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzz.campaign import Result, run
from fuzz.readers import GROUPS

_HEAD = "| group | inputs | read | refused | findings | seconds | inputs/s | peak MB | slowest s |"


def main() -> int:
    """Run the campaign; the exit code says whether anything was found."""
    parser = argparse.ArgumentParser("fuzz", description=__doc__)
    parser.add_argument("--groups", default=",".join(GROUPS), help="which, with commas between")
    parser.add_argument("--inputs", type=int, default=100_000, help="files of each group")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="a folder")
    options = parser.parse_args()
    results = []
    print(_HEAD, "|---" + "|--:" * 8 + "|", sep="\n")
    for group in options.groups.split(","):
        results.append(run(group, options.inputs, options.seed, options.keep))
        print(_row(results[-1]), flush=True)
    for result in results:
        for finding, count in result.findings.most_common():
            kept = " ".join(result.specimens[finding])
            what = f"{count} x {finding.kind} at {finding.place}: {finding.text}"
            print(f"{result.group}: {what} [{kept}]")
    return any(result.findings for result in results)


def _row(result: Result) -> str:
    found = sum(result.findings.values())
    cells = (
        *(result.group, f"{result.inputs:,}", f"{result.counts['read']:,}"),
        *(f"{result.counts['refused']:,}", f"{found:,}", f"{result.seconds:.0f}"),
        *(
            f"{result.inputs / result.seconds:.0f}",
            f"{result.peak >> 20:,}",
            f"{result.slowest:.2f}",
        ),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
