"""What can be asked of many images: a request, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cilens.errors import InputError
from cilens.findings.request.explain import Request


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a run keeps, and where.

    Parameters
    ----------
    out : DIR
        Where the results are written; the same command goes on where it was stopped.
    part : IMAGES
        So many images share the model's batches and are written at a time: what is lost at
        most when the run is killed. Fewer for slow networks, more for millions of images.
    top : CLASSES
        Keep the regions' numbers for so many of the best classes; those of the target, the
        label and --against are kept too.
    """

    out: Path
    part: int = 64
    top: int = 2

    def __post_init__(self) -> None:
        for name in ("part", "top"):
            if getattr(self, name) < 1:
                raise InputError(f"--{name} must be at least 1; got {getattr(self, name)}")


@dataclass(frozen=True)
class RunRequest:
    """Explain many images, and record what was found.

    Parameters
    ----------
    asked : Request
        Which images, with which model, how, and what is told of them. A CSV or Parquet file
        among the images is a table of them.
    kept : RunOptions
        What is kept, and where.
    """

    asked: Request
    kept: RunOptions
