"""The page as a file: what is in it, how large it is, and what it may do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import made
from attacks.test_names import mixed
from cilens import render
from cilens.errors import FileError
from cilens.text import about
from cilens.view import finding_page, frame, page
from cilens.view.pack import LEVELS, STEPS, levels, pack, shares
from cilens.view.page import asset
from view.conftest import many

SCRIPT = asset("view.js")


class Tags(HTMLParser):
    """Counts what a browser would take for tags."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def unpacked(document: str) -> tuple[dict, dict[str, np.ndarray]]:
    """Return the texts and the arrays of a page."""
    (text,) = re.findall(r'id="data">([^<]*)<', document)
    blob = gzip.decompress(base64.b64decode(text))
    length = int.from_bytes(blob[:4], "little")
    texts = json.loads(blob[4 : 4 + length])
    arrays = {
        name: np.frombuffer(blob, kind, int(np.prod(shape)), 4 + length + start).reshape(shape)
        for name, (kind, shape, start) in texts.pop("arrays").items()
    }
    return texts, arrays


def test_what_is_packed_comes_back():
    arrays = {"a": np.arange(5, dtype=np.uint16), "b": np.eye(3), "c": np.array([True, False])}
    texts, found = unpacked(f'id="data">{pack({"x": "</script>"}, arrays)}<')
    assert texts == {"x": "</script>"}
    assert all((found[name] == array).all() for name, array in arrays.items())


def test_shares_are_stored_so_that_what_is_sure_stays_so():
    random = np.random.default_rng(1)
    influence, margin = random.normal(0, 1e-4, 500), np.abs(random.normal(0, 1e-4, 500))
    stored, off = np.abs(shares(influence)).astype(int), shares(margin, up=True).astype(int)
    assert not ((stored > off) & (np.abs(influence) <= margin)).any()
    assert np.abs(shares(influence) / STEPS - influence).max() < 1 / STEPS
    scores, bounds = random.random((4, 3)) * 7 - 2, np.array([[-2.0] * 3, [5.0] * 3])
    assert np.abs(levels(scores, bounds) / LEVELS * 7 - 2 - scores).max() < 0.51 * 7 / LEVELS


def test_the_policy_allows_this_script_and_this_style_alone(digit_page):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', digit_page)
    assert policy.startswith("default-src 'none';")
    for part in ("script", "style"):
        (text,) = re.findall(rf"<{part}(?: type=\"module\")?>(.*?)</{part}>", digit_page, re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{part}-src 'sha256-{hashed}'" in policy


def test_the_script_is_small_and_makes_no_html_of_texts():
    assert len(SCRIPT.encode()) < 60_000
    assert "</script" not in SCRIPT
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|import\(", SCRIPT
    )
    assert set(re.findall(r"https?://[\w./]+", SCRIPT)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in asset("view.css")


def test_a_photograph_with_fifty_regions_and_a_thousand_classes_is_under_a_megabyte():
    assert len(page(about(many(50, 1000, 224), 1)).encode()) < 1_000_000


def test_a_very_large_image_is_shown_smaller():
    document = page(about(made.explanation([0.3, -0.1, 0.0, 0.2], shape=(2500, 3001, 1))))
    _, arrays = unpacked(document)
    assert arrays["segments"].shape == (833, 1000)
    assert len(document) < 3_000_000


def test_two_hundred_hostile_names_are_no_html():
    names = tuple(f"{at}{name}" for at, name in enumerate(mixed(200)))
    found = made.explanation([0.5, -0.2], scores=(0.9, *[0.1 / 199] * 199))
    own = Tags(page(about(found))).found
    hostile = replace(found, class_names=names, region_names=(names[15], names[16]))
    for target in (15, 16, 17):
        document = page(about(hostile, target))
        assert Tags(document).found == own
        texts, _ = unpacked(document)
        assert texts["names"][target] == hostile.class_name(target)
        assert Tags(frame(document)).found == ["iframe"]


def test_the_colours_are_those_of_render(digit_page):
    texts, arrays = unpacked(digit_page)
    shown = render.signed_map(np.array([[-1.0, -0.25, 0.0, 0.25, 1.0]]))[0]
    assert (arrays["scale"][[0, 128, 256, 384, 512]] == shown).all()
    assert tuple(texts["ghost"]) == render.GHOST


def test_the_same_finding_gives_the_same_page(finding, digit_page):
    assert finding_page(finding) == digit_page


def test_explanation_writes_its_page(tmp_path, finding):
    finding.explanation.save_html(tmp_path / "three.html", foil=5)
    document = (tmp_path / "three.html").read_text(encoding="utf-8")
    assert document == finding.explanation.to_html(foil=5)
    with pytest.raises(FileError):
        finding.explanation.save_html(tmp_path / "three.html" / "no.html")
    assert finding.explanation._repr_html_().startswith('<iframe sandbox="allow-scripts')
