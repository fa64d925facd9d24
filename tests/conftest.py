"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of development data, which does not ship; skip where it is absent."""
    place = os.environ.get("CILENS_SHARED_DATA")
    folder = Path(place) if place else REPOSITORY.parent / "shared" / "data"
    if not (folder / "README.md").is_file():
        pytest.skip(f"no development data in {folder} (set CILENS_SHARED_DATA)")
    return folder
