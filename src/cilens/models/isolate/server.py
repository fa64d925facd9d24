"""The child's side: open what the first message names, then answer until the pipe closes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from cilens.errors import CilensError
from cilens.models.isolate.confine import spend
from cilens.models.isolate.wire import ANSWER, Served, receive, send


def serve(questions: BinaryIO, answers: BinaryIO, limit: Callable[[int], tuple[str, ...]]) -> None:
    """Open what the first message names, and answer each message after that.

    Parameters
    ----------
    questions, answers : binary files
        The pipes.
    limit : callable
        Takes from this process what it may not have, given the bytes of memory it may.
    """
    try:
        first, _ = receive(questions)
        try:
            kept = limit(first["memory"])
            served = _open(first)
        except Exception as error:  # noqa: BLE001  # whatever a framework raises is told
            return send(answers, _fault(error))
        send(answers, {**served.texts, "kept": kept})
        while True:
            texts, arrays = receive(questions)
            spend(first["timeout"])
            try:
                answer = served.ask(texts["ask"], arrays)
            except Exception as error:  # noqa: BLE001
                send(answers, _fault(error))
            else:
                send(answers, {}, {ANSWER: answer})
    except (EOFError, BrokenPipeError):
        return None  # the parent has gone, and nobody is left to be told


def _open(first: Mapping[str, Any]) -> Served:
    spend(first["timeout"])
    module, name = first["service"].split(":")
    served: Served = getattr(import_module(module), name)(first["request"])
    return served


def _fault(error: Exception) -> dict[str, str]:
    if isinstance(error, CilensError):
        return {"error": type(error).__name__, "said": str(error)}
    return {"error": "", "said": " ".join(f"{type(error).__name__}: {error}".split())}
