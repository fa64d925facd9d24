"""The public names are those of the stub, and each can be had."""

from __future__ import annotations

import ast
import inspect
import pickle
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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cilens.Slic(n_segment=9),
            r"Slic\(\) has no parameter 'n_segment'; did you mean 'n_s",
        ),
        (lambda: cilens.explain(len, [], bugdet=9), "parameter 'bugdet'; did you mean 'budget'"),
        (lambda: cilens.read_image("mnist:0", xyz=1), "has no parameter 'xyz'; it takes source"),
        (lambda: cilens.OnnxModel("a", preproces=1), "did you mean 'preprocess'"),
    ],
)
def test_keyword_that_does_not_exist(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_names_with_suggestions_are_the_same():
    assert cilens.explain is cilens.explain
    assert pickle.loads(pickle.dumps(cilens.explain)) is not None
    assert pickle.loads(pickle.dumps(cilens.Slic(9))) == cilens.Slic(9)
    assert "n_segments" in inspect.signature(cilens.Slic).parameters
    assert "budget" in inspect.signature(cilens.explain).parameters


def test_what_is_shown_for_completion():
    assert {"plot", "compare", "evaluate", "explain", "__version__"} <= set(dir(cilens))


def test_version_is_stated():
    assert cilens.__version__.split(".")[0].isdigit()
