"""The suite's own limits are kept, and seen where they are not."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import speed

TESTS = Path(__file__).parent


def call(most: float | None, marker: object = None) -> None:
    """Run a test of a twentieth of a second of processor time, as pytest would."""
    option = SimpleNamespace(most_seconds=most)
    item = SimpleNamespace(
        config=SimpleNamespace(option=option), get_closest_marker=lambda name: marker
    )
    hook, begun = speed.pytest_runtest_call(item), time.process_time()
    next(hook)
    while time.process_time() - begun < 0.05:
        pass
    with pytest.raises(StopIteration):
        hook.send(None)


def test_a_test_that_takes_longer_than_it_may_fails():
    with pytest.raises(pytest.fail.Exception, match=r"and may take 0\.01 s: let it do less, or"):
        call(0.01)


@pytest.mark.parametrize(("most", "marker"), [(None, None), (50, None), (0.01, "slow")])
def test_one_that_is_marked_slow_or_within_the_limit_does_not(most, marker):
    call(most, marker)


@pytest.mark.parametrize(
    ("text", "heavy"),
    [
        ("import torch\n", True),
        ("from torch import nn\n", True),
        ("import numpy\nfrom cilens.models.torch import model\n", True),
        ("from cilens.models.litert.runtime import serve\n", True),
        ("import keras_networks\n", True),
        ("with quiet():\n    simplefilter()\n    from shap import Explainer\n", True),
        ('torch = pytest.importorskip("torch")\n', True),
        ("import cilens\nfrom cilens.models.load import load_model\n", False),
        ("def inside():\n    import torch\n", False),
        ("", False),
    ],
)
def test_a_file_that_imports_a_framework_is_told_from_others(tmp_path, text, heavy):
    path = tmp_path / "test_it.py"
    path.write_text(text)
    assert speed.imports_framework(path) is heavy


def test_the_quick_part_is_most_of_the_suite():
    files = list(TESTS.rglob("test_*.py"))
    left = [path for path in files if speed.imports_framework(path)]
    assert 0.1 < len(left) / len(files) < 0.4


def test_what_was_imported_is_not_searched_for_garbage():
    assert gc.get_freeze_count() > 10_000
