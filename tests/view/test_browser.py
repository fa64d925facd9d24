"""The page as a person meets it: pointer, keyboard, names, numbers, colours, widths."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cilens
import made
from attacks.test_names import mixed
from cilens import render
from cilens.explanation.additive import additive_errors, additive_scores
from cilens.findings.record import record
from cilens.text import about, percent
from cilens.view import page
from cilens.view.page import asset
from view.conftest import many

pytestmark = pytest.mark.browser

PIXELS = """canvas => { const {width, height} = canvas;
    return [...canvas.getContext('2d').getImageData(0, 0, width, height).data] }"""


def at(tab, row: float, column: float, shape=(28, 28)) -> dict[str, float]:
    """Return where a pixel of the image lies in the picture."""
    box = tab.locator(".stage").bounding_box()
    return {
        "x": (column + 0.5) / shape[1] * box["width"],
        "y": (row + 0.5) / shape[0] * box["height"],
    }


def inside(explanation, region: int) -> tuple[int, int]:
    """Return a pixel of a region."""
    return tuple(np.argwhere(explanation.segments == region)[0])


def picture(tab) -> np.ndarray:
    """Return the picture's own pixels."""
    side = tab.locator(".stage canvas").first.evaluate("canvas => [canvas.height, canvas.width]")
    pixels = tab.locator(".stage canvas").first.evaluate(PIXELS)
    return np.array(pixels, dtype=np.uint8).reshape(*side, 4)[..., :3]


def outcome(tab) -> str:
    return tab.locator(".outcome").inner_text()


def hide(tab, explanation, *regions: int) -> None:
    for region in regions:
        tab.locator(".stage").click(position=at(tab, *inside(explanation, region)))


def test_pointer_and_keyboard_find_regions(show, finding, digit_page):
    tab, explanation = show(digit_page), finding.explanation
    tab.locator(".stage").hover(position=at(tab, *inside(explanation, 23)))
    told = tab.locator("#told").inner_text()
    assert told.startswith("region 23, the stroke in the centre: +27.")
    assert "without it ≈ " in told
    assert tab.locator("tr.pointed").get_attribute("data-row") == "23"
    tab.locator("body").hover(position={"x": 1, "y": 1})
    tab.locator(".stage").focus()
    tab.keyboard.press("ArrowRight")
    assert tab.locator("tr.pointed").get_attribute("data-row") == "13"  # the strongest first
    tab.keyboard.press("ArrowRight")
    found = int(tab.locator("tr.pointed").get_attribute("data-row"))
    assert explanation.centroids()[found, 1] > explanation.centroids()[13, 1]
    tab.keyboard.press("Enter")
    assert tab.locator(f"[data-row='{found}'] button").get_attribute("aria-pressed") == "true"
    tab.keyboard.press("Escape")
    assert tab.locator("[aria-pressed=true]").count() == 0
    tab.locator("[data-row='24'] button").focus()
    assert "region 24" in tab.locator("#told").inner_text()
    tab.keyboard.press("Space")
    assert tab.locator("[aria-pressed=true]").count() == 1


def test_what_was_not_asked_is_an_estimate_with_its_error(show, finding, digit_page):
    tab, explanation = show(digit_page), finding.explanation
    assert "measured" in outcome(tab)
    hide(tab, explanation, 23, 15)
    coalition = np.ones((1, len(explanation.labels)), dtype=bool)
    coalition[0, [23, 15]] = False
    estimate = additive_scores(explanation, coalition)[0, 3]
    said = outcome(tab)
    assert f"≈ {percent(estimate, decimals=1)}" in said
    assert "estimate: not asked" in said
    assert f"off by {percent(additive_errors(explanation)[3], decimals=1)}" in said
    assert "measured" not in said
    assert tab.locator(".outcome").get_attribute("data-kind") == "estimate"


def test_what_was_asked_is_measured(show, finding, digit_page):
    tab, explanation, check = show(digit_page), finding.explanation, finding.check
    for name, score in (
        ("Only the highlight", check.score),
        ("Without the highlight", check.remainder_score),
        ("Hide all", check.blank_score),
    ):
        tab.get_by_role("button", name=name, exact=True).click()
        assert percent(score, decimals=1) in outcome(tab)
        assert "measured" in outcome(tab)
    tab.locator("#asked").fill("5")
    row = explanation.coalitions[4]
    assert percent(float(explanation.answers[4, 3]), decimals=1) in outcome(tab)
    hidden = tab.locator("[aria-pressed=true]").evaluate_all(
        "all => all.map(one => Number(one.dataset.region))"
    )
    assert sorted(hidden) == np.flatnonzero(~row).tolist()
    winner = int(explanation.answers[4].argmax())
    assert re.search(rf"{winner} \d", tab.locator(".more").inner_text())


