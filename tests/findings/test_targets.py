"""A class is found by its name, a synonym or its index; never one of several."""

from __future__ import annotations

import re

import pytest

from cilens.errors import InputError
from cilens.findings.targets import class_index

NAMES = ["crane", "tiger cat", "tabby, tabby cat", "crane", "cougar, puma, Tiger cat", "5"]


@pytest.mark.parametrize(
    ("target", "index"),
    [("tiger cat", 1), ("tabby, tabby cat", 2), ("Tabby", 2), ("puma", 4), ("5", 5), ("0", 0)],
)
def test_class_index(target: str, index: int) -> None:
    assert class_index(target, NAMES) == index


@pytest.mark.parametrize(
    ("target", "names", "message"),
    [
        ("crane", NAMES, "the name 'crane' stands for the classes [0, 3]: give the index"),
        ("TIGER CAT", NAMES, "several classes are called 'TIGER CAT'"),
        ("tabbi", NAMES, "unknown class 'tabbi'; did you mean 'tabby'?"),
        ("6", NAMES, "a class index must be in 0 … 5; got 6"),
        ("-1", NAMES, "a class index must be in 0 … 5; got -1"),
        ("cat", [], "the classes have no names"),
        ("--5", [], "the classes have no names"),
    ],
)
def test_class_index_that_is_none(target: str, names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        class_index(target, names)


def test_class_index_without_names() -> None:
    assert class_index("12", []) == 12
