"""A child may do anything: its parent is told in one line, and nothing is left behind."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cilens.errors import CilensError, FileError, ModelError
from cilens.models.isolate import client
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits

pytestmark = pytest.mark.slow

LIMITS = Limits(memory=2**30, timeout=20)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="kept on Linux")


def child(limits: Limits = LIMITS, **request: str) -> Child:
    return Child("net.bin", f"hostile:{'opens' if 'do' in request else 'asked'}", request, limits)


def gone(process) -> bool:
    """Tell whether a process has ended, and was waited for."""
    return process.returncode is not None and process.stdin.closed and process.stdout.closed


def test_it_answers():
    one = child()
    assert one.texts["hello"] == "there"
    images = np.random.default_rng(0).random((3, 4, 5, 1))
    for sent in (images, images[::2, :, ::-1], images.astype(">f4"), np.zeros((0, 3)), np.ones(())):
        np.testing.assert_array_equal(one.ask("", {"images": sent}), sent)
    assert one.alive
    process = one._process
    one.close()
    assert not one.alive
    assert gone(process)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("crash", r"ended the process made for it \(SIGSEGV\), which may take 1 GB of memory"),
        ("leave", r"ended the process made for it \(exit code 7\), which may take 1 GB"),
        ("fail", r"failed: RuntimeError: no such luck$"),
    ],
)
def test_what_ends_it_is_told(what, message):
    with pytest.raises(FileError, match=rf"^opening net\.bin {message}"):
        child(do=what)
    one = child()
    with pytest.raises(ModelError, match=rf"^asking net\.bin {message}"):
        one.ask(what, {})
    assert one.alive == (what == "fail")


@pytest.mark.parametrize("what", ["spin", "sleep_in_c"])
def test_an_endless_loop_is_ended(what):
    started = time.monotonic()
    one = child(Limits(timeout=1))
    process = one._process
    with pytest.raises(ModelError, match=r"^asking net\.bin took longer than 1 s and was stopped"):
        one.ask(what, {})
    with pytest.raises(FileError, match=r"^opening net\.bin took longer than 1 s and was stopped"):
        child(Limits(timeout=1), do=what)
    assert time.monotonic() - started < 15
    assert gone(process)


@LINUX
def test_memory_has_a_limit():
    message = r"needs more memory than it may take \(0\.5 GB of memory and 20 s\)"
    tight = Limits(memory=2**29, timeout=20)
    with pytest.raises(FileError, match=message):
        child(tight, do="take")
    one = child(tight)
    with pytest.raises(ModelError, match=message):
        one.ask("take", {})
    np.testing.assert_array_equal(one.ask("", {}), [0, 1, 2])
    child(do="take")


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "precious"
    path.write_text("mine", encoding="utf-8")
    return path


@LINUX
def test_files_stay_as_they_are(precious: Path):
    fresh = precious.with_name("fresh")
    one = child()
    if "files" not in one.texts["kept"]:
        pytest.skip("this Linux has no Landlock")
    for what in ("write", "remove", "rename", "cut"):
        with pytest.raises(ModelError, match=r"PermissionError|OSError"):
            child(**{"with": str(precious)}).ask(what, {})
    for what in ("write", "create"):
        with pytest.raises(ModelError, match=r"PermissionError|OSError"):
            child(**{"with": str(fresh)}).ask(what, {})
    assert precious.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in precious.parent.iterdir()] == ["precious"]


def test_no_byte_is_written_where_the_system_has_no_more_rules(tmp_path: Path):
    script = f"""
import resource
from cilens.models.isolate import confine
confine._landlock = lambda: ()
print(confine.confine(2**30))
try:
    with open({str(tmp_path / "fresh")!r}, "w") as file:
        file.write("written")
except OSError as error:
    print(error.strerror)
print(resource.getrlimit(resource.RLIMIT_CORE))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "writes" in done.stdout
    assert "File too large" in done.stdout
    assert "(0, 0)" in done.stdout
    assert (tmp_path / "fresh").read_bytes() == b""


@LINUX
def test_no_program_is_started_and_nobody_called():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        one = child(**{"with": port})
        for what, kept in (("start", "programs"), ("connect", "network")):
            if kept in one.texts["kept"]:
                with pytest.raises(ModelError, match="PermissionError"):
                    one.ask(what, {})


def test_the_environment_stays_behind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_TOKEN", "12345")
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name, seen in (("SECRET_TOKEN", "unset"), ("LANG", "C.UTF-8")):
        with pytest.raises(ModelError, match=seen):
            child(**{"with": name}).ask("look", {})


def test_what_is_printed_is_no_answer():
    one = child(do="talk")
    np.testing.assert_array_equal(one.ask("talk", {}), [0, 1, 2])


START = b"cil\x01"
HEAD = b'{"arrays": []}'


@pytest.mark.parametrize(
    ("bytes_", "message"),
    [
        (b"garbage that is long enough for a start", "no message of at most"),
        (START + (2**31).to_bytes(4, "little") + bytes(8), "no message of at most"),
        (START + (2).to_bytes(4, "little") + (2**60).to_bytes(8, "little"), "no message of at"),
        (START + (1).to_bytes(4, "little") + bytes(8) + b"[", "no message that states its arrays"),
        (START + (2).to_bytes(4, "little") + bytes(8) + b"{}", "no message that states its arra"),
        (
            START + (50_000).to_bytes(4, "little") + bytes(8) + b"[" * 50_000,
            "no message that states its arrays",
        ),
        (
            START + len(HEAD).to_bytes(4, "little") + (8).to_bytes(8, "little") + HEAD + bytes(8),
            "arrays of other sizes than it states",
        ),
        (START + (99).to_bytes(4, "little") + bytes(8) + b"{", "ended the process made for it"),
        (b"", "ended the process made for it"),
    ],
)
def test_garbage_is_no_answer(monkeypatch: pytest.MonkeyPatch, bytes_: bytes, message: str):
    script = f"import os, sys; sys.stdin.buffer.read(1); os.write(1, {bytes_!r})"
    monkeypatch.setattr(client, "_PROGRAM", ("-c", script))
    with pytest.raises(FileError, match=message) as caught:
        child()
    assert "\n" not in str(caught.value)


def test_ctrl_c_ends_the_child():
    one = child()
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    process, started = one._process, time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        one.ask("sleep_in_c", {})
    timer.join()
    assert time.monotonic() - started < 15
    assert gone(process)


def test_nothing_is_left_when_nobody_holds_it():
    one = child()
    process = one._process
    del one
    gc.collect()
    assert gone(process)


def test_the_child_ends_with_its_parent():
    script = """
import os, signal
from cilens.models.isolate.client import Child
from cilens.models.isolate.limits import Limits
one = Child("net.bin", "hostile:asked", {}, Limits())
print(one.texts["pid"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    pid, deadline = int(done.stdout), time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        os.sched_yield()
    pytest.fail("the child outlived its parent")


FORKED = """
import os, test_client
one = test_client.child()
if os.fork() == 0:
    alive = one.alive
    one.close()
    os._exit(int(alive))
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
print(one.ask("", {}).tolist())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_process_leaves_it_to_its_owner():
    """In a Python of its own: what has run threads may not fork."""
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", FORKED],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.returncode) == ("[0.0, 1.0, 2.0]\n", 0), done.stderr


def test_a_python_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(CilensError, match="a separate process cannot be started for a model"):
        child()
