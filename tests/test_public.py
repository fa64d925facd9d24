"""The public names are those of the stub, and each can be had."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cilens

STUB = ast.parse(Path(cilens.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))


def stub_all() -> list[str]:
    (names,) = (
        node.value
        for node in STUB.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    )
    return ast.literal_eval(names)


def stub_imports() -> list[str]:
    return [
        alias.name for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names
    ]


def test_stub_lists_what_it_imports():
    assert sorted(stub_all()) == sorted(stub_imports())
    assert len(set(stub_all())) == len(stub_all())


def test_package_has_the_names_of_the_stub():
    assert sorted(cilens.__all__) == sorted(stub_all())
    assert set(stub_all()) <= set(dir(cilens))


@pytest.mark.parametrize("name", stub_all())
def test_name_resolves(name):
    assert getattr(cilens, name).__name__.removeprefix("cilens.") == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Slick", "no attribute 'Slick'; did you mean 'Slic'"),
        ("explian", "did you mean 'explain'"),
        ("whatever_this_is", "no attribute 'whatever_this_is'$"),
    ],
)
def test_name_that_does_not_exist(name, message):
    with pytest.raises(AttributeError, match=message):
        getattr(cilens, name)


def test_what_is_shown_for_completion():
    assert {"plot", "compare", "evaluate", "explain", "__version__"} <= set(dir(cilens))


def test_version_is_stated():
    assert cilens.__version__.split(".")[0].isdigit()
