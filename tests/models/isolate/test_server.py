"""The child's side answers one message with one message, and ends when there is no more."""

from __future__ import annotations

import io

import numpy as np
import pytest

import tiny_tflite
from cilens.errors import FileError, InputError
from cilens.models import model_path
from cilens.models.isolate import services
from cilens.models.isolate.confine import spend
from cilens.models.isolate.server import serve
from cilens.models.isolate.wire import receive, send
from cilens.models.litert import runtime

STATED = {
    "source": "digits",
    "preprocess": None,
    "class_names": [],
    "output": None,
    "activation": "none",
    "factory": None,
    "inputs": [],
    "trust": False,
}


def session(first: dict, *questions: tuple[dict, dict]) -> list[tuple[dict, dict]]:
    """Return what is answered to a first message and to questions."""
    asked, told = io.BytesIO(), io.BytesIO()
    send(asked, {"memory": 1, "timeout": 10**6, **first})
    for texts, arrays in questions:
        send(asked, texts, arrays)
    asked.seek(0)
    serve(asked, told, lambda _: ("nothing",))
    told.seek(0)
    answers = []
    while told.tell() < len(told.getvalue()):
        answers.append(receive(told))
    return answers


def test_questions_are_answered_in_order() -> None:
    images = np.ones((2, 2))
    opened, *answers = session(
        {"service": "hostile:asked", "request": {}},
        ({"ask": ""}, {"images": images}),
        ({"ask": "fail"}, {}),
        ({"ask": ""}, {}),
    )
    assert opened[0]["kept"] == ["nothing"]
    np.testing.assert_array_equal(answers[0][1]["answer"], images)
    assert answers[1][0] == {"error": "", "said": "RuntimeError: no such luck"}
    np.testing.assert_array_equal(answers[2][1]["answer"], [0, 1, 2])


def test_what_cannot_be_opened_is_told() -> None:
    for service, said in (
        ("hostile:opens", "KeyError: 'do'"),
        ("no_such_module:x", "ModuleNotFoundError: No module named 'no_such_module'"),
    ):
        ((texts, _),) = session({"service": service, "request": {}})
        assert texts == {"error": "", "said": said}
    request = {"path": "none.onnx", "constants": []}
    service = "cilens.models.isolate.services:serve_description"
    ((texts, _),) = session({"service": service, "request": request})
    assert texts["error"] == "FileError"
    assert "none.onnx cannot be read" in texts["said"]


def test_nobody_asks() -> None:
    serve(io.BytesIO(), io.BytesIO(), lambda _: ())


def test_models_and_descriptions_are_served() -> None:
    stated = {
        "class_names": [],
        "output": None,
        "activation": "none",
        "factory": None,
        "inputs": [],
        "trust": False,
    }
    source = {"source": "digits", "preprocess": None}
    served = services.serve_model(stated | source)
    assert served.texts["class_names"] == tuple("0123456789")
    assert served.ask("", {"images": np.zeros((2, 28, 28, 1), np.float32)}).shape == (2, 10)
    told = services.serve_description({"path": model_path("digits"), "constants": []})
    name = told.texts["outputs"][0].name
    fed = np.zeros((1, 1, 28, 28), np.float32)
    assert told.ask(name, {"images": fed}).shape == (1, 10)


def test_litert_is_served(tmp_path) -> None:
    path = tiny_tflite.colours(tmp_path / "net.tflite", cilens_note="hello")
    served = runtime.serve({"path": str(path), "threads": 1})
    (taken,), (put,) = served.texts["inputs"], served.texts["outputs"]
    assert served.texts["texts"] == {"cilens.note": "hello"}
    for rows in (1, 3, 1):
        images = np.full((rows, 8, 8, 3), 0.5, np.float32)
        answer = served.ask(str(put.place), {str(taken.place): images})
        np.testing.assert_allclose(answer, np.full((rows, 3), 0.5))
    with pytest.raises(Exception, match=r"failed on an input of shape \(1, 8\)"):
        served.ask(str(put.place), {str(taken.place): np.zeros((1, 8), np.float32)})
    assert served.ask(str(put.place), {str(taken.place): images}).shape == (1, 3)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FileError, match="damaged"):
        runtime.serve({"path": str(path), "threads": 1})


def test_time_to_work_is_no_limit_here() -> None:
    spend(10**6)


def test_the_wish_of_a_model_is_checked_in_the_child() -> None:
    with pytest.raises(InputError, match="network's output: 10; got 1"):
        services.serve_model({**STATED, "class_names": ["a"]})