def test_segments_that_look_the_same_when_hidden_change_nothing(show, finding, digit_page):
    tab, explanation = show(digit_page), finding.explanation
    black = np.flatnonzero(
        [explanation.image[explanation.segments == r].max() == 0 for r in range(48)]
    )
    if len(black):
        hide(tab, explanation, int(black[0]))
        assert "measured" in outcome(tab)
        assert percent(float(explanation.scores[3]), decimals=1) in outcome(tab)


def test_one_region_out_is_measured_where_the_method_asked_it(show):
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    explanation = cilens.explain(model, image, method=cilens.ContextualImportance.paper())
    tab = show(page(about(explanation)))
    hide(tab, explanation, 3)
    without = explanation.scores[3] - explanation.influence[3, 3]
    assert percent(without, decimals=1) in outcome(tab)
    assert "measured" in outcome(tab)
    hide(tab, explanation, 0)
    assert "How far that is off is not known" in outcome(tab)


@pytest.mark.parametrize("way", ["overlay", "map", "paper", "highlight", "remainder", "original"])
def test_pictures_are_those_of_render(show, finding, digit_page, way):
    explanation, topic = finding.explanation, finding.topic
    tab = show(digit_page, f"#show={way}")
    image, saliency, kept = explanation.image, explanation.saliency(), topic.highlight
    wanted = {
        "overlay": lambda: render.overlay(image, saliency, explanation.sure_pixels()),
        "map": lambda: render.signed_map(saliency),
        "paper": lambda: render.paper_picture(image, kept),
        "highlight": lambda: render.highlight(image, kept),
        "remainder": lambda: render.highlight(image, ~kept),
        "original": lambda: render.to_rgb(image),
    }[way]()
    assert np.abs(picture(tab).astype(int) - wanted).max() <= 2


def test_the_threshold_redraws_the_highlight(show, finding, digit_page):
    tab, explanation = show(digit_page, "#show=highlight"), finding.explanation
    slider = tab.locator("#threshold")
    slider.fill("80")  # of 200, squared: 16 %
    kept = explanation.highlight(3, 0.16)
    assert np.abs(picture(tab).astype(int) - render.highlight(explanation.image, kept)).max() <= 2
    assert "by 16 % or more" in tab.locator(".tally").inner_text()
    count = int(explanation.important(3, 0.16).sum() + explanation.opposing(3, 0.16).sum())
    assert tab.locator("tr.important").count() == count
    tab.wait_for_url(re.compile("threshold=0.16"))


def test_a_class_is_found_by_a_part_of_its_name(show):
    explanation = many(12, 1000, 64)
    tab = show(page(about(explanation, 1)))
    field = tab.get_by_role("combobox", name="Class")
    options = tab.locator("#of-class-list [role=option]")
    field.click()
    assert options.count() == 31  # thirty, and how many more
    field.fill("7")
    assert options.first.inner_text().startswith("class of the number 7\n")
    field.fill("number 777")
    assert options.count() == 1
    tab.keyboard.press("Enter")
    assert tab.locator("h1").inner_text().startswith("class of the number 777")
    first = int(explanation.ranked(777)[0])
    row = tab.locator("tbody tr").first
    assert row.get_attribute("data-row") == str(first)
    assert "No sentence was written for this class" in tab.locator(".sentence").inner_text()
    tab.get_by_role("combobox", name="Rather than").fill("number 123")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.locator("thead").inner_text().count("class of the number 123")
    tab.wait_for_url(re.compile("class=777"))


def test_a_link_shares_what_is_seen(show, finding, digit_page):
    tab, explanation = show(digit_page), finding.explanation
    hide(tab, explanation, 15)
    tab.locator("#show").select_option("paper")
    tab.wait_for_url(re.compile("show=paper.*hidden="))
    address = tab.evaluate("location.hash")
    other = show(digit_page, address)
    assert outcome(other) == outcome(tab)
    assert (picture(other) == picture(tab)).all()
    show(digit_page, "#class=99&foil=x&threshold=nan&show=<b>&hidden=zz&opacity=1e9")


