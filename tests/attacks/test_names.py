"""Names of anybody's: escape sequences, markup, mathematics, halves of signs, a great many."""

from __future__ import annotations

import contextlib
import json
import re
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cilens
import made
import tiny_onnx
from cilens.cli import main
from cilens.errors import CilensError, FileError
from cilens.models.metadata import CLASS_NAMES_KEY, PREPROCESS_KEY, read_names
from cilens.models.names import MOST_BYTES, read_names_file
from cilens.models.sidecar import Stated, read_stated, stated_path, write_stated
from cilens.plot import finding_figure, plot_ranking
from cilens.printable import printable
from cilens.table import as_records
from cilens.text import about, sentence
from support.damage import damaged
from support.saved_files import names_files, toml_files

pytestmark = pytest.mark.slow

HOSTILE = [
    "\x1b]0;OWNED\x07",
    "\x1b[2J\x1b[31mred",
    "\x9b31m",
    "cat\ncilens: all is well",
    "cat\r\x1b[Kdog",
    "\u202etac",
    "\u2066cat\u2069",
    "c\u200bat",
    "\ud83d",
    "a\u2028b",
    "\x7f\x08\x08",
    "[red]cat[/red]",
    "[/]",
    "$x^$",
    "$\\frac",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
    "{{ 7 * 7 }}",
    "{0.__class__}",
    "%s%n",
    "=HYPERLINK(1)",
    "../../etc/passwd",
    " ",
    "",
    ",",
    "a" * 5000,
]
"""Each is a name as a file could hold it."""


def mixed(count: int) -> list[str]:
    """Return so many names, made of pieces of the hostile ones."""
    random = np.random.default_rng(10)
    pieces = [name for name in HOSTILE if len(name) < 100]
    drawn = ["".join(random.choice(pieces, random.integers(1, 4))) for _ in range(count)]
    return [*HOSTILE, *drawn][:count]


