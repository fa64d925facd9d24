"""What adapters have in common: the form of their fields, and what they open in this process."""

from __future__ import annotations

import pickle
import threading
from dataclasses import dataclass

import numpy as np
import pytest

from cilens.errors import FileError, InputError
from cilens.files import reading
from cilens.models.adapter import Network, Reading, agree, opened_once, own_fields, settle
from cilens.models.metadata import Tensor
from cilens.models.preprocess.record import FitError, Preprocess


@dataclass(frozen=True)
class Adapter:
    path: object = "net.onnx"
    class_names: object = ()
    activation: object = "none"
    output_range: object = None
    inputs: object = ()
    timeout: object = 5

    def __post_init__(self) -> None:
        settle(self)

    __getstate__ = own_fields


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("class_names", None), ("class_names", "ab"), ("activation", None),
        ("activation", "softmx"), ("output_range", (1.0, 0.0)), ("inputs", {"age": "x"}),
        ("timeout", 0), ("timeout", None),
    ],
)  # fmt: skip
def test_a_field_without_a_form_is_refused(field, value):
    with pytest.raises((InputError, TypeError)):
        Adapter(**{field: value})


def test_fields_have_one_form_and_what_is_left_open_stays_so():
    made = Adapter(class_names=["a", "b"], inputs={"age": 41}, timeout=7)
    assert made == Adapter(class_names=("a", "b"), inputs=(("age", 41),), timeout=7.0)
    assert made.output_range is None


def test_what_is_opened_is_opened_once_and_stays_here():
    made, opened = Adapter(), []

    def make() -> list[int]:
        opened.append(1)
        return [len(opened)]

    found = []
    threads = [
        threading.Thread(target=lambda: found.append(opened_once(made, make))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[1]] * 8
    assert opened_once(made, make, lambda kept: kept != [1]) == [2]
    assert vars(pickle.loads(pickle.dumps(made))) == own_fields(made)


def test_an_image_that_does_not_fit_is_told_what_does():
    way = Reading(Preprocess((8, 8), 1))
    with pytest.raises(FitError, match=r"got 4 x 4 with 1 channel; try another$"):
        way.view(np.zeros((4, 4, 1)), "try another")
    with pytest.raises(FitError, match=r"got 4 x 4 with 1 channel$"):
        way.view(np.zeros((4, 4, 1)))


def test_what_is_stated_wins_over_the_file_and_both_must_agree():
    taken = Tensor("x", "float32", ("n", 3, 8, 8))
    scores = (Tensor("y", "float32", ("n", 2)), Tensor("place", "int64", ("n",)))
    metadata = {
        "cilens.preprocess": '{"size": [8, 8]}',
        "cilens.class_names": '["cat", "dog"]',
    }
    net = Network("net.onnx", taken, (), scores, metadata, lambda _, rows: rows)
    found = agree(net, (None, (), "softmax", "y"), "export scores")
    assert found == Reading(Preprocess((8, 8)), ("cat", "dog"), "softmax", "y")
    assert agree(net, (None, ("a", "b"), "none", "y"), "").class_names == ("a", "b")
    for stated, message in [
        ((None, (), "none", None), "has 2 outputs, choose one"),
        ((None, (), "none", "place"), r"must be scores; it is int64: export scores$"),
        ((None, ("a",), "none", "y"), "must name each class"),
        ((Preprocess((9, 9)), (), "none", "y"), "must make what the network takes"),
    ]:
        with pytest.raises(InputError, match=message):
            agree(net, stated, "export scores")
    with pytest.raises(InputError, match="does not say how an image becomes its input 'x'"):
        agree(net._replace(metadata={}), (None, (), "none", "y"), "")


def test_what_cannot_be_read_is_told_in_the_words_of_the_system(tmp_path):
    with (
        pytest.raises(FileError, match=r"cannot be read: Is a directory$"),
        reading(tmp_path, "is damaged"),
    ):
        tmp_path.open()