def test_downloads_hold_the_numbers(show, finding, digit_page):
    tab = show(digit_page, accept_downloads=True)
    tab.get_by_text("Download", exact=True).click()

    def saved(name: str) -> Path:
        with tab.expect_download() as download:
            tab.get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename.startswith("mnist-18.")
        return download.value.path()

    assert json.loads(saved("JSON").read_text()) == [record(finding)]
    tables, explanation = np.load(saved("npz")), finding.explanation
    assert (tables["segments"] == explanation.segments).all()
    assert (tables["coalitions"] == explanation.coalitions).all()
    assert (tables["scores"] == explanation.scores).all()
    assert np.abs(tables["influence"] - explanation.influence).max() < 1 / 32767
    assert (tables["influence"][:, 3] == explanation.influence[:, 3]).all()
    assert saved("PNG").read_bytes().startswith(b"\x89PNG")
    svg = saved("SVG").read_text()
    assert svg.count("<path") == len(explanation.regions)
    assert "region 23: +27 % of 3" in svg


def test_hostile_names_are_text(show):
    names = tuple(f"{at} {name}" for at, name in enumerate(mixed(200)))
    found = made.explanation([0.5, -0.2], scores=(0.9, *[0.1 / 199] * 199))
    found = replace(found, class_names=names, region_names=(names[15], names[16]))
    tab = show(page(about(found, 1, 16)))
    for index in (15, 16, 17, 40, 111):
        tab.get_by_role("combobox", name="Class").fill(f"{index} ")
        tab.keyboard.press("Enter")
    assert tab.evaluate("document.querySelectorAll('img, script').length") == 2
    assert tab.evaluate("[...document.querySelectorAll('main *')].every(e => !e.onerror)")
    assert found.region_name(0)[:20] in tab.locator("tbody").inner_text()


def test_overlapping_regions_are_shown_as_in_python(show):
    cuts = cilens.Grid(7, 7), cilens.Slic(n_segments=30, compactness=0.5)
    method = cilens.SampledImportance(segmenters=cuts, budget=400)
    explanation = cilens.explain(
        cilens.load_model("digits"), cilens.read_image("mnist:18"), method=method
    )
    document = page(about(explanation))
    tab = show(document, "#show=highlight&threshold=0.02")
    wanted = render.highlight(explanation.image, explanation.highlight(3, 0.02))
    assert np.abs(picture(tab).astype(int) - wanted).max() <= 2
    tab = show(document, "#threshold=0.02")
    shown = explanation.sure_pixels(3, 0.02)
    wanted = render.overlay(explanation.image, explanation.saliency(), shown)
    assert np.abs(picture(tab).astype(int) - wanted).max() <= 2
    hide(tab, explanation, 40)
    segments = tab.locator("tr.gone").count()
    assert segments >= 1
    hidden = explanation.regions[int(tab.locator("tr.gone").first.get_attribute("data-row"))]
    estimate = additive_scores(explanation, ~hidden[None])[0, 3]
    assert percent(estimate, decimals=1) in outcome(tab)


def test_a_model_with_one_number(show):
    def brightness(images):
        return images.mean(axis=(1, 2, 3))[:, None]

    explanation = cilens.explain(brightness, cilens.read_image("mnist:18"))
    tab = show(page(about(explanation)))
    assert tab.locator("h1").inner_text().startswith("the score")
    assert tab.get_by_label("Rather than").count() == 0
    tab.get_by_role("button", name="Hide all").click()
    assert "≈ 0 %" in outcome(tab) or "measured" in outcome(tab)


def test_a_host_can_ask_the_model(chromium, finding, digit_page):
    tab = chromium.new_page()
    tab.set_content("<style></style><div id='root'></div>")
    tab.add_script_tag(
        content=f"{asset('view.js')}; Object.assign(window, {{mount, unpack}})", type="module"
    )
    (packed,) = re.findall(r'id="data">([^<]*)<', digit_page)
    tab.evaluate(
        """async packed => {
            const root = document.querySelector('#root');
            const ask = async stays => stays.map((_, at) => at === 3 ? 0.125 : 0).slice(0, 10);
            await mount(root, await unpack(packed), {ask, address: false}); }""",
        packed,
    )
    tab.locator("[data-row='23'] button").click()
    tab.locator(".outcome[data-kind=measured]").wait_for()
    assert "12.5 %" in outcome(tab)
    assert tab.url == "about:blank"
    tab.close()
