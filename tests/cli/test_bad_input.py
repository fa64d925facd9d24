"""Bad input: one line on standard error, an exit code that is not 0, nothing half-written."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cilens.findings import examine
from cilens.findings.request import ModelOptions
from command_line import left_over, raw_digit

STATED = ["--preprocess", "size=28x28,channels=1,scale=255"]


def save(path: Path, image: PIL.Image.Image | None = None, **options) -> Path:
    (image or PIL.Image.fromarray(raw_digit())).save(path, **options)
    return path


def test_missing(run, tmp_path: Path) -> None:
    run("explain", tmp_path / "none.png").refused("none.png does not exist", code=1)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n"])
def test_not_an_image(run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    run("explain", path, "--out", tmp_path / "out").refused("bad.png", "image", code=1)
    assert left_over(tmp_path / "out") == []


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
def test_truncated(run, tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"bad{suffix}")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    run("explain", path).refused(f"bad{suffix}", code=1)


def test_directory_without_images(run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    run("explain", "mnist:0", tmp_path).refused("holds no image")


def test_pattern_without_match(run, tmp_path: Path) -> None:
    run("explain", tmp_path / "*.png").refused("no file matches")


def test_formats_are_converted(run, tmp_path: Path) -> None:
    raw = raw_digit()
    grey = PIL.Image.fromarray(raw)
    wide = PIL.Image.fromarray(raw.astype(np.uint16) * 257)
    turned = grey.transpose(PIL.Image.Transpose.ROTATE_90)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 270 degrees to see it upright
    clear = PIL.Image.merge("LA", [grey, PIL.Image.new("L", grey.size, 255)])
    files = [
        save(tmp_path / "palette.png", grey.convert("P")),
        save(tmp_path / "cmyk.tif", grey.convert("CMYK")),
        save(tmp_path / "rgba.png", grey.convert("RGBA")),
        save(tmp_path / "clear.png", clear),
        save(tmp_path / "turned.png", turned, exif=exif),
        save(tmp_path / "sixteen.png", wide),
    ]
    ran = run("explain", "mnist:0", *files, "--channels", 1, "--json")
    assert (ran.code, ran.err) == (0, "")
    plain, *converted = ran.json()
    for record in converted:
        assert record["predicted"]["score"] == pytest.approx(plain["predicted"]["score"], abs=1e-3)
        assert record["predicted"]["index"] == 7


def test_one_pixel(run, tmp_path: Path) -> None:
    path = save(tmp_path / "one.png", PIL.Image.new("RGB", (1, 1), "red"))
    (record,) = run("explain", path, "--model", "imagenet", "--json").json()
    assert len(record["regions"]) >= 1
    run("explain", path, "--channels", 1).refused("28 x 28", "1 x 1", "--model imagenet", code=1)


def test_huge_is_refused_before_it_is_decoded(run, tmp_path: Path, monkeypatch) -> None:
    path = save(tmp_path / "huge.png", PIL.Image.new("1", (20_000, 20_000)))

    def decode(*_) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(PIL.Image.Image, "load", decode)
    monkeypatch.setattr(PIL.ImageFile.ImageFile, "load", decode)
    run("explain", path).refused("400,000,000 pixels", "100,000,000", "--max-pixels", code=1)


def test_limit_can_be_moved(run, digit: Path) -> None:
    run("explain", digit, "--max-pixels", 783).refused("784 pixels", "783", code=1)
    assert run("explain", digit, "--max-pixels", 784).code == 0


def test_animated_gif(run, tmp_path: Path) -> None:
    frames = [PIL.Image.new("L", (28, 28), level) for level in (0, 200)]
    path = save(tmp_path / "two.gif", frames[0], save_all=True, append_images=frames[1:])
    run("explain", path).refused("two.gif holds 2 frames", code=1)


def test_a_frame_and_a_window_are_stated(run, tmp_path: Path) -> None:
    raw = raw_digit()
    frames = [PIL.Image.new("L", raw.shape, 9), PIL.Image.fromarray(raw)]
    film = save(tmp_path / "film.gif", frames[0], save_all=True, append_images=frames[1:])
    deep = save(tmp_path / "deep.png", PIL.Image.fromarray(raw.astype(np.uint16) * 16))
    run("explain", deep).refused("deep.png has 16-bit unsigned pixels", "--white", code=1)
    plain, second = run("explain", "mnist:0", "--json"), ("--frame", 1, "--channels", 1, "--json")
    (expected,) = plain.json()
    for found in (run("explain", film, *second), run("explain", deep, "--white", 4080, "--json")):
        (record,) = found.json()
        assert record["predicted"]["score"] == pytest.approx(expected["predicted"]["score"])


@pytest.mark.parametrize("data", [b"", b"hello"])
def test_bad_standard_input(run, monkeypatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    run("explain", "-").refused("cilens: standard input is", code=1)


def test_standard_input_twice(run) -> None:
    run("explain", "-", "-").refused("- is given more than once")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--segmenter", "slick"], "unknown segmenter 'slick'; did you mean 'slic'?"),
        (["--segmenter", "slic:segments=4"], "did you mean 'n_segments'?"),
        (["--segmenter", "slic:n_segments=0"], "n_segments must be above 0; got 0"),
        (["--segmenter", "labels"], "labels needs source"),
        (["--perturbation", "constat"], "did you mean 'constant'?"),
        (["--perturbation", "blur", "--perturbation", "noise:seed=x"], "noise: seed must be"),
        (["--method", "papr"], "unknown method 'papr'; did you mean 'paper'?"),
        (["--method", "occlusion", "--segmenter", "slic"], "method occlusion takes no --segmenter"),
        (["--method", "occlusion", "--strategy", "one-in"], "takes no --strategy"),
        (["--strategy", "one-in"], "default takes no --strategy (--method contextual does)"),
        (
            ["--method", "lime", "--segmenter", "grid", "--segmenter", "slic"],
            "the method lime takes one --segmenter; several: --method sampled",
        ),
        (["--method", "paper", "--budget", "50"], "the method paper takes no --budget"),
        (["--budget", "2", "--method", "sampled"], "SampledImportance.budget must be at least 3"),
        (["--budget", "3"], "budget must be at least 17: with fewer rows"),
        (["--method", "random", "--perturbation", "blur"], "takes no --perturbation"),
        (
            ["--method", "lime", "--perturbation", "blur", "--perturbation", "noise"],
            "lime takes one --perturbation; several: --method sampled and --method contextual",
        ),
        (
            ["--method", "contextual", "--strategy", "one"],
            "strategy must be 'one-out' or 'one-in'; got 'one'",
        ),
        (["--output-range", "1", "0"], "absmin < absmax"),
        (["--threshold", "nan"], "--threshold is a share of the output range"),
        (["--threshold", "much"], "Invalid value for '--threshold'"),
        (["--thershold", "1"], "--threshold"),
        (["--channels", "2"], "--channels must be 1 (grey) or 3 (RGB); got 2"),
        (["--batch-size", "0"], "--batch-size must be at least 1; got 0"),
        (["--target", "10"], "a class index must be in 0 … 9; got 10"),
        (["--target", "seven"], "unknown class 'seven'"),
        (["--model", "digit"], "unknown model 'digit'; did you mean 'digits'?"),
        (["--model", "none.onnx"], "none.onnx"),
        (["--model", "network.pkl"], "never"),
        (["--class-names", "none.txt"], "none.txt"),
        (["--activation", "sofmax"], "did you mean 'softmax'?"),
        (["--preprocess", "siez=28x28"], "did you mean 'size'?"),
        (["--preprocess", "size=28"], "size"),
        (["--output-name", "logits"], "logits"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_options_are_refused_before_any_work(run, tmp_path, options, message) -> None:
    ran = run("explain", "mnist:0", "--out", tmp_path / "out", *options)
    ran.refused(message)
    assert not (tmp_path / "out").exists()


def test_class_names_of_another_number(run, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("one\ntwo\n")
    run("explain", "mnist:0", "--class-names", names).refused("10", "2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explian"], "Did you mean 'explain'?"),
        (["explain"], "Missing argument 'IMAGE'"),
        (["train", "digits"], "Missing option '--data'"),
        (["--json"], "--json"),
    ],
)
def test_bad_commands(run, arguments: list[str], message: str) -> None:
    run(*arguments).refused(message, "--help)")


@pytest.mark.slow
def test_one_bad_image_among_many(run, digit: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"hello")
    out = tmp_path / "out"
    ran = run("explain", bad, digit, "none.png", "mnist:1", "skimage:moon", "--out", out)
    assert ran.code == 1
    lines = ran.err.splitlines()
    assert lines[0] == "cilens: 3 of 5 images failed:"
    assert [line.startswith("cilens: ") for line in lines] == [True] * 4
    for line, name in zip(lines[1:], ["bad.png", "none.png", "skimage:moon"], strict=True):
        assert name in line
    assert "seven.png" in ran.out
    assert "mnist:1" in ran.out
    assert len(left_over(out)) == 10


def test_failures_and_json(run, tmp_path: Path) -> None:
    ran = run("explain", "none.png", "mnist:1", "--json")
    assert ran.code == 1
    assert [record["image"] for record in ran.json()] == ["mnist:1"]
    assert ran.err.splitlines() == [
        "cilens: 1 of 2 images failed:",
        "cilens: none.png does not exist",
    ]
    ran = run("explain", "none.png", "--json")
    assert (ran.code, json.loads(ran.out)) == (1, [])


def test_too_little_memory(run, monkeypatch) -> None:
    def greedy(*_, **__) -> None:
        raise MemoryError

    monkeypatch.setattr(examine, "explain_plans", greedy)
    run("explain", "mnist:0").refused("not enough memory", "--batch-size", code=1)
    monkeypatch.setattr(ModelOptions, "load", greedy)
    run("explain", "mnist:0").refused("not enough memory", "--batch-size", code=1)
