"""What an image classifier saw: explanations by contextual importance, for any model.

The names are in ``__init__.pyi`` beside this file. Each is imported when it is first used, so
that importing cilens loads nothing heavy.
"""

from __future__ import annotations

from difflib import get_close_matches

import lazy_loader

from cilens.keywords import suggesting

__version__ = "0.1.0"

_load, _names, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name in __all__:
        found: object = suggesting(_load(name))
        globals()[name] = found
        return found
    near = get_close_matches(name, __all__, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise AttributeError(f"module 'cilens' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    return [*_names(), "__version__"]
