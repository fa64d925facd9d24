"""Which images each figure shows: from a study to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from cilens.datasets.distort.record import Distorted
from cilens.datasets.mnist import mnist_image
from cilens.errors import FileError
from cilens.evaluation.compare import Compared
from cilens.followup.highlight import Highlight
from cilens.followup.missing import find_missing, mean_prototype
from cilens.methods.contextual import ContextualImportance
from cilens.metrics.robustness import compare
from cilens.models.onnx.model import OnnxModel
from cilens.models.wrappers.canvas import CanvasModel
from cilens.paper.figures.fig1_network import network_figure
from cilens.paper.figures.fig3_explanation import explanations_figure, process_figure
from cilens.paper.figures.fig4_comparison import comparison_figure
from cilens.paper.figures.fig5_contrast import Contrasted, contrast_figure
from cilens.paper.figures.fig7_change import (
    BeforeAfter,
    Explained,
    Mistake,
    distortion_figure,
    mistake_figure,
)
from cilens.paper.figures.many import (
    Cut,
    segmentations_figure,
)
from cilens.paper.figures.objects import objects_figure
from cilens.paper.measure import (
    p11_comparison,
    p15_distortions,
    p16_segmentations,
    p17_errors,
    p18_objects,
)
from cilens.paper.onnx_file import Network, read_network
from cilens.paper.study import Study
from cilens.paper.verdicts import Found
from cilens.scoring.explain import explain_each
from cilens.segmentation import segment
from cilens.text import about, because, because_not

PAPER = ContextualImportance.paper()

AUTHORS = (285, 300, 5878, 4013, 82, 9750)
"""The six test images in the authors' workspace."""

COMPARED = (82, 300, 5878)
"""Images of Fig. 4: the random forest has learnt from none of them."""

FOUR_OR_NINE = (115, 300)
"""Images of Fig. 5: a four that could be a nine, and one that could not."""


def network_of(study: Study) -> Network | None:
    """Read the network's layers, or None where its file is none of ONNX."""
    try:
        return read_network(study.file)
    except FileError:
        return None


def figure_1(study: Study) -> Figure:
    """Draw the network, looking at an example."""
    image = mnist_image(study.example)
    tensor = image.transpose(2, 0, 1)
    if isinstance(study.model, OnnxModel) and study.model.preprocess is not None:
        (tensor,) = study.model.preprocess.tensor(image[None])
    return network_figure(network_of(study), image, tensor, study.name)


def figure_2(study: Study) -> Figure:
    """Draw the example's segments and perturbed samples."""
    explanation = PAPER(study.model, mnist_image(study.example))
    check = Highlight().check(study.model, explanation)
    return process_figure(explanation, check, f"mnist:{study.example}")


def figure_3(study: Study) -> Figure:
    """Draw the explanations of the authors' six digits."""
    explained = explain_each(PAPER, study.model, map(mnist_image, AUTHORS))
    cases = [
        (f"mnist:{index}", explanation, Highlight().check(study.model, explanation))
        for index, explanation in zip(AUTHORS, explained, strict=True)
    ]
    return explanations_figure(cases, study.name)


def figure_4(study: Study) -> Figure:
    """Draw three digits, explained by four methods."""
    rows = [(f"mnist:{index}", _entries(study, index)) for index in (*COMPARED, study.even_example)]
    return comparison_figure(rows, study.name, p11_comparison.NEEDS_LIME)


def figure_5(study: Study) -> Figure:
    """Contrast two fours with the nine they might be."""
    rows = [_contrasted(study, index, 9) for index in FOUR_OR_NINE]
    note = (
        f"Network “{study.name}”. Missing: how much the other class gains when the segment is "
        "replaced by that of the class's mean digit."
    )
    pairs = {(row.explanation.class_name(), row.explanation.class_name(row.foil)) for row in rows}
    one, other = pairs.pop() if len(pairs) == 1 else ("one digit", "the other")
    return contrast_figure(rows, f"Fig. 5   Why {one}, and not {other}", note)


def figure_6(study: Study) -> Figure:
    """Contrast the example with the three next classes, all from the same rows."""
    explanation = PAPER(study.model, mnist_image(study.example))
    foils = np.argsort(-explanation.scores, kind="stable")[1:4]
    rows = [_contrasted(study, study.example, int(foil)) for foil in foils]
    note = (
        f"Network “{study.name}”. One explanation of {explanation.model_rows} rows for all "
        "three contrasts; what is missing takes one row more for each segment."
    )
    name = explanation.class_name()
    return contrast_figure(rows, f"Fig. 6   The same {name}, held against three other digits", note)


