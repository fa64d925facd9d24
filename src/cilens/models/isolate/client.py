"""The parent's side: a child process that opens one model and answers about it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, BinaryIO, cast

from cilens.errors import (
    CilensError,
    FileError,
    InputError,
    MissingDependencyError,
    ModelError,
)
from cilens.models.deadline import within
from cilens.models.isolate.limits import Limits
from cilens.models.isolate.wire import ANSWER, Arrays, receive, send
from cilens.models.preprocess.record import FitError
from cilens.types import Array

_KNOWN = {
    kind.__name__: kind
    for kind in (FileError, FitError, InputError, MissingDependencyError, ModelError)
}
_PASSED = ("CUDA_", "KERAS_", "LC_", "NVIDIA_", "OMP_", "TF_", "TORCH_", "XDG_")
_PASSED_WHOLE = (
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONHOME",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
)
_PROGRAM = ("-P", "-m", "cilens.models.isolate")
_MEMORY = r"bad_alloc|MemoryError|allocate memory|out of memory|length_error"
_LONGEST = 1000
"""Signs of a message of the child's that are shown."""


class Child:
    """A process that has opened one model, and what it says of it.

    Parameters
    ----------
    path : str
        The model's file, for messages.
    service : str
        What opens it in the child, ``"module:function"``, a function from a request to a `Served`.
    request : mapping
        What it needs for that, as JSON has it.
    limits : Limits
        What it may take.

    Raises
    ------
    FileError
        If the file cannot be opened within the limits, or opening it ends the child.
    CilensError
        What the child raises.
    """

    def __init__(self, path: str, service: str, request: Mapping[str, Any], limits: Limits) -> None:
        self._path, self._limits, self._lock = path, limits, Lock()
        self._process = _start()
        self._owner = os.getpid()
        self._end = weakref.finalize(self, _end, self._process, self._owner)
        first = {
            "service": service,
            "request": request,
            "memory": limits.memory,
            "timeout": limits.timeout,
        }
        try:
            self.texts, _ = self._exchange(f"opening {path}", first, {})
        except BaseException as error:
            self._end()
            if type(error) is ModelError:
                raise FileError(str(error)) from error
            raise

    @property
    def alive(self) -> bool:
        """Whether it can still be asked, from this process."""
        return self._end.alive and self._owner == os.getpid()

    def ask(self, name: str, arrays: Arrays) -> Array:
        """Return the child's answer to a question: a name, and arrays by name.

        Raises
        ------
        ModelError
            If there is none; the child is ended.
        CilensError
            What the child raises.
        """
        _, answers = self._exchange(f"asking {self._path}", {"ask": name}, arrays)
        if ANSWER not in answers:
            self._end()
            raise ModelError(f"asking {self._path} failed: its answer has no array")
        return answers[ANSWER]

    def close(self) -> None:
        """End the child; the garbage collector does so too."""
        self._end()

    def _exchange(
        self, what: str, texts: Mapping[str, Any], arrays: Arrays
    ) -> tuple[dict[str, Any], Arrays]:
        """Send a message and return the answer; a child that gives none is ended."""
        asked, told = cast("BinaryIO", self._process.stdin), cast("BinaryIO", self._process.stdout)

        def exchange() -> tuple[dict[str, Any], Arrays]:
            send(asked, texts, arrays)
            return receive(told)

        with self._lock:
            try:
                answer = within(self._limits.timeout, what, exchange, self._process.kill)
            except (EOFError, OSError):
                raise ModelError(self._ended(what)) from None
            except BaseException as error:
                self._end()
                if isinstance(error, ValueError) and not isinstance(error, CilensError):
                    raise ModelError(f"{what} failed: {error}") from None
                raise
        if "error" in answer[0]:
            raise _told(answer[0], what, self._limits)
        return answer

    def _ended(self, what: str) -> str:
        """Return how the child came to its end, and what to do."""
        self._end()
        code = self._process.returncode
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return (
            f"{what} ended the process made for it ({name}), which may take {self._limits}: the "
            "file is damaged, or wants more"
        )


def _start() -> subprocess.Popen[bytes]:
    """Start a child that waits for its first message."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED_WHOLE or name.startswith(_PASSED)
    }
    more = {
        "PYTHONPATH": os.pathsep.join(part or "." for part in sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",  # NumPy's threads would start before the limits are set
    }
    try:
        return subprocess.Popen(
            [sys.executable, *_PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**passed, **more},
        )
    except (OSError, ValueError) as error:
        raise ModelError(f"a separate process cannot be started for a model: {error}") from error


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """Kill a child, and leave nothing of it; in a forked process it is the other's."""
    if os.getpid() != owner:
        return
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was still to be sent
            cast("BinaryIO", pipe).close()


def _told(answer: Mapping[str, Any], what: str, limits: Limits) -> CilensError:
    """Return the error that the child tells of."""
    said = str(answer.get("said", ""))[:_LONGEST]
    if re.search(_MEMORY, said, re.IGNORECASE):
        return ModelError(f"{what} needs more memory than it may take ({limits}): {said}")
    kind = str(answer["error"])
    if kind in _KNOWN:
        error: CilensError = _KNOWN[kind](said)
        return error
    return ModelError(f"{what} failed: {said}")
