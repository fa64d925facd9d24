"""`cilens view`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cilens.findings.request import Option

HELP = """Make a contact sheet of many explanations.

Reads what explain --out wrote, and writes index.html beside it: each image with what was seen in \
it, to be filtered by class and name and sorted; each opens its page. One file, no network."""

Directory = Annotated[Path, Option("Where explain --out wrote its files.", "DIR")]


def view(directory: Directory) -> None:
    from cilens.cli.console import output
    from cilens.view import save_gallery

    output().line(f"Written: {save_gallery(directory)}", soft_wrap=True)
