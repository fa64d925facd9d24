"""Several images end with a summary; one image and JSON do not."""

from __future__ import annotations


def test_several_images_end_with_a_summary_and_one_does_not(run, tmp_path) -> None:
    (tmp_path / "damaged.png").write_bytes(b"")
    ran = run("explain", "shapes:0-3", tmp_path / "damaged.png", "--model", "shapes")
    assert ran.code == 1
    lines = [line for line in ran.out.splitlines() if line.strip()]
    head = lines.index("4 images explained, 1 failed")
    assert lines[head + 1] == "Predicted: circle (2), square (1), triangle (1)"
    assert lines[head + 3].startswith("Strongest regions: ")
    assert lines[-1].startswith("Highlights: ") or len(lines) > head + 5  # a long line is wrapped
    assert "explained" not in run("explain", "shapes:0", "--model", "shapes").out
    assert len(run("explain", "shapes:0-1", "--model", "shapes", "--json").json()) == 2
