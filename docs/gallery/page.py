"""Make the picture and the animation of the page: part of ``make gallery``. Look at both."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL.Image
from playwright.sync_api import Page, sync_playwright

from cilens.findings.examine import prepare
from cilens.findings.request import Request
from cilens.render import to_gif
from cilens.view import finding_page

HERE = Path(__file__).parent
SOURCE, WIDE, HIGH = "skimage:astronaut", 1200, 960
SMALL = 0.65
"""Of the animation."""


def main() -> None:
    """Open the page of a photograph, and touch it."""
    request = Request([SOURCE], "imagenet")
    finding = prepare(request).examine(SOURCE, request.reading.read(SOURCE))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        path = Path(folder) / "astronaut.html"
        path.write_text(finding_page(finding), encoding="utf-8")
        browser = started.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        tab = browser.new_page(viewport={"width": WIDE, "height": HIGH})
        tab.goto(path.as_uri())
        tab.wait_for_selector("[data-ready]")
        shots = list(_touched(tab))
        browser.close()
    shots[1].save(HERE / "page.jpg", quality=85, subsampling=0, optimize=True)
    size = round(WIDE * SMALL), round(HIGH * SMALL)
    small = [np.asarray(shot.resize(size, PIL.Image.Resampling.LANCZOS)) for shot in shots]
    (HERE / "page.gif").write_bytes(to_gif(small, pace=1800))


def _touched(tab: Page) -> Iterator[PIL.Image.Image]:
    """Give what is seen, one act after the other."""
    acts: tuple[Callable[[], object], ...] = (
        lambda: None,
        lambda: tab.locator("[data-row='44'] button").hover(),
        lambda: tab.locator("[data-row='44'] button").click(),
        lambda: tab.get_by_role("button", name="Without the highlight").click(),
        lambda: tab.get_by_role("button", name="Only the highlight").click(),
        lambda: tab.locator("#asked").fill("40"),
        lambda: tab.get_by_role("button", name="Show all").click(),
    )
    for act in acts:
        act()
        tab.evaluate("document.activeElement.blur()")
        yield PIL.Image.open(io.BytesIO(tab.screenshot())).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
