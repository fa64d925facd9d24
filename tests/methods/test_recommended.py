"""The method where none is named: by the size of the image, its channels and the budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cilens
from cilens.designs import largest_order
from cilens.errors import InputError
from cilens.methods import explain, recommended
from cilens.perturbation import Constant
from cilens.segmentation import FinestSlic, Slic, SteadySlic, segment


@pytest.mark.parametrize(
    ("shape", "segmenter", "perturbation", "budget"),
    [
        ((28, 28, 1), FinestSlic(40), Constant(0.0), 100),
        ((64, 64, 3), SteadySlic(40, 40.0), Constant(0.5), 100),
        ((65, 10, 1), SteadySlic(50, 0.3), Constant(0.0), 200),
        ((224, 224, 3), SteadySlic(50, 40.0), Constant(0.5), 200),
    ],
)
def test_it_depends_on_size_and_channels_alone(shape, segmenter, perturbation, budget):
    method = recommended(np.zeros(shape))
    asked = method.segmenters, method.perturbations, method.budget
    assert asked == ((segmenter,), (perturbation,), budget)


@pytest.mark.parametrize("index", [3, 18, 4013])
def test_a_small_grey_image_is_cut_as_finely_as_the_design_has_room_for(index):
    image = cilens.read_image(f"mnist:{index}")

    def inked(n_segments):
        segments, _ = segment(Slic(n_segments, 0.5), image)
        return len(np.unique(segments[image[..., 0] > 0]))

    for budget in (50, 100, 200):
        room = largest_order((budget - 1) // 2) * 5 // 6
        cut, _ = segment(recommended(image, budget).segmenters[0], image)
        asked = (4, 9, 16, 25, 40, 60, 100, 160)
        chosen = [n for n in asked if (segment(Slic(n, 0.5), image)[0] == cut).all()]
        assert inked(chosen[-1]) <= room
        finer = [n for n in asked if n > chosen[-1]]
        assert all(inked(n_segments) > room for n_segments in finer)


@given(st.integers(3, 2000))
def test_the_budget_is_kept_and_more_of_it_never_means_fewer_segments(budget):
    image = cilens.read_image("mnist:18")
    fewer, more = (recommended(image, rows) for rows in (budget, budget + 1))
    assert fewer.segmenters[0].most <= more.segmenters[0].most
    assert (fewer.budget, more.budget) == (budget, budget + 1)


@pytest.mark.parametrize(
    ("budget", "cuts"), [(None, 1), (384, 1), (385, 2), (577, 3), (961, 5), (3000, 5)]
)
def test_more_budget_cuts_a_photograph_in_more_ways(budget, cuts):
    method = recommended(np.zeros((224, 224, 3)), budget)
    assert len(method.segmenters) == len(set(method.segmenters)) == cuts
    for small_or_grey in ((28, 28, 3), (224, 224, 1)):
        assert len(recommended(np.zeros(small_or_grey), budget).segmenters) == 1


@pytest.mark.parametrize("budget", [17, 25, 50, 100, 400])
def test_no_more_rows_are_asked_than_the_budget(budget):
    asked = []
    model = cilens.load_model("digits")

    def counted(images):
        asked.append(len(images))
        return model(images)

    image = cilens.read_image("mnist:3")
    found = explain(counted, image, budget=budget)
    assert sum(asked) - 2 == found.model_rows <= budget


def test_more_budget_gives_narrower_intervals():
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    narrow = [explain(model, image, budget=rows).margin[:, 3].mean() for rows in (100, 400, 1600)]
    assert narrow[0] > narrow[1] > narrow[2]


def test_a_budget_beside_a_method_is_refused():
    with pytest.raises(InputError, match="budget is for the recommended method"):
        explain(lambda images: images, np.ones((4, 4)), method=cilens.SampledImportance(), budget=9)


def test_the_least_budget_has_room_for_more_than_three_regions() -> None:
    image = np.random.default_rng(0).random((32, 32, 3))
    found = explain(lambda images: images.mean(axis=(1, 2)), image, budget=17)
    assert found.model_rows <= 17
    assert len(found.regions) > 3
    with pytest.raises(InputError, match=r"at least 17: with fewer rows .* got 16"):
        explain(lambda images: images.mean(axis=(1, 2)), image, budget=16)


def test_an_image_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cuts = []
    cut = FinestSlic.__call__
    monkeypatch.setattr(FinestSlic, "__call__", lambda *given: cuts.append(1) or cut(*given))
    cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:18"))
    assert len(cuts) == 1
