"""Methods side by side on one image: from a request to what was found, its record and files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cilens.evaluation.compare import Compared, compare
from cilens.files import whole_file
from cilens.findings.record import class_record
from cilens.findings.request import CompareRequest
from cilens.findings.series import NOBODY, Watch
from cilens.findings.targets import read_targets
from cilens.findings.write import DPI, stem, write_json
from cilens.methods import ContextualImportance, recommended
from cilens.methods.lime import Lime
from cilens.methods.occlusion import Occlusion
from cilens.methods.random import RandomAttribution
from cilens.parts import parse
from cilens.scoring.protocols import Method
from cilens.types import Image, Perturbation, Segmenter


class Comparison(NamedTuple):
    """What each method found, and how they were judged.

    Attributes
    ----------
    request : CompareRequest
        What was asked for.
    found : tuple of Compared
        One for each method.
    perturbation : Perturbation
        What hid pixels.
    """

    request: CompareRequest
    found: tuple[Compared, ...]
    perturbation: Perturbation

    @property
    def steps(self) -> int:
        """In how many portions the judges hid pixels."""
        return len(self.found[0].curves.most_first) - 1

    @property
    def judged(self) -> str:
        """How the methods were judged, in a sentence."""
        return f"Judged by hiding pixels with {self.perturbation!r}, in {self.steps} steps."


def compare_methods(request: CompareRequest, watch: Watch = NOBODY) -> Comparison:
    """Explain an image by several methods, and judge them alike.

    Examples
    --------
    >>> found = compare_methods(CompareRequest(image="mnist:0", budget=50)).found
    >>> [one.name for one in found][:2]
    ['Contextual importance', 'One region at a time']
    """
    segmenter = None if request.segmenter is None else parse(request.segmenter, "segmenter")
    loaded, image = request.stated.load(request.model), request.reading.read(request.image)
    targets = read_targets(loaded, request.model, (), (request.target,))
    target = None if request.target is None else targets.find(request.target)
    model = targets.over(loaded)
    seen = model.view(image).image
    (perturbation,) = recommended(seen).perturbations
    if request.perturbation is not None:
        perturbation = parse(request.perturbation, "perturbation")
    methods = _methods(seen, segmenter, perturbation, request.budget)
    watch.begin(request.image)
    watch.expect(request.budget)
    found = compare(
        model,
        image,
        methods,
        perturbation=perturbation,
        target=target,
        progress=watch.advance,
    )
    return Comparison(request, tuple(found), perturbation)


def _methods(
    seen: Image, segmenter: Segmenter | None, perturbation: Perturbation, budget: int
) -> Mapping[str, Method]:
    """Return the methods by name."""
    best = recommended(seen)
    segmenter = segmenter or best.segmenters[0]
    return {
        "Contextual importance": replace(
            best, segmenters=(segmenter,), perturbations=(perturbation,)
        ),
        "One region at a time": ContextualImportance(segmenter, (perturbation,)),
        "LIME": Lime(segmenter, perturbation, budget),
        "Occlusion": Occlusion.of(seen),
        "Random": RandomAttribution(segmenter),
    }


def comparison_record(comparison: Comparison) -> dict[str, object]:
    """Return what the JSON says of a comparison."""
    request, first = comparison.request, comparison.found[0]
    explanation, target = first.explanation, first.check.target
    return {
        "image": request.image,
        "model": request.model,
        "target": class_record(explanation, target)
        | {"output_range": explanation.output_range[:, target].tolist()},
        "judges": {"perturbation": repr(comparison.perturbation), "steps": comparison.steps},
        "methods": [
            {
                "name": one.name,
                "method": one.explanation.method,
                "model_rows": one.explanation.model_rows,
                "seconds": one.seconds,
                "ink_precision": one.ink_precision,
                "highlight": {
                    "area": one.check.area,
                    "score": one.check.score,
                    "predicted": one.check.predicted,
                    "empty": one.check.empty,
                },
                "mif": one.curves.mif,
                "lif": one.curves.lif,
                "srg": one.curves.srg,
            }
            for one in comparison.found
        ],
    }


def write_comparison(comparison: Comparison, directory: Path) -> str:
    """Write the figure and the record, both or none, and return what they are called."""
    from cilens.plot import comparison_figure

    name = f"{directory / stem(comparison.request.image)}.compare"
    figure = comparison_figure(comparison.found, comparison.judged)
    with ExitStack() as files:
        figure.savefig(files.enter_context(whole_file(f"{name}.png")), dpi=DPI)
        write_json(files.enter_context(whole_file(f"{name}.json")), comparison_record(comparison))
    return f"{name}.png, .json"
