"""The list of attacks is true: what it names is there, and what is there is named."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", README)


def test_every_file_of_attacks_is_listed():
    there = {path.name for path in FOLDER.glob("test_*.py")} - {Path(__file__).name}
    assert there
    assert there <= {file for file, _ in NAMED}


def test_every_attack_that_is_listed_is_tried():
    for file, function in NAMED:
        path = FOLDER / file
        if function:
            assert f"\ndef {function}(" in path.read_text(encoding="utf-8"), function
