"""The next images are cut while the model answers: the same explanations, in the same order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

import cilens
from cilens.scoring import ahead as ahead_module
from cilens.scoring.ahead import ahead, is_own
from cilens.scoring.explain import explain_each, explain_one


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ahead_module, "processors", lambda: 2)


def test_items_are_made_on_other_threads_in_order() -> None:
    both = threading.Barrier(2, timeout=10)  # opens only where two are made at a time

    def make(item: int) -> tuple[int, bool]:
        both.wait()
        return item, threading.current_thread() is threading.main_thread()

    assert list(ahead(make, range(6))) == [(item, False) for item in range(6)]


@pytest.mark.parametrize("count", [0, 1])
def test_a_stream_of_one_needs_no_thread(count: int) -> None:
    made = list(ahead(lambda _: threading.current_thread(), range(count)))
    assert made == [threading.main_thread()] * count


def test_no_more_are_taken_than_are_needed_soon() -> None:
    taken = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    coming = ahead(lambda item: item, items())
    assert [next(coming), next(coming)] == [0, 1]
    assert len(taken) <= 5
    coming.close()
    assert len(taken) <= 5


def test_what_fails_does_so_in_its_turn() -> None:
    def make(item: int) -> int:
        return 1 // (3 - item)

    coming = ahead(make, range(9))
    assert [next(coming) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(ZeroDivisionError):
        next(coming)


def test_explanations_are_those_of_one_image_after_the_other() -> None:
    model = cilens.load_model("digits")
    images = [cilens.read_image(f"mnist:{index}") for index in range(7)]
    method = cilens.ContextualImportance.paper()
    for one, image in zip(explain_each(method, model, images), images, strict=True):
        alone = explain_one(method, model, image)
        np.testing.assert_array_equal(one.influence, alone.influence)
        np.testing.assert_array_equal(one.segments, alone.segments)


def test_a_segmenter_of_ones_own_stays_on_the_callers_thread() -> None:
    seen = set()

    def halves(image: np.ndarray) -> np.ndarray:
        seen.add(threading.current_thread())
        return np.indices(image.shape[:2])[1] // 14

    model = cilens.load_model("digits")
    images = [cilens.read_image(f"mnist:{index}") for index in range(4)]
    list(explain_each(cilens.ContextualImportance(halves), model, images))
    assert seen == {threading.main_thread()}
    assert not is_own(cilens.ContextualImportance(halves))
    assert is_own(cilens.ContextualImportance(cilens.Slic(9), (cilens.Blur(),)))
