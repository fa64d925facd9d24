"""What the tests that break a contract share."""

from __future__ import annotations

import pytest


def fails(check, part, message: str, *arguments) -> None:
    with pytest.raises(AssertionError, match=message):
        check(part, *arguments)


class Counter:
    """Gives 0, 1, 2, … one for each call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls
