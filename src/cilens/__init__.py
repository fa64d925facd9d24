"""What an image classifier saw: explanations by contextual importance, for any model.

The names are in ``__init__.pyi`` beside this file. Each is imported when it is first used, so
that importing cilens loads nothing heavy.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
