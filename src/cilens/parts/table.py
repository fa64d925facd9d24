"""The parts there are, by the names used at the edges: command line, run files, documentation.

A new part is one class and one line here. Its fields are its options:
``slic:n_segments=50,compactness=10`` is ``Slic(n_segments=50, compactness=10.0)``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, cast

from cilens.errors import InputError, missing_extra, unknown

SEGMENTERS = {
    "slic": "cilens.segmentation.slic:Slic",
    "steady-slic": "cilens.segmentation.slic:SteadySlic",
    "finest-slic": "cilens.segmentation.slic:FinestSlic",
    "felzenszwalb": "cilens.segmentation.regions:Felzenszwalb",
    "quickshift": "cilens.segmentation.regions:Quickshift",
    "watershed": "cilens.segmentation.regions:Watershed",
    "grid": "cilens.segmentation.grid:Grid",
    "labels": "cilens.segmentation.labels:Labels",
}

PERTURBATIONS = {
    "constant": "cilens.perturbation:Constant",
    "image-mean": "cilens.perturbation:ImageMean",
    "segment-mean": "cilens.perturbation:SegmentMean",
    "picture": "cilens.perturbation:Picture",
    "blur": "cilens.perturbation:Blur",
    "noise": "cilens.perturbation:Noise",
    "inpaint": "cilens.perturbation:Inpaint",
}

METHODS = {
    "contextual": "cilens.methods.contextual:ContextualImportance",
    "sampled": "cilens.methods.sampled:SampledImportance",
    "occlusion": "cilens.methods.occlusion:Occlusion",
    "lime": "cilens.methods.lime:Lime",
    "random": "cilens.methods.random:RandomAttribution",
    "rise": "cilens.methods.rise:Rise",
    "kernel-shap": "cilens.methods.shapley:KernelShap",
    "shapley-sampling": "cilens.methods.shapley:ShapleySampling",
    "partition": "cilens.methods.partition:Partition",
    "greedy": "cilens.methods.greedy:Greedy",
    "edges": "cilens.methods.edges:EdgeDetector",
}

METRICS = {
    "flipping": "cilens.metrics.flipping:Flipping",
    "deletion": "cilens.metrics.deletion:Deletion",
    "insertion": "cilens.metrics.deletion:Insertion",
    "irof": "cilens.metrics.irof:Irof",
    "highlight": "cilens.followup.highlight:Highlight",
    "stability": "cilens.metrics.stability:Stability",
    "sparsity": "cilens.metrics.sparsity:Sparsity",
}

KINDS = {
    "segmenter": SEGMENTERS,
    "perturbation": PERTURBATIONS,
    "method": METHODS,
    "metric": METRICS,
}
"""All tables, by what their parts are. A part's file is imported when the part is asked for."""

_EXTRAS = {
    "kernel-shap": "peers",
    "shapley-sampling": "peers",
    "partition": "peers",
}
"""The parts that need an optional package, and the extra of cilens that brings it."""


def part_class(kind: str, name: str) -> type[Any]:
    """Return the class of a part.

    Parameters
    ----------
    kind : {"segmenter", "perturbation", "method", "metric"}
        Which table to look in.
    name : str
        The part's name in that table.

    Returns
    -------
    type
        A frozen dataclass.

    Raises
    ------
    InputError
        If there is no such table or name.
    MissingDependencyError
        If the part needs an optional package that is not installed.

    Examples
    --------
    >>> part_class("segmenter", "slic").__name__
    'Slic'
    """
    if kind not in KINDS:
        raise unknown("kind of part", kind, KINDS)
    if name not in KINDS[kind]:
        raise unknown(kind, name, KINDS[kind])
    module, _, attribute = KINDS[kind][name].partition(":")
    try:
        return cast("type[Any]", getattr(import_module(module), attribute))
    except ModuleNotFoundError as error:
        if name not in _EXTRAS:
            raise
        raise missing_extra(f"the {kind} {name}", str(error.name), _EXTRAS[name]) from error


def part_name(part: type[Any]) -> str:
    """Return the name of a part's class in its table.

    Raises
    ------
    InputError
        If it is in none.

    Examples
    --------
    >>> from cilens import Slic
    >>> part_name(Slic)
    'slic'
    """
    place = f"{part.__module__}:{part.__qualname__}"
    for table in KINDS.values():
        for name, known in table.items():
            if known == place:
                return name
    raise InputError(f"{part.__name__} is in none of the tables of cilens.parts")
