"""The contact sheet: what is on it, and how it is filtered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import made
from attacks.test_names import mixed
from cilens.cli import main
from cilens.errors import FileError
from cilens.view import gallery, save_gallery
from cilens.view.gallery import off_centre
from view.test_page import Tags, unpacked


def cells(*which: int) -> list[float]:
    """Return the influences of 16 cells: some speak for the class."""
    return [0.5 * (cell in which) for cell in range(16)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a directory of three explanations, one with a page."""
    for name, influence, scores in (
        ("corner", cells(0), (0.1, 0.9)),
        ("middle", cells(5), (0.3, 0.7)),
        ("nothing", cells(), (0.8, 0.2)),
    ):
        found = made.explanation(influence, scores=scores, shape=(12, 12, 1))
        found.save(tmp_path / f"{name}.npz")
    found.save_html(tmp_path / "nothing.html")
    return tmp_path


def test_what_is_off_the_middle():
    corner = made.explanation(cells(0), shape=(12, 12, 1))
    middle = made.explanation(cells(5), shape=(12, 12, 1))
    half = made.explanation(cells(0, 5), shape=(12, 12, 1))
    found = [off_centre(one) for one in (corner, middle, half)]
    np.testing.assert_allclose(found, [1.0, 0.0, 0.5])
    assert off_centre(made.explanation([0, 0, 0, 0])) is None
    assert off_centre(made.explanation([0.5, 0.2], margin=[0.6, 0.3])) is None


def test_each_image_has_a_card(folder):
    texts, _ = unpacked(gallery(folder))
    cards = {card["name"]: card for card in texts["cards"]}
    assert list(cards) == ["corner", "middle", "nothing"]
    assert cards["nothing"]["href"] == "nothing.html"
    assert cards["middle"]["href"] is None
    assert cards["corner"]["off"] == pytest.approx(1.0)
    assert cards["nothing"]["seen"] == "nothing surely counts"
    assert all(card["picture"].startswith("data:image/jpeg;base64,") for card in cards.values())


def test_a_thousand_images_are_under_twenty_megabytes(tmp_path):
    random = np.random.default_rng(3).random((224, 224, 3)).astype(np.float32)
    found = made.explanation([0.5, 0.1, -0.2, 0.0], shape=(224, 224, 3))
    replace(found, image=random).save(tmp_path / "noise.npz")
    assert len(gallery(tmp_path)) - len(gallery_of_none()) < 20_000


def gallery_of_none() -> str:
    from cilens.view.page import document

    return document("gallery.js", "", "", "")


def test_hostile_names_are_no_html(tmp_path):
    name = mixed(200)[16]
    found = made.explanation([0.5, 0.1], class_names=(name, f"{name}<b>"))
    found.save(tmp_path / "a<b onclick=x>&.npz")
    assert Tags(gallery(tmp_path)).found == Tags(gallery_of_none()).found


def test_what_is_no_explanation_is_refused(folder, capsys):
    assert main(["view", str(folder / "none")]) == 2
    assert "has no explanation (.npz)" in capsys.readouterr().err
    (folder / "bad.npz").write_bytes(b"PK")
    with pytest.raises(FileError, match=r"bad\.npz"):
        gallery(folder)


def test_the_command_writes_it(folder, capsys):
    assert main(["view", str(folder)]) == 0
    assert "index.html" in capsys.readouterr().out
    assert (folder / "index.html").read_text(encoding="utf-8") == gallery(folder)


@pytest.mark.browser
def test_it_is_filtered_and_sorted(show, chromium, folder):
    from axe_playwright_python.sync_playwright import Axe

    tab = show(save_gallery(folder).read_text(encoding="utf-8"))
    names = tab.locator(".sheet b + span")
    assert names.all_text_contents()[:2] == ["corner", "middle"]
    tab.locator("#order").select_option("unsure")
    assert names.all_text_contents() == ["middle", "nothing", "corner"]
    tab.locator("#only").select_option("0")
    assert names.all_text_contents() == ["nothing"]
    tab.locator("#only").select_option("")
    tab.locator("#find").fill("mid")
    assert names.all_text_contents() == ["middle"]
    assert tab.locator(".count").inner_text() == "1 of 3 images"
    tab.locator("#find").fill("")
    tab.locator("#least").fill("60")
    assert names.all_text_contents() == ["corner"]
    tab.locator("#least").fill("0")
    assert tab.locator(".sheet a").get_attribute("href") == "nothing.html"
    found = Axe().run(tab).response["violations"]
    assert [one["id"] for one in found] == []
