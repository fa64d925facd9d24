"""What `cilens explain` finds, by way of Python."""

from __future__ import annotations

from dataclasses import replace

import cilens
from cilens.methods import recommended


def explained(source: str = "mnist:0", method=None, **settings) -> cilens.Explanation:
    image = cilens.read_image(source)
    method = recommended(image) if method is None else method
    return replace(method, **settings)(cilens.load_model("digits"), image)
