"""What a proxy is, and what it says: scores of any coalition, and an order of the segments."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from jaxtyping import Float, Integer

from cilens.errors import InputError
from cilens.proxy.head import linked
from cilens.proxy.order import Curves, swapped
from cilens.types import Coalitions, Link

LEAST = 0.3
"""A proxy is used where it tells at least this share of what varies between pairs left out."""


class Worth(NamedTuple):
    """What a proxy's predictions of one class are worth.

    Attributes
    ----------
    trust : float
        R² of the scores of pairs of rows that were left out, each by the proxy of all others.
    error : float
        Root mean square of what these predictions were off by.
    """

    trust: float
    error: float


@dataclass(frozen=True, eq=False)
class Proxy:
    """A quadratic surrogate of a model around one image, with its own measure of trust.

    The logit of a class is a constant, a number for each segment that is kept or hidden, and one
    for each two segments: the mean of a Gaussian process over coalitions, given the rows that a
    method asked. It has one set of numbers for each perturbation that stood in the segments' place.

    Attributes
    ----------
    look : {"inside", "outside"}
        Whether the cells of the model's last grid were seen, or its scores alone.
    link : {"softmax", "sigmoid", "none"}
        What makes scores of the predictions.
    classes : (C,) int array
        The classes it knows: those with the highest scores over all rows.
    constant : (P, C or C + 1) float32 array
        For each perturbation. The last column, where there is one more, is all other classes.
    single : (P, C or C + 1, S) float32 array
        Of each segment: added where it is kept, subtracted where it is hidden.
    double : (P, C or C + 1, S, S) float32 array
        Of two segments: added where both are kept or both hidden, subtracted otherwise.
    shares : (P,) float32 array
        Of the rows, that each perturbation had.
    trust : (C,) float32 array
        R² of the scores of pairs of rows that were left out, each by the proxy of all others.
    error : (C,) float32 array
        Root mean square of what these predictions were off by, in units of the scores.

    References
    ----------
    Ribeiro, Singh and Guestrin, "Why Should I Trust You?", 2016, doi:10.1145/2939672.2939778 (a
    local surrogate); Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006

    Examples
    --------
    >>> import cilens
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    >>> found = cilens.explain(model, image, method=cilens.SampledImportance(look="outside"))
    >>> coalitions = np.ones((1, len(found.labels)), dtype=bool)
    >>> bool(abs(found.proxy.scores(coalitions, 7) - found.scores[7]) < 0.1)
    True
    """

    look: Literal["inside", "outside"]
    link: Link
    classes: Integer[np.ndarray, " classes"]
    constant: Float[np.ndarray, "perturbations outputs"]
    single: Float[np.ndarray, "perturbations outputs segments"]
    double: Float[np.ndarray, "perturbations outputs segments segments"]
    shares: Float[np.ndarray, " perturbations"]
    trust: Float[np.ndarray, " classes"]
    error: Float[np.ndarray, " classes"]

    def __post_init__(self) -> None:
        for name in ("look", "link"):
            if (value := getattr(self, name)) not in (known := get_args(_HINTS[name])):
                raise InputError(f"a proxy's {name} must be one of {', '.join(known)}; got {value}")
        perturbations, outputs, segments = self.single.shape
        classes = len(self.classes)
        wanted = {
            "classes": (classes,),
            "constant": (perturbations, outputs),
            "single": (perturbations, outputs, segments),
            "double": (perturbations, outputs, segments, segments),
            "shares": (perturbations,),
            "trust": (classes,),
            "error": (classes,),
        }
        for name, shape in wanted.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise InputError(f"a proxy's {name} must be finite, of shape {shape}")
        if outputs not in (classes, classes + 1) or not classes:
            raise InputError(f"a proxy of {classes} classes must have one output for each")

    def check(self, segments: int, classes: int) -> None:
        """Raise an `InputError` unless it is of so many segments and classes."""
        if self.single.shape[2] != segments:
            raise InputError(
                f"the proxy must be of {segments} segments; got {self.single.shape[2]}"
            )
        if not ((self.classes >= 0) & (self.classes < classes)).all():
            raise InputError(f"the proxy's classes must be 0 … {classes - 1}; got {self.classes}")

    def worth(self, target: int) -> Worth | None:
        """Return what its predictions of a class are worth; None where it does not know it."""
        known = np.flatnonzero(self.classes == target)
        if not len(known):
            return None
        return Worth(float(self.trust[known[0]]), float(self.error[known[0]]))

    def trusted(self, target: int) -> bool:
        """Say whether it knows a class, and tells `LEAST` of what varies in its score."""
        worth = self.worth(target)
        return worth is not None and worth.trust >= LEAST

    def scores(
        self, coalitions: Coalitions, target: int, perturbation: int = 0
    ) -> Float[np.ndarray, " coalitions"]:
        """Predict a class's scores of any coalitions; no model is asked.

        Parameters
        ----------
        coalitions : (N, S) bool array
            True where a segment stays.
        target : int
            One of `classes`.
        perturbation : int
            What stands in the hidden segments' place: the first, or another of the method's.

        Returns
        -------
        (N,) float64 array
            Off by `error`, in the root mean square over halves.

        Raises
        ------
        InputError
            If the proxy does not know the class.
        """
        signs = np.where(coalitions, 1.0, -1.0)
        double = np.einsum("ns,kst,nt->nk", signs, self.double[perturbation], signs, optimize=True)
        outputs = self.constant[perturbation] + signs @ self.single[perturbation].T + double
        return np.asarray(linked(outputs, self.link)[..., self._place(target)])

    def order(
        self, target: int, start: Float[np.ndarray, " segments"]
    ) -> Integer[np.ndarray, " segments"]:
        """Order the segments: those first that, kept first or hidden first, move the score most.

        Two segments change places wherever that raises the area between the two curves, the score
        with the first k segments kept and with them hidden, as the proxy predicts both, until none
        does. It is the symmetric relevance gain of the order.

        Parameters
        ----------
        target : int
            One of `classes`.
        start : (S,) float array
            What to begin with: highest first.

        Returns
        -------
        (S,) int array
            The segments, first to last.

        Raises
        ------
        InputError
            If the proxy does not know the class.
        """
        place = self._place(target)
        curves = Curves(self.constant, self.single, self.double, self.shares)
        first = np.argsort(-start, kind="stable")
        return swapped(curves, first, lambda outputs: linked(outputs, self.link)[..., place])

    def ranks(
        self, target: int, start: Float[np.ndarray, " segments"]
    ) -> Float[np.ndarray, " segments"]:
        """Return S for the first segment of the `order`, 1 for the last."""
        ranks = np.empty(len(start))
        ranks[self.order(target, start)] = np.arange(len(start), 0, -1)
        return ranks

    def _place(self, target: int) -> int:
        found = np.flatnonzero(self.classes == target)
        if not len(found):
            raise InputError(
                f"the proxy knows the classes with the highest scores, "
                f"{', '.join(map(str, self.classes))}; got class {target}"
            )
        return int(found[0])


_OF_PROXY = "proxy_"
_ARRAYS = tuple(one.name for one in fields(Proxy) if one.name not in ("look", "link"))
_HINTS = {"look": Literal["inside", "outside"], "link": Link}


def packed(proxy: Proxy | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a proxy's texts and arrays by name, as a file keeps them; nothing of none.

    Examples
    --------
    >>> packed(None)
    ({}, {})
    """
    if proxy is None:
        return {}, {}
    arrays = {f"{_OF_PROXY}{name}": getattr(proxy, name) for name in _ARRAYS}
    return {"proxy": [proxy.look, proxy.link]}, arrays


def unpacked(texts: dict[str, Any], arrays: dict[str, Any]) -> Proxy | None:
    """Take a proxy out of what a file holds, if there is one, and check it.

    Parameters
    ----------
    texts, arrays : dict
        Of a file that an explanation was saved to; what is the proxy's is removed.

    Returns
    -------
    Proxy or None

    Raises
    ------
    InputError
        If it is none.
    KeyError, ValueError
        If something of it is missing.
    """
    stated = texts.pop("proxy", None)
    own = [name for name in arrays if name.startswith(_OF_PROXY)]
    found = {name.removeprefix(_OF_PROXY): arrays.pop(name) for name in own}
    if stated is None:
        return None
    look, link = stated
    return Proxy(look, link, **{name: found[name] for name in _ARRAYS})
