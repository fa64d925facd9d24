"""The parts there are, by the names used at the edges: command line, run files, documentation.

A new part is one class and one line here. Its fields are its options:
``slic:n_segments=50,compactness=10`` is ``Slic(n_segments=50, compactness=10.0)``.
"""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields, is_dataclass
from importlib import import_module
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints, overload

from cilens.errors import InputError, missing_extra, unknown
from cilens.parts import options
from cilens.parts.options import Description, Option
from cilens.types import Method, Metric, Perturbation, Segmenter

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
    "lime": "lime",
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


@overload
def parse(text: str, kind: Literal["segmenter"]) -> Segmenter: ...
@overload
def parse(text: str, kind: Literal["perturbation"]) -> Perturbation: ...
@overload
def parse(text: str, kind: Literal["method"]) -> Method: ...
@overload
def parse(text: str, kind: Literal["metric"]) -> Metric: ...
def parse(text: str, kind: str) -> object:
    """Make a part from its name and options.

    Parameters
    ----------
    text : str
        ``name`` or ``name:option=value,option=value``. Numbers for each channel have slashes
        between, as in ``constant:value=0.5/0.5/0.5``; ``none`` leaves an option unset. A part
        within a part is written alike, as in ``flipping:perturbation=blur:sigma=3,steps=10``;
        several have a plus between, as in ``sampled:segmenters=slic+grid``. An option with a comma
        in it stands in double quotes, as in a CSV file: ``labels:"source=a,b.png"``.
    kind : {"segmenter", "perturbation", "method", "metric"}
        Which table to look in.

    Returns
    -------
    Segmenter, Perturbation, Method or Metric
        An instance of the class in the table.

    Raises
    ------
    InputError
        If there is no such part or option, an option is missing or given twice, or a value is
        not of the option's type or not accepted by the part.
    MissingDependencyError
        If the part needs an optional package that is not installed.

    Examples
    --------
    >>> parse("slic:n_segments=50,compactness=10", "segmenter")
    Slic(n_segments=50, compactness=10.0, sigma=0.0)
    >>> parse("slick", "segmenter")
    Traceback (most recent call last):
    cilens.errors.InputError: unknown segmenter 'slick'; did you mean 'slic'? (known: slic, ...
    """
    name, _, rest = text.partition(":")
    part = part_class(kind, name)
    hints = {field.name: get_type_hints(part)[field.name] for field in fields(part)}
    given: dict[str, object] = {}
    for key, value in options.split(rest):
        if key not in hints:
            raise unknown(f"option of {name}", key, hints)
        if key in given:
            raise InputError(f"{name} is given {key} twice")
        given[key] = _read(f"{name}: {key}", value, hints[key])
    missing = [field.name for field in fields(part) if _required(field) and field.name not in given]
    if missing:
        raise InputError(f"{name} needs {missing[0]}, as in {name}:{missing[0]}=…")
    return part(**given)


def unparse(part: object) -> str:
    """Write a part as `parse` reads it, without the options that have their default.

    Parameters
    ----------
    part : object
        An instance of a class in one of the tables.

    Returns
    -------
    str
        ``parse(unparse(part), kind)`` is equal to the part.

    Raises
    ------
    InputError
        If the part is in no table, or an option has a value without a textual form.

    Examples
    --------
    >>> from cilens import Slic
    >>> unparse(Slic(n_segments=9, compactness=0.3))
    'slic:n_segments=9,compactness=0.3'
    """
    kind: type[Any] = type(part)
    name = _name(kind)
    stated = [
        (field.name, _write(f"{name}: {field.name}", getattr(part, field.name)))
        for field in fields(kind)
        if _required(field) or getattr(part, field.name) != field.default
    ]
    return f"{name}:{options.join(stated)}" if stated else name


def describe(part: type[Any]) -> Description:
    """Say what a part is and takes.

    Parameters
    ----------
    part : type
        A class in one of the tables.

    Returns
    -------
    Description
        Read from the class's fields and its numpydoc *Parameters*.

    Raises
    ------
    InputError
        If the class is in no table.

    Examples
    --------
    >>> grid = describe(part_class("segmenter", "grid"))
    >>> grid.name, grid.summary
    ('grid', 'Rectangles, blind to the content.')
    >>> grid.options[0][:3]
    ('rows', 'a whole number', '7')
    """
    paragraphs, hints = options.documented(part), get_type_hints(part)
    found = tuple(
        Option(
            field.name,
            _words(hints[field.name]),
            None if _required(field) else _default(field),
            paragraphs[field.name].text if field.name in paragraphs else "",
        )
        for field in fields(part)
    )
    return Description(_name(part), (inspect.getdoc(part) or "").partition("\n")[0], found)


_WITHIN: dict[object, Literal["segmenter", "perturbation"]] = {
    Segmenter: "segmenter",
    Perturbation: "perturbation",
}
"""The parts that a part can have as an option, by the types of its fields."""


def _kind(hint: object) -> Literal["segmenter", "perturbation"] | None:
    kinds = [_WITHIN[each] for each in (hint, *get_args(hint)) if each in _WITHIN]
    return kinds[0] if kinds else None


def _words(hint: object) -> str:
    plain, kind = options.words(hint), _kind(hint)
    if get_origin(hint) is tuple and kind:
        return f"a {kind} or several with + between"
    return " or ".join(filter(None, (kind and f"a {kind}", plain)))


def _read(what: str, text: str, hint: object) -> object:
    kind = _kind(hint)
    if kind is None or (text == "none" and options.words(hint)):
        return options.read(what, text, hint)
    if get_origin(hint) is tuple:
        return tuple(parse(one, kind) for one in options.cells(text, "+"))
    return parse(text, kind)


def _write(what: str, value: object) -> str:
    if isinstance(value, tuple) and value and all(map(is_dataclass, value)):
        return options.row(map(unparse, value), "+")
    return unparse(value) if is_dataclass(value) else options.write(what, value)


def _name(part: type[Any]) -> str:
    place = f"{part.__module__}:{part.__qualname__}"
    for table in KINDS.values():
        for name, known in table.items():
            if known == place:
                return name
    raise InputError(f"{part.__name__} is in none of the tables of cilens.parts")


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default(field: Field[Any]) -> str:
    """Write a default; of parts within a part, their names and options."""
    return _write(field.name, None if field.default == () else field.default)
