"""Which of its backends Keras is imported with, where nobody has said so."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_OWN = "tensorflow"
"""What Keras takes by itself, and writes into its settings the first time it is imported."""

_INSTEAD = ("torch", "jax")
"""What to take where that is not installed, first choice first."""


@contextmanager
def keras_backend() -> Iterator[str | None]:
    """Let Keras, while it is imported, take a backend that is installed.

    Whoever has chosen one keeps it: by importing Keras before, by ``KERAS_BACKEND``, or in
    Keras' own ``keras.json``. Without a choice Keras takes TensorFlow; only where that is not
    installed, and importing Keras could but fail, it is given torch, or else JAX. The
    environment is afterwards as it was.

    Yields
    ------
    str or None
        The backend given; None where Keras chooses itself.

    Examples
    --------
    >>> with keras_backend() as given:
    ...     given is None or os.environ["KERAS_BACKEND"] == given
    True
    """
    given = None if "keras" in sys.modules else backend_instead()
    if given is None:
        yield None
        return
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = given
    try:
        yield given
    finally:
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before


def backend_instead() -> str | None:
    """Return what Keras has to be given for want of TensorFlow, or None where it needs nothing.

    Examples
    --------
    >>> backend_instead() in (None, "torch", "jax")
    True
    """
    if os.environ.get("KERAS_BACKEND") or _in_settings() != _OWN or find_spec(_OWN):
        return None
    return next((name for name in _INSTEAD if find_spec(name)), None)


def _in_settings() -> str:
    """Return the backend in Keras' settings; what cannot be read is Keras' own affair."""
    folder = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        settings = json.loads((Path(folder) / "keras.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _OWN
    return str(settings.get("backend", _OWN)) if isinstance(settings, dict) else _OWN
