"""Every part keeps its contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cilens
from cilens.parts import KINDS, part_class
from cilens.testing import (
    check_method,
    check_metric,
    check_model,
    check_perturbation,
    check_segmenter,
    sample_images,
)

pytestmark = pytest.mark.slow

NOISY = sample_images()[0]
GREY, COLOUR = ([im for im in sample_images() if im.shape[2] == n] for n in (1, 3))

SETTINGS = {
    "slic": [{}, {"n_segments": 9, "compactness": 0.3, "sigma": 1.0}],
    "steady-slic": [{}, {"n_segments": 9, "compactness": 0.3}],
    "finest-slic": [{}, {"most": 9, "background": 0.5, "compactness": 0.3}],
    "felzenszwalb": [{}, {"scale": 5.0, "sigma": 0.0, "min_size": 2}],
    "quickshift": [{}, {"kernel_size": 1.0, "max_dist": 3.0, "ratio": 1.0}],
    "watershed": [{}, {"n_segments": 4, "compactness": 0.0}],
    "grid": [{}, {"rows": 2, "columns": 5}],
    "constant": [{}, {"value": 1.0}, {"edge_width": 2.0}],
    "image-mean": [{}, {"edge_width": 2.0}],
    "segment-mean": [{}, {"edge_width": 2.0}],
    "blur": [{}, {"sigma": 2.0, "edge_width": 2.0}],
    "noise": [{}, {"low": 0.25, "high": 1.0, "seed": 3, "edge_width": 2.0}],
    "inpaint": [{}, {"edge_width": 2.0}],
    "occlusion": [{}, {"size": 5, "stride": 4, "value": 0.0, "batch_size": 7}],
    "sampled": [{"budget": 90}, {"budget": 20, "seed": 1, "batch_size": 7}],
    "rise": [{"budget": 91}, {"budget": 61, "size": 3, "share": 0.3, "cell": 4, "seed": 1}],
    "kernel-shap": [{"budget": 90}, {"budget": 60, "seed": 1, "batch_size": 7}],
    "partition": [{}, {"budget": 40, "seed": 1, "batch_size": 7}],
    "greedy": [{}, {"budget": 200, "target": 1, "batch_size": 7}],
    "shapley-sampling": [{"budget": 90}, {"budget": 130, "seed": 1, "batch_size": 7}],
    "lime": [{"budget": 100}, {"budget": 60, "kernel_width": 1.0, "seed": 1}],
    "flipping": [{}, {"perturbation": cilens.Blur(2.0), "steps": 3, "batch_size": 5}],
    "deletion": [{}, {"perturbation": cilens.ImageMean(), "steps": 3, "batch_size": 5}],
    "insertion": [{}, {"perturbation": cilens.Constant(0.5), "steps": 3, "batch_size": 5}],
    "irof": [
        {},
        {"segmenter": cilens.Grid(3, 3), "perturbation": cilens.Constant(0.0), "batch_size": 4},
    ],
    "highlight": [{}, {"perturbation": cilens.Blur(2.0), "threshold": 0.2, "batch_size": 2}],
    "stability": [{}, {"change": "noise", "runs": 2, "noise": 0.1}, {"change": "seed", "runs": 1}],
    "sparsity": [{}],
}
"""The settings each part is checked with; those that need more to be said stand below."""


def settings(kind: str) -> list[object]:
    return [
        part_class(kind, name)(**values)
        for name in KINDS[kind]
        for values in SETTINGS.get(name, [])
    ]


def test_every_part_is_checked() -> None:
    listed = [name for table in KINDS.values() for name in table]
    assert sorted([*SETTINGS, "labels", "picture", "contextual", "random", "edges"]) == sorted(
        listed
    )


@pytest.mark.parametrize("segmenter", settings("segmenter"), ids=repr)
def test_segmenter(segmenter) -> None:
    check_segmenter(segmenter)


@pytest.mark.parametrize("perturbation", settings("perturbation"), ids=repr)
def test_perturbation(perturbation) -> None:
    check_perturbation(perturbation)


def test_constant_colour() -> None:
    check_perturbation(cilens.Constant((0.25, 0.5, 0.75)), COLOUR)
    check_perturbation(cilens.Constant((0.25,)), GREY)


@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
def test_picture(tmp_path: Path, images) -> None:
    colour = str(tmp_path / "colour.npy")
    np.save(colour, np.full(images[0].shape[2], 0.5))
    check_perturbation(cilens.Picture(colour), images)
    picture = str(tmp_path / "picture.npy")
    np.save(picture, np.full(images[0].shape, 0.25))
    check_perturbation(cilens.Picture(picture, edge_width=1.0), images[:2])


ODD_LABELS = [
    np.arange(20 * 17).reshape(20, 17) // 60 + 1,
    np.arange(20 * 17).reshape(20, 17) // 60 * 10,
    np.arange(20 * 17).reshape(20, 17) // 60 - 3,
    (np.arange(20 * 17).reshape(20, 17) // 60 * 50).astype(np.uint8),
    (np.arange(20 * 17).reshape(20, 17) // 60 + 2**40).astype(np.int64),
]
SORTS = ["from 1", "with gaps", "negative", "uint8", "large int64"]


@pytest.mark.parametrize("labels", ODD_LABELS, ids=SORTS)
def test_labels(labels) -> None:
    fitting = [image for image in sample_images() if image.shape[:2] == labels.shape]
    assert len(fitting) == 4
    check_segmenter(cilens.Labels(labels), fitting)


def test_labels_from_a_file(tmp_path: Path) -> None:
    PIL.Image.fromarray(ODD_LABELS[3]).save(tmp_path / "labels.png")
    check_segmenter(cilens.Labels(str(tmp_path / "labels.png")), [NOISY])
    check_segmenter(cilens.Labels(tmp_path / "labels.png"), [NOISY])


@pytest.mark.parametrize("labels", ODD_LABELS, ids=SORTS)
def test_method_with_any_labels(labels) -> None:
    check_method(cilens.ContextualImportance(segmenter=cilens.Labels(labels)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"segmenter": cilens.Slic(n_segments=9, compactness=0.3)},
        {"perturbations": (cilens.Constant(1.0), cilens.Blur(2.0), cilens.Noise())},
        {"strategy": "one-in"},
        {"strategy": "one-in", "perturbations": (cilens.Constant(0.0), cilens.ImageMean())},
        {"regions": {"top": (0, 1), "both": (1, 2)}, "segmenter": cilens.Grid(2, 2)},
        {"batch_size": 3},
        {"batch_size": 1000},
    ],
    ids=str,
)
@pytest.mark.parametrize("image", [NOISY, COLOUR[0], COLOUR[1]], ids=["grey", "colour", "float64"])
def test_method(changes, image) -> None:
    check_method(cilens.ContextualImportance(**changes), image)


def test_method_on_integer_pixels() -> None:
    check_method(cilens.ContextualImportance(), (NOISY > 0.5).astype(np.uint8))


@pytest.mark.parametrize("method", settings("method"), ids=repr)
def test_other_method(method) -> None:
    check_method(method)


@pytest.mark.parametrize("name", ["random", "edges"])
def test_a_control_is_no_explanation(name) -> None:
    with pytest.raises(AssertionError, match="must find no influence on a class that never"):
        check_method(part_class("method", name)())


@pytest.mark.parametrize("metric", settings("metric"), ids=repr)
def test_metric(metric) -> None:
    check_metric(metric, cilens.ContextualImportance(cilens.Grid(4, 4)))
    check_metric(metric, cilens.SampledImportance((cilens.Grid(3, 3),), budget=40))
    check_metric(metric, part_class("method", "occlusion")())


def test_method_of_the_paper() -> None:
    check_method(cilens.ContextualImportance.paper())


def test_models() -> None:
    check_model(cilens.load_model("digits"), cilens.read_image("mnist:4013"))
    check_model(cilens.load_model("imagenet"), cilens.read_image("skimage:chelsea"))
