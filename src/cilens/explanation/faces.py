"""The one way up: what people read and see is made above the answer, and asked for from here.

Imports go down only. `Explanation.plot` and its like are where a person looks first, so this file
alone reaches the rooms above by name, when one of them is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

FACES = {
    "about": "cilens.text",
    "describe": "cilens.text",
    "sentence": "cilens.text",
    "finding_figure": "cilens.plot",
    "page": "cilens.view",
    "frame": "cilens.view",
}
"""What is asked for, and the room that has it."""


def face(name: str) -> Any:  # noqa: ANN401 (of a room that cannot be named here)
    """Return a function of a room above.

    Examples
    --------
    >>> face("sentence").__module__
    'cilens.text.sentence'
    """
    return getattr(import_module(FACES[name]), name)
