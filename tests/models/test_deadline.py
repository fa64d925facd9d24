"""A call that does not listen has a limit of time, and Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import cilens
from cilens.cli import main
from cilens.errors import CilensError, FileError, InputError, ModelError
from cilens.models import deadline
from cilens.models.deadline import at_once, within
from cilens.models.inspect.description import describe

pytestmark = pytest.mark.slow

P = cilens.Preprocess((8, 8))
IMAGES = np.full((1, 8, 8, 3), 0.5, np.float32)


def nothing() -> None:
    return None


def test_what_is_returned_or_raised_comes_through() -> None:
    assert within(60, "it", lambda: "answer", nothing) == "answer"
    for error in (ValueError("no"), SystemExit(3), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught:
            within(60, "it", lambda error=error: (_ for _ in ()).throw(error), nothing)
        assert caught.value is error


def test_a_call_that_takes_too_long_is_told_to_stop() -> None:
    stopped = threading.Event()
    with pytest.raises(ModelError, match=r"^it took longer than 0\.01 s and was stopped: where"):
        within(0.01, "it", stopped.wait, stopped.set)


def test_a_call_that_does_not_listen_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_GRACE", 0.01)
    free = threading.Event()
    with pytest.raises(ModelError, match="took longer"):
        within(0.01, "it", free.wait, nothing)
    assert within(60, "it", lambda: 1, nothing) == 1
    free.set()


def test_threads_are_used_again_and_do_not_wait_for_each_other() -> None:
    within(60, "it", nothing, nothing)
    before = len(deadline._IDLE)
    for _ in range(20):
        within(60, "it", nothing, nothing)
    assert len(deadline._IDLE) == before
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        within(60, "it", lambda: (inside.set(), go.wait()), nothing)

    other = threading.Thread(target=hold)
    other.start()
    inside.wait()
    assert within(60, "it", lambda: 2, nothing) == 2
    go.set()
    other.join()


def interrupt_soon() -> threading.Timer:
    """Press Ctrl-C in a moment."""
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def test_ctrl_c_stops_it() -> None:
    stopped = threading.Event()
    timer = interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        within(60, "it", stopped.wait, stopped.set)
    timer.join()
    assert stopped.is_set()


@pytest.mark.skipif(os.name != "posix", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    within(60, "it", nothing, nothing)
    if os.fork() == 0:
        os._exit(within(5, "it", lambda: 7, nothing))
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 7


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e300, "5", None])
def test_no_time(unchecked: None, timeout: object) -> None:
    with pytest.raises(InputError, match="timeout must be a number of seconds above 0; got"):
        deadline.check_timeout(timeout)


def test_python_ends_while_a_call_goes_on() -> None:
    script = """
import threading
from cilens.models import deadline
deadline._GRACE = deadline._LAST = 0.01
try:
    deadline.within(0.01, "it", threading.Event().wait, lambda: None)
except deadline.ModelError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("it took longer than 0.01 s")
    assert (done.returncode, done.stderr) == (1, "")


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """Return a network whose loop runs 2^62 times, as after damage of one byte."""
    make = helper.make_tensor_value_info
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["on"]),
            helper.make_node("Sin", ["v"], ["w"]),
        ],
        "body",
        [make("i", TensorProto.INT64, []), make("go", 9, []), make("v", 1, None)],
        [make("on", 9, []), make("w", 1, None)],
    )
    nodes = [
        helper.make_node("Loop", ["n", "c", "x"], ["t"], body=body),
        helper.make_node("ReduceMean", ["t"], ["y"], axes=[2, 3], keepdims=0),
    ]
    constants = {"n": np.array(2**62), "c": np.array(True)}
    graph = helper.make_graph(
        nodes,
        "endless",
        [make("x", 1, ["n", 3, 8, 8])],
        [make("y", 1, ["n", 3])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"cilens.preprocess": P.to_json()})
    onnx.save(model, tmp_path / "net.onnx")
    return tmp_path / "net.onnx"


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """Return a network that ONNX Runtime computes for seconds when it is opened."""
    nodes = [helper.make_node("ConstantOfShape", ["s"], ["a0"])]
    nodes += [helper.make_node("MatMul", [f"a{i}", f"a{i}"], [f"a{i + 1}"]) for i in range(30)]
    nodes += [
        helper.make_node("ReduceMean", ["a30"], ["r"], keepdims=1),
        helper.make_node("Add", ["x", "r"], ["y"]),
    ]
    make = helper.make_tensor_value_info
    constant = numpy_helper.from_array(np.array([1500, 1500]), "s")
    graph = helper.make_graph(
        nodes, "slow", [make("x", 1, ["n", 3, 8, 8])], [make("y", 1, None)], [constant]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "slow.onnx")
    return tmp_path / "slow.onnx"


