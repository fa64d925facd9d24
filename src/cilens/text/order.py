"""Which regions come first together, and how far that can be trusted."""

from __future__ import annotations

import numpy as np

from cilens.printable import printable
from cilens.proxy.record import LEAST
from cilens.text.names import shortened
from cilens.text.numbers import percent, round_percent
from cilens.text.topic import Topic

_FIRST = 8
"""Regions of an order that are named."""


def order_line(topic: Topic) -> str:
    """Say which regions a proxy puts first, and how much it tells of what it was not shown.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`.

    Returns
    -------
    str
        Empty where the method fits no proxy: then there is nothing to tell apart.

    Examples
    --------
    >>> from cilens import SampledImportance, explain, load_model, read_image
    >>> from cilens.text import about
    >>> method = SampledImportance(look="outside")
    >>> explanation = explain(load_model("digits"), read_image("mnist:0"), method=method)
    >>> order_line(about(explanation)).partition(":")[0]
    'First together'
    """
    proxy = topic.explanation.proxy
    if proxy is None:
        return ""
    worth = proxy.worth(topic.target)
    if worth is None:
        return f"No order: the proxy knows the {len(proxy.classes)} classes with the highest scores"
    told = (
        f"it tells {percent(max(worth.trust, 0.0), None)} of what varies in rows it was not shown"
    )
    known = f"a proxy of the network, seen from {proxy.look}"
    if not proxy.trusted(topic.target):
        return f"No order by {known}: {told}, less than {round_percent(LEAST)}"
    order = np.argsort(-topic.explanation.ranks(topic.target), kind="stable")
    names = topic.explanation.region_names
    first = ", ".join(shortened(printable(names[row])) for row in order[:_FIRST])
    return (
        f"First together: {first}{', …' if len(order) > _FIRST else ''}. That order is by {known}: "
        f"{told}. Influence and margin are not the proxy's"
    )
