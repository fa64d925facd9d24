"""A browser, where there is one, and pages for it to open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cilens
import made
from cilens.explanation import Explanation
from cilens.findings.examine import prepare
from cilens.findings.finding import Finding
from cilens.findings.request import Request, ResultOptions
from cilens.text import about
from cilens.view import finding_page, page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a browser; skip where none is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return what opens a page from its file, and fails where the page complains or asks."""
    contexts, complaints = [], []

    def opened(document: str, fragment: str = "", **context: Any) -> Any:
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(document, encoding="utf-8")
        contexts.append(chromium.new_context(**{"color_scheme": "light"} | context))
        tab = contexts[-1].new_page()
        tab.on("console", lambda said: complaints.append(said.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        tab.on("request", lambda request: _own(request.url, complaints))
        tab.goto(f"{path.as_uri()}{fragment}")
        tab.wait_for_selector("[data-ready]", timeout=60_000)
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _own(address: str, complaints: list[str]) -> None:
    if not address.startswith(("file:", "data:", "blob:")):
        complaints.append(f"asked {address}")


@pytest.fixture(scope="session")
def finding() -> Finding:
    """Return all that there is to say of an unclear 3."""
    told = ResultOptions(against="runner-up")
    return prepare(Request(["mnist:18"], told=told)).examine(
        "mnist:18", cilens.read_image("mnist:18")
    )


@pytest.fixture(scope="session")
def digit_page(finding: Finding) -> str:
    return finding_page(finding)


def many(regions: int, classes: int, side: int, rows: int = 193) -> Explanation:
    """Return an explanation with so many regions and classes, of a picture with much in it."""
    random = np.random.default_rng(3)
    influence = np.sort(random.standard_t(3, regions))[::-1] * 0.02
    found = made.explanation(
        influence.clip(-0.5, 0.5),
        scores=random.dirichlet(np.full(classes, 0.05)),
        shape=(side, side, 3),
        class_names=tuple(f"class of the number {index}" for index in range(classes)),
        margin=np.full(regions, 0.004),
        asked="contexts",
    )
    ground = np.linspace(0, 6, side)
    waves = np.sin(ground[:, None] + ground)[..., None] * [0.3, 0.2, 0.1] + 0.5
    image = np.clip(waves + random.normal(0, 0.02, (side, side, 3)), 0, 1).astype(np.float32)
    table = random.laplace(0, 2e-4, found.influence.shape)
    table[:, 1] = found.influence[:, 1]
    coalitions = random.integers(0, 2, (rows, regions)).astype(bool)
    answers = random.dirichlet(np.full(classes, 0.05), rows).astype(np.float32)
    return cilens.Explanation(
        **{name: getattr(found, name) for name in found.__dataclass_fields__}
        | {"image": image, "influence": table, "coalitions": coalitions, "answers": answers}
    )


@pytest.fixture(scope="session")
def many_page() -> str:
    """Return the page of 500 regions."""
    return page(about(many(500, 10, 224), 1))
