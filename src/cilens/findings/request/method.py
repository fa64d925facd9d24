"""How an image is explained, as options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MethodOptions:
    """How an image is explained.

    Parameters
    ----------
    method : default|paper|NAME:...
        The recommended settings, the paper's, or another method; see: cilens methods.
    segmenter : NAME:..., default the method's
        How the image is cut, such as slic:n_segments=50; may be repeated; see: cilens
        segmenters.
    perturbation : NAME:..., default the method's
        What replaces a hidden segment, such as constant:value=0; may be repeated; see:
        cilens perturbations.
    strategy : one-out|one-in, default the method's
        Hide one region at a time, or show one at a time.
    budget : ROWS, default the method's: 100 for small images, 200 for others
        Most images to ask the network about, for methods that have a budget.
    look : none|outside|inside, default none
        Order the regions on a proxy of the network, fitted to its scores (outside) or to the
        cells of its last grid (inside).
    """

    method: str = "default"
    segmenter: list[str] | None = None
    perturbation: list[str] | None = None
    strategy: str | None = None
    budget: int | None = None
    look: str | None = None
