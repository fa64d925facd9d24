"""Messages carry texts and arrays, and whatever is none is refused before it costs anything."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cilens.models.isolate import wire
from cilens.models.isolate.wire import receive, send

KINDS = st.sampled_from(["f2", "f4", "f8", "u1", "i1", "u2", "i4", "i8", ">f4", ">i2", "?"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)


def message(texts: dict, given: dict | None = None) -> bytes:
    pipe = io.BytesIO()
    send(pipe, texts, given or {})
    return pipe.getvalue()


@given(st.dictionaries(st.text(max_size=5), arrays.arrays(KINDS, SHAPES), max_size=3), st.text())
def test_what_is_sent_arrives(sent: dict, text: str) -> None:
    texts, received = receive(io.BytesIO(message({"text": text, "numbers": [1, None]}, sent)))
    assert texts == {"text": text, "numbers": [1, None]}
    assert received.keys() == sent.keys()
    for name, array in sent.items():
        assert received[name].dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(received[name], array)


@given(st.data())
def test_damage_is_refused_or_another_message(data: st.DataObject) -> None:
    whole = bytearray(message({"text": "a"}, {"x": np.ones((2, 3), np.float32)}))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        receive(io.BytesIO(bytes(whole[:cut])))
    except (ValueError, EOFError):
        return
    assert cut == len(whole)


@pytest.mark.parametrize(
    "told",
    [
        [["x", "O", [1]]], [["x", "V8", [1]]], [["x", "<f4", [-1, -2]]], [["x", "<f4", [1.0]]],
        [["x", "<f4", [True, 2]]], [["x", "<f4", "ab"]], [["x", "<f4", [1] * 9]], [["x", "<f4"]],
        [["x", "<f4", [2**40]]], [["x", "<f4", [2**20, 2**20]]], [["x", "<f4", [1]]] * 2, 5,
        [["x", ["<f4"], [2]]], {"x": 1}, [["x", "<f8", [2]]],
    ],
)  # fmt: skip
def test_arrays_that_are_none(told: object) -> None:
    head = json.dumps({"arrays": told}).encode()
    sent = wire._START.pack(wire._MAGIC, len(head), 8) + head + bytes(8)
    with pytest.raises(ValueError, match="its answer"):
        receive(io.BytesIO(sent))
