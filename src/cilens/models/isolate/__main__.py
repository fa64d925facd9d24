"""The child process: ``python -m cilens.models.isolate``, started by `client`."""

from __future__ import annotations

import os

from cilens.models.isolate.confine import confine
from cilens.models.isolate.server import serve


def main() -> None:
    """Answer the parent whose pipes are standard input and output."""
    questions = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb")
    for standard in (0, 1):  # no framework reads or writes between the messages
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, standard)
        os.close(nowhere)
    serve(questions, answers, confine)
    os._exit(0)  # without a framework's clearing up, which may crash


if __name__ == "__main__":
    main()
