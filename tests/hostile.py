"""What a model could try, as services that a child opens: at once, or when it is asked."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cilens.models.isolate.wire import Served


def opens(request: Mapping[str, Any]) -> Served:
    """Do what is asked for at once."""
    act(request["do"], request.get("with", ""))
    return asked(request)


def asked(request: Mapping[str, Any]) -> Served:
    """Do what is asked for when a question comes; its name says what."""

    def answer(name: str, arrays):
        act(name, request.get("with", ""))
        return arrays.get("images", np.arange(3.0))

    return Served({"hello": "there", "pid": os.getpid()}, answer)


def damage(request: Mapping[str, Any]) -> Served:
    """Open all files of a folder with LiteRT, and count what is raised."""
    from cilens.models.litert import runtime

    raised: Counter[str] = Counter()
    for path in Path(request["folder"]).iterdir():
        try:
            runtime.serve({"path": str(path), "threads": 1})
        except Exception as error:  # noqa: BLE001
            raised[type(error).__name__] += 1
    return Served({"raised": raised}, lambda *_: np.zeros(0))


def act(what: str, told: str) -> None:
    if what:
        _ACTS[what](told)


def crash(_: str) -> None:
    ctypes.string_at(0)


def spin(_: str) -> None:
    while True:
        pass


def sleep_in_c(_: str) -> None:
    ctypes.CDLL(None).sleep(60)


def take(_: str) -> None:
    np.ones(2**26)


def write(path: str) -> None:
    Path(path).write_text("written", encoding="utf-8")


def create(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR))


def remove(path: str) -> None:
    Path(path).unlink()


def rename(path: str) -> None:
    Path(path).rename(f"{path}.moved")


def cut(path: str) -> None:
    os.truncate(path, 0)


def start(_: str) -> None:
    subprocess.run([sys.executable, "-c", "pass"], check=True)


def connect(port: str) -> None:
    socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()


def talk(_: str) -> None:
    sys.stdout.write("noise on standard output")
    sys.stdout.flush()
    os.write(1, b"more of it")


def leave(_: str) -> None:
    os._exit(7)


def fail(told: str) -> None:
    raise RuntimeError(told or "no\n  such luck")


def look(name: str) -> None:
    raise RuntimeError(os.environ.get(name, "unset"))


def wait(_: str) -> None:
    time.sleep(0.01)


_ACTS = {
    one.__name__: one
    for one in (
        crash, spin, sleep_in_c, take, write, create, remove, rename, cut, start, connect, talk,
        leave, fail, look, wait,
    )
}  # fmt: skip
