"""`--factory`: the function that makes the network a file of weights belongs to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

FACTORY_HELP = (
    "For .safetensors: your function that makes the PyTorch module. Naming it runs its code; the "
    "current directory is searched first."
)

Factory = Annotated[
    str | None,
    typer.Option(
        metavar="MODULE:FUNCTION",
        help=FACTORY_HELP,
        show_default="none",
        rich_help_panel="Model",
    ),
]
"""The option, as `cilens explain` has it."""


def findable(factory: str | None) -> str | None:
    """Let Python look into the current directory first, where a factory is named; return it."""
    here = str(Path.cwd())
    if factory is not None and here not in sys.path:
        sys.path.insert(0, here)
    return factory
