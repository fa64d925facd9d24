"""Damaged files are read or refused; a small file takes no large memory."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cilens.errors import CilensError, FileError
from cilens.image import decode_array, decode_image
from support.damage import damaged
from support.image_files import image_files, saved

INPUTS = 2_400


def outcome(content: bytes) -> tuple[np.ndarray, str | None]:
    """Return the image, or a black pixel and why it was refused."""
    try:
        return decode_image(io.BytesIO(content), max_pixels=1_000_000), None
    except CilensError as error:
        return np.zeros((1, 1, 1), np.float32), str(error)


@pytest.mark.filterwarnings("ignore")  # Pillow and pydicom may warn of damage that they mend
def test_damaged_images_are_read_or_refused():
    files = image_files()
    outcomes = {name: set() for name in files}
    for name, content in damaged(files, INPUTS):
        image, refusal = outcome(content)
        outcomes[name].add("read" if refusal is None else "refused")
        assert refusal is None or "\n" not in refusal
        assert image.dtype == np.float32
        assert image.min() >= 0
        assert image.max() <= 1
    assert all("refused" in found for found in outcomes.values())
    assert sum("read" in found for found in outcomes.values()) > len(files) * 0.8


@pytest.mark.filterwarnings("ignore")
def test_damaged_labels_are_read_or_refused(tmp_path):
    files = {n: c for n, c in image_files().items() if n.endswith((".npy", ".tif", ".png", ".gif"))}
    path = tmp_path / "labels"
    for _, content in damaged(files, INPUTS // 6, seed=1):
        path.write_bytes(content)
        with suppress(CilensError):
            decode_array(path)


PEAK = """
import sys
import warnings
from cilens.image import decode_image
def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
decode_image(sys.argv[1])  # what the readers themselves take
before = peak()
image = decode_image(sys.argv[2])
print(image.nbytes, peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "key"])
def test_decoding_takes_little_more_than_the_image(tmp_path, mode):
    kind, options = ("L", {"transparency": 3}) if mode == "key" else (mode, {})
    small, large = tmp_path / "small.png", tmp_path / "large.png"
    small.write_bytes(saved(PIL.Image.new(kind, (9, 9)), "PNG", **options))
    large.write_bytes(saved(PIL.Image.new(kind, (2500, 2500)), "PNG", **options))
    run = subprocess.run(
        [sys.executable, "-c", PEAK, str(small), str(large)],
        capture_output=True,
        text=True,
        check=True,
    )
    decoded, taken = map(int, run.stdout.split())
    assert taken < 2.5 * decoded


def test_a_damaged_image_is_its_own_failure_only(tmp_path):
    files = image_files()
    (tmp_path / "good.png").write_bytes(files["grey.png"])
    for name in ("colour.avif", "deep.tif", "palette.gif", "colour.jp2", "colour.heic", "ct.dcm"):
        bad = tmp_path / name
        bad.write_bytes(files[name][: len(files[name]) // 2])
        with pytest.raises(FileError, match=name):
            decode_image(bad)
    assert decode_image(tmp_path / "good.png").shape == (12, 16, 1)


def test_a_decoder_warns_of_nothing_and_the_filters_stay(tmp_path):
    tags = PIL.Image.Exif()
    tags[0x010F] = "maker"
    path = tmp_path / "cut.jpg"
    PIL.Image.new("RGB", (8, 8)).save(path, exif=tags)
    head, exif, rest = path.read_bytes().partition(b"Exif\0\0")
    path.write_bytes(head + exif + rest[:8] + b"\x7f\x7f" + rest[10:])  # so many entries
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with PIL.Image.open(path) as file:
            file.getexif()
        assert seen, "Pillow itself warns of this file"
        seen.clear()
        assert decode_image(path).shape == (8, 8, 3)
        assert not seen
    assert warnings.filters == before