def in_time(seconds: float, ask: Callable[[], object], error: type[CilensError]) -> str:
    """Return what is said of a call that must be refused within a few seconds."""
    started = time.monotonic()
    with pytest.raises(error) as caught:
        ask()
    assert time.monotonic() - started < seconds + 10
    return str(caught.value)


@pytest.mark.parametrize("isolate", [False, True])
def test_an_endless_loop_in_a_network(endless: Path, isolate: bool) -> None:
    model = cilens.load_model(endless, timeout=2, isolate=isolate)
    said = in_time(2, lambda: model(IMAGES), ModelError)
    assert said.startswith(f"asking {endless} took longer than 2 s and was stopped")


def test_opening_that_takes_long(slow: Path) -> None:
    said = in_time(0.2, lambda: cilens.load_model(slow, preprocess=P, timeout=0.2), FileError)
    assert said.startswith(f"opening {slow} took longer than 0.2 s and was stopped")
    said = in_time(0.2, lambda: describe(str(slow), timeout=0.2), FileError)
    assert "took longer than 0.2 s" in said


def test_ctrl_c_in_an_endless_loop(endless: Path) -> None:
    model = cilens.load_model(endless)
    timer, started = interrupt_soon(), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        model(IMAGES)
    timer.join()
    assert time.monotonic() - started < 10
    with pytest.raises(ModelError, match="took longer"):
        cilens.load_model(endless, timeout=0.1)(IMAGES)


@pytest.mark.parametrize("isolate", [[], ["--isolate"]])
def test_the_command_line_says_it(endless: Path, isolate, monkeypatch, capsys) -> None:
    monkeypatch.chdir(endless.parent)
    import PIL.Image

    PIL.Image.new("RGB", (8, 8)).save("black.png")
    for command in (
        ["explain", "black.png", "--model", "net.onnx"],
        ["inspect", "net.onnx", "--image", "black.png"],
    ):
        assert main([*command, "--timeout", "3", *isolate]) != 0
        said = capsys.readouterr().err
        assert "asking net.onnx took longer than 3 s and was stopped" in said
        assert "--timeout" in said
    assert main(["inspect", "net.onnx", "--timeout", "0"]) == 2
    assert "timeout must be a number of seconds above 0" in capsys.readouterr().err


def test_several_calls_at_once_keep_their_order() -> None:
    both = threading.Barrier(2, timeout=10)  # opens only where two calls wait at a time

    def call(number: int) -> int:
        both.wait()
        return number * 2

    assert at_once(call, range(4), 2) == [0, 2, 4, 6]
    assert at_once(call, [], 2) == []


def test_one_that_raises_is_the_last() -> None:
    begun = []

    def call(number: int) -> None:
        begun.append(number)
        raise IndexError(number)  # as an empty queue would

    with pytest.raises(IndexError, match="0"):
        at_once(call, range(100), 1)
    assert begun == [0]
    with pytest.raises(IndexError):
        at_once(call, range(100), 2)
    assert len(begun) <= 3