def figure_7(study: Study) -> Figure:
    """Draw the paper's three distorted digits, before and after."""
    originals = (mnist_image(82), _without_neighbour(), mnist_image(178))
    titles = ("a   a bar added", "b   part of a neighbour", "c   a line added")
    cases = [
        _before_after(study, title, original, edit.make(), edit.target)
        for title, original, edit in zip(titles, originals, p15_distortions.FIGURE_7, strict=True)
    ]
    return distortion_figure(cases, study.name)


def figure_8(study: Study) -> Figure:
    """Draw the paper's misclassified digit, this network's surest error and a typical one."""
    found = p17_errors.listed(study.scores, study.test[1])
    wrong = [found[0].index, found[len(found) // 2].index] if found else []
    indices = [p17_errors.FIGURE_8, *(index for index in wrong if index != p17_errors.FIGURE_8)]
    return mistake_figure([_mistake(study, index) for index in indices], study.name)


def _entries(study: Study, index: int) -> list[Compared | None]:
    image, made = mnist_image(index), p11_comparison.methods()
    found: list[Compared | None] = []
    for name in ("occlusion", "LIME", "contextual importance"):
        method = made[name]
        found += (
            [None] if method is None else p11_comparison.stand(study.model, [image], name, method)
        )
    method, forest = p11_comparison.paper_lime(), study.forest
    if method is None or forest is None:
        return [*found, None]
    return [*found, *p11_comparison.stand(forest, [image], "LIME", method)]


def _contrasted(study: Study, index: int, foil: int) -> Contrasted:
    explanation = PAPER(study.model, mnist_image(index))
    if foil == explanation.predicted:
        foil = explanation.contrast().foil
    images, labels = study.test
    others = np.arange(len(labels)) != index
    prototype = mean_prototype(images[others], labels[others], foil)
    missing = find_missing(study.model, explanation, prototype, foil)
    topic = about(explanation, foil=foil, kind="digit")
    words = f"{because(topic)} {because_not(topic)}"
    return Contrasted(f"mnist:{index}", explanation, foil, missing, words)


def _before_after(
    study: Study, title: str, original: np.ndarray, edited: Distorted, target: int
) -> BeforeAfter:
    explained = explain_each(PAPER, study.model, [original, edited.image])
    before, after = (
        Explained(one, Highlight().check(study.model, one, target)) for one in explained
    )
    comparison = compare(before.explanation, after.explanation, target=target, noise=edited.noise)
    return BeforeAfter(title, before, after, edited.noise, comparison)


def _without_neighbour() -> np.ndarray:
    """Return Fig. 7b's digit without the stroke that is not its own."""
    image, noise = p15_distortions.FIGURE_7[1].make()
    return np.where(noise[..., None], np.float32(0.0), image)


def _mistake(study: Study, index: int) -> Mistake:
    explanation = PAPER(study.model, mnist_image(index))
    true = int(study.test[1][index])
    other, shows = true, f"a {true}, taken for a {explanation.predicted}"
    if true == explanation.predicted:
        other, shows = explanation.contrast().foil, f"a {true}, and right here"
    checks = tuple(
        Highlight().check(study.model, explanation, target)
        for target in (explanation.predicted, other)
    )
    return Mistake(f"mnist:{index}", shows, other, explanation, (checks[0], checks[1]))


def figure_p18(study: Study) -> Figure:
    """Draw canvases and a mosaic with several digits."""
    scenes = [*p18_objects.canvases(4)[:3], next(p18_objects.mosaics(1, study.test[1].tolist()))]
    methods = [*(replace(PAPER, segmenter=p18_objects.SEGMENTER),) * 3]
    methods.append(replace(PAPER, segmenter=p18_objects.FOUR))
    looking = CanvasModel(study.model)
    cases = [
        (scene, method(looking, scene.image)) for scene, method in zip(scenes, methods, strict=True)
    ]
    return objects_figure(cases, study.name)


def figure_p16(study: Study, found: Mapping[str, Found]) -> Figure:
    """Draw the example cut in many ways, with the numbers measured on all images."""
    image = mnist_image(study.example)
    cuts = {
        name: Cut(name, segment(segmenter, image)[0], found[name])
        for name, segmenter in p16_segmentations.segmenters().items()
    }
    return segmentations_figure(image, cuts, study.name)