def shows_signs_only(text: str, *, lines: bool = False) -> None:
    """Assert that no sign of a text does anything but stand there."""
    for sign in text:
        allowed = sign in "\u200c\u200d" or (lines and sign == "\n")
        assert allowed or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}, text


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Return an ONNX file whose three classes have hostile names."""
    names = [
        "\x1b]0;OWNED\x07[red]$x^",
        "<script>alert(1)</script>",
        "a\rb\x1b[2J\ncilens: all is well",
    ]
    preprocess = cilens.Preprocess((8, 8), fit="stretch").to_json()
    metadata = {PREPROCESS_KEY: preprocess, CLASS_NAMES_KEY: json.dumps(names)}
    return Path(tiny_onnx.write(tmp_path / "net.onnx", ("Softmax",), metadata=metadata))


@pytest.fixture
def explanation() -> cilens.Explanation:
    return made.explanation([0.5, -0.25], scores=(0.05, 0.9, 0.05), shape=(8, 8, 1))


def test_two_hundred_names_on_every_face(explanation) -> None:
    for name in mixed(200):
        one = replace(
            explanation, class_names=(f"{name}0", name, f"1{name}"), region_names=(name, "b")
        )
        texts = [one.class_name(), one.region_name(0), repr(one), sentence(about(one))]
        texts += [one.describe(), json.dumps(as_records(about(one)), ensure_ascii=False)]
        for text in texts:
            shows_signs_only(text)
        assert one.contrast(0, 1).target == 0


@pytest.mark.parametrize("name", ["\x1b[2J\n", "\ud83d", "$x^$", "$\\frac", "\u202e", "a" * 5000])
def test_figures(explanation, name: str) -> None:
    one = replace(explanation, class_names=(name, name, name), region_names=(name, f"{name}b"))
    begun = time.process_time()
    figure = finding_figure(about(one))
    figure.canvas.draw()
    figure = plot_ranking(about(one))
    figure.canvas.draw()
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "options",
    [
        ("inspect", "{}"),
        ("explain", "mnist:0", "--model", "{}", "--channels", "3"),
        ("explain", "mnist:0", "--model", "{}", "--channels", "3", "--words"),
        ("explain", "mnist:0", "--model", "{}", "--channels", "3", "--against", "runner-up"),
        ("explain", "mnist:0", "--model", "{}", "--channels", "3", "--target", "re\x1b[31md"),
        ("explain", "mnist:0", "\x1b[2J.png", "--channels", "3"),
        ("explain", "mnist:0", "--model", "{}\x1b[2J.onnx"),
        ("explain", "mnist:0", "--segmenter", "\x1b[2J"),
        ("\x1b[2J",),
        ("explain", "--\x1b[2J"),
    ],
)
def test_nothing_commands_the_terminal(network, capsys, options: tuple[str, ...]) -> None:
    main([option.format(network) for option in options])
    out, err = capsys.readouterr()
    assert out or err
    shows_signs_only(out, lines=True)
    shows_signs_only(err, lines=True)
    assert not re.search(r"^cilens: all", out + err, re.MULTILINE)


# --- Files of names ----------------------------------------------------------------------------


def test_damaged_names_are_refused_or_names(tmp_path: Path) -> None:
    path, read = tmp_path / "names.txt", 0
    for _, content in damaged(names_files(), 1500):
        path.write_bytes(content)
        with contextlib.suppress(FileError):
            assert all(isinstance(name, str) and name for name in read_names_file(path))
            read += 1
    assert 0 < read < 1500


def test_damaged_statements_are_refused_or_statements(tmp_path: Path) -> None:
    path, read = stated_path(tmp_path / "net.onnx"), 0
    for _, content in damaged(toml_files(), 1500):
        path.write_bytes(content)
        with contextlib.suppress(FileError):
            assert isinstance(read_stated(tmp_path / "net.onnx"), Stated)
            read += 1
    assert 0 < read < 1500


@pytest.mark.parametrize(
    "content",
    [
        b"a = " + b"[" * 100_000,
        b"a = " + b"{a=" * 100_000,
        b"a." * 100_000 + b"a = 1",
        b"output_range = [0, " + b"9" * 4000 + b"]",
        b"output_range = [0, 1e999]",
        b"output_range = [nan, 1]",
        b'class_names = ["\\uD83D"]',
        b'preprocess = "size=60000x60000"',
        b'preprocess = "size=1e999x1"',
        b'preprocess = "resize=60000"',
        b"activation = 1979-05-27T07:32:00Z",
        b"\xef\xbb\xbf\xef\xbb\xbf",
        b"\x00",
        b"#" * (5 << 20),
    ],
)
def test_statements_that_are_refused(content: bytes, tmp_path: Path) -> None:
    stated_path(tmp_path / "net.onnx").write_bytes(content)
    begun = time.process_time()
    with pytest.raises(FileError, match=r"net\.onnx\.cilens\.toml"):
        read_stated(tmp_path / "net.onnx")
    assert time.process_time() - begun < 5


def test_a_byte_order_mark_before_a_statement(tmp_path: Path) -> None:
    stated_path(tmp_path / "net.onnx").write_bytes(b'\xef\xbb\xbfactivation = "softmax"\r\n')
    assert read_stated(tmp_path / "net.onnx").activation == "softmax"


def test_half_a_sign_cannot_be_stated(tmp_path: Path) -> None:
    with pytest.raises(CilensError, match="no Unicode text"):
        write_stated(tmp_path / "net.onnx", Stated(class_names=("\ud83d",)))
    assert not list(tmp_path.iterdir())


def test_a_great_many_names(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(b"a\n" * (MOST_BYTES // 2 + 1))
    with pytest.raises(FileError, match="it has over 16,000,000 bytes"):
        read_names_file(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5000, "", "\ud83d"])
def test_metadata_that_is_no_list(text: str) -> None:
    with pytest.raises(FileError, match="must be a JSON list of texts"):
        read_names({CLASS_NAMES_KEY: text}, "a.onnx")
    with pytest.raises(CilensError, match="must be a JSON object"):
        cilens.Preprocess.from_json(text)


def test_half_a_sign_is_no_name() -> None:
    with pytest.raises(FileError, match="must be a JSON list of texts"):
        read_names({CLASS_NAMES_KEY: '["\\ud83d"]'}, "a.onnx")
    assert printable("\ud83d") == "\\ud83d"
