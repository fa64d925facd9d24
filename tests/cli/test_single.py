"""A network that takes one image at a time is asked so by every command, and that is said once."""

from __future__ import annotations

from pathlib import Path

import PIL.Image

import cilens
import tiny_onnx

P = cilens.Preprocess((8, 8))


def test_the_command_line_says_so_once(run, tmp_path: Path) -> None:
    PIL.Image.new("RGB", (8, 8), (200, 30, 90)).save(tmp_path / "a.png")
    given = (
        tmp_path / "a.png",
        "--model",
        tiny_onnx.write_baked(tmp_path / "net.onnx"),
        "--preprocess",
        str(P),
    )
    for command in (("explain", "--budget", 90), ("compare", "--budget", 40), ("evaluate",)):
        ran = run(command[0], *given, *command[1:], "--json")
        assert (ran.code, ran.err.count("one image at a time")) == (0, 1)
        assert run(command[0], *given, *command[1:], "--json", "--batch-size", 1).err == ""
