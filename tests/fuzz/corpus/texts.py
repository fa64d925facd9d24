"""Saved explanations, and what stands beside a model: statements and class names."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import made
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, stated_path, write_stated

Files = Iterator[tuple[str, bytes]]

NAMES = ("red", "green", "blue")


def explanations() -> Files:
    """Give explanations as `Explanation.save` writes them, and archives of other kinds."""
    folder = Path(tempfile.mkdtemp())
    path = folder / "one.npz"
    for name, explanation in {
        "grey": made.explanation([0.3, -0.1, 0.0, 0.2]),
        "colour": made.explanation([0.5], shape=(8, 8, 3)),
        "named": made.explanation(
            [0.5, 0.1], scores=(0.1, 0.8, 0.1), class_names=NAMES, region_names=("sky", "ground")
        ),
        "logits": made.explanation([0.2, 0.1], output_range=(-10.0, 10.0)),
    }.items():
        explanation.save(path)
        yield f"{name}.npz", path.read_bytes()
    np.savez(path, image=np.zeros((4, 4)))
    yield "another.npz", path.read_bytes()
    np.savez(path, version=np.array(2), texts=np.array([{"a": 1}], dtype=object))
    yield "pickle.npz", path.read_bytes()


def statements() -> Files:
    """Give statements as `cilens inspect` and `cilens calibrate` write them, and by hand."""
    model = Path(tempfile.mkdtemp()) / "net.onnx"
    model.write_bytes(b"")
    preprocess = Preprocess((8, 8), scale=255, mean=(0.1, 0.2, 0.3), std=(1, 2, 3))
    for name, stated in {
        "all": Stated(preprocess, "softmax", "mean", NAMES, (0.0, 1.0)),
        "ranges": Stated(class_names=NAMES, output_range=((-1.0, -2.0, -3.0), (4.0, 5.0, 6.0))),
        "little": Stated(Preprocess((8, 8))),
    }.items():
        write_stated(model, stated)
        yield f"{name}.toml", stated_path(model).read_bytes()
    yield (
        "by-hand.toml",
        (
            b'# mine\n\xef\xbb\xbfactivation = """none"""\noutput_range = [0, 1e0]\n'
            b"class_names = ['a', \"\\u00e9\", 'c']\n[tool.other]\nwhen = 1979-05-27T07:32:00Z\n"
        ),
    )


def class_names() -> Files:
    """Give class names in the forms that people have: lines, numbered, JSON, CSV, YAML, a dict."""
    numbered = dict(enumerate(NAMES))
    forms = {
        "lines.txt": "\n".join(NAMES) + "\n",
        "numbered.txt": "\n".join(f"{index}: {name}" for index, name in numbered.items()),
        "counted.txt": "\r\n".join(f"{index} {name}" for index, name in numbered.items()),
        "synsets.txt": "n01440764 tench, Tinca tinca\nn01443537 goldfish\nn01484850 white shark\n",
        "dict.txt": str(numbered),
        "list.json": json.dumps(NAMES),
        "index.json": json.dumps({str(index): name for index, name in numbered.items()}),
        "keras.json": json.dumps({str(index): ["n0", name] for index, name in numbered.items()}),
        "reversed.json": json.dumps({name: index for index, name in numbered.items()}),
        "table.csv": "index,name\n"
        + "\n".join(f"{index},{name}" for index, name in numbered.items()),
        "names.yaml": "names:\n"
        + "\n".join(f"  {index}: {name}" for index, name in numbered.items()),
        "list.yaml": "names: [red, green, blue]\n",
        "marks.txt": "\ufeff猫\n“dog”\nö\u200bx\n",
    }
    for name, text in forms.items():
        yield name, text.encode()
    yield "wide.txt", "\n".join(NAMES).encode("utf-16")
    yield "west.txt", "rot\ngrün\nblau".encode("latin-1")
