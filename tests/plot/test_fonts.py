"""Class names of any script are drawn, or a box is, and that is said once."""

from __future__ import annotations

import dataclasses
import io
import shutil
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontEntry, findfont, fontManager

import cilens
from cilens import plot
from cilens.errors import CilensWarning
from cilens.plot import fonts
from cilens.text import about

CAT = "\u732b"


@pytest.fixture(autouse=True)
def _anew():
    for cached in (fonts._lacking, fonts._beside):
        cached.cache_clear()
    fonts._said.clear()
    yield
    for cached in (fonts._lacking, fonts._beside):
        cached.cache_clear()
    fonts._said.clear()


@pytest.fixture
def with_cat(tmp_path: Path, monkeypatch) -> str:
    """Install a font that has one more character than matplotlib's own."""
    font = TTFont(shutil.copy(findfont("DejaVu Sans"), tmp_path / "cat.ttf"))
    for table in font["cmap"].tables:
        table.cmap[ord(CAT)] = "A"
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = "Cat Sans"
    font.save(tmp_path / "cat.ttf")
    entry = FontEntry(
        fname=str(tmp_path / "cat.ttf"),
        name="Cat Sans",
        style="normal",
        variant="normal",
        weight=400,
        stretch="normal",
        size="scalable",
    )
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist, entry])
    return "Cat Sans"


def named(*names: str) -> cilens.Explanation:
    def model(images):
        mean = images.mean(axis=(1, 2, 3))
        return np.stack([mean, 1 - mean], axis=1)

    explanation = cilens.explain(
        model, np.ones((8, 8, 1)), method=cilens.ContextualImportance.paper()
    )
    return dataclasses.replace(explanation, class_names=names)


def test_what_matplotlib_has_needs_no_other_font() -> None:
    for text in ("seven", "œuf à la coque", "кошка", "γάτα"):
        assert fonts.families(text) == list(mpl.rcParams["font.family"])
        assert fonts.drawable(text) == text


def test_a_font_that_has_the_characters_is_found(with_cat: str) -> None:
    assert fonts.families(f"a {CAT}") == [*mpl.rcParams["font.family"], with_cat]
    assert fonts.drawable(CAT) == CAT
    plot.finding_figure(about(named(CAT, "dog"))).savefig(io.BytesIO())


def test_a_class_that_no_font_can_name_has_its_number_and_that_is_said_once() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        figure = plot.finding_figure(about(named(CAT, "dog")))
        figure.savefig(io.BytesIO())
        plot.contrast_figure(about(named("dog", CAT))).savefig(io.BytesIO())
    (warning,) = told
    assert warning.category is CilensWarning
    assert f"no font that is installed has {CAT}: figures call a class" in str(warning.message)
    texts = [text.get_text() for text in figure.findobj(mpl.text.Text)]
    assert any(text.startswith("Predicted “class 0”") for text in texts)
    assert "class 0: 100 %" in texts
    assert not any("□" in text or CAT in text for text in texts)


def test_what_is_no_class_and_no_font_has_is_a_box() -> None:
    with pytest.warns(CilensWarning, match="show □ elsewhere"):
        assert fonts.drawable(f"a {CAT}") == "a □"
