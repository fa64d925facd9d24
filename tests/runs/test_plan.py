"""What a run is about: tables of images, their labels, and what changes the results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from onnx import TensorProto, helper, numpy_helper
from pyarrow import parquet

from cilens.errors import FileError, InputError
from cilens.findings.examine import prepare
from cilens.findings.request import MethodOptions, ModelOptions, Request, RunOptions
from cilens.runs.plan import Task, fingerprint, plan
from cilens.runs.schema import VERSION

DIGITS = prepare(Request(["mnist:0"]))
KEPT = RunOptions(out=Path("results"))


def test_collections_have_labels_where_the_model_has_the_class() -> None:
    made = plan(["mnist:0-1", "shapes:0"], DIGITS)
    assert [made.part(number, 2) for number in range(made.count(2))] == [
        [Task(0, "mnist:0", 7), Task(1, "mnist:1", 2)],
        [Task(2, "shapes:0", None)],
    ]
    shapes = plan(["shapes:0-2"], prepare(Request(["shapes:0"], "shapes")))
    assert shapes.table["label"].to_pylist() == [0, 1, 2]


def test_all_of_a_collection() -> None:
    made = plan(["mnist:test"], DIGITS)
    assert len(made) == 10_000
    assert made.table["image"][9999].as_py() == "mnist:9999"


def test_a_csv_file_has_paths_from_its_folder_labels_and_more(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("ward,image,label,age\nA,x/1.png,7,41\nB,mnist:3,,52\n", encoding="utf-8")
    made = plan([str(path), "mnist:0"], DIGITS)
    tasks = made.part(0, 10)
    named = [str(tmp_path / "x/1.png"), "mnist:3", "mnist:0"]
    assert tasks == [Task(at, *two) for at, two in enumerate(zip(named, [7, None, 7], strict=True))]
    assert made.further == ["ward", "age"]
    assert made.more(1) == {"ward": "B", "age": 52}
    assert made.more(2) == {"ward": None, "age": None}


def test_a_parquet_file_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "set.parquet"
    parquet.write_table(pa.table({"image": ["mnist:0"], "label": [7], "at": [0.5]}), path)
    made = plan([str(path)], DIGITS)
    assert made.part(0, 1) == [Task(0, "mnist:0", 7)]
    assert made.more(0) == {"at": 0.5}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("name,label\na.png,7\n", FileError, "must have a column image; it has name, label"),
        ("image,score\na.png,1\n", FileError, "has a column score, as a run or the table has"),
        ("image,Score\na.png,1\n", FileError, "has a column Score, as a run or the table has"),
        ("image,at,At\na.png,1,2\n", FileError, "has a column at, as a run or the table has"),
        ("image,label\na.png,seven\n", InputError, "a label must be a class of the model"),
        ("image\n", InputError, "at least one image; the tables have none"),
        ("image,label\n,7\n", FileError, "must name a file in each row"),
        ("image,label\n-,7\n", FileError, "must name a file in each row"),
        ("image,label\na.png,7\nb.png\n", FileError, "is damaged or not a table of images"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, text: str, error: Any, said: str) -> None:
    path = tmp_path / "set.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=said):
        plan([str(path)], DIGITS)


def test_tables_that_do_not_agree_are_refused(tmp_path: Path) -> None:
    for name, at in (("one", [1]), ("two", [["a"]])):
        parquet.write_table(
            pa.table({"image": ["mnist:0"], "at": at}), tmp_path / f"{name}.parquet"
        )
    named = [str(tmp_path / f"{name}.parquet") for name in ("one", "two")]
    with pytest.raises(FileError, match="columns of one name and different types"):
        plan(named, DIGITS)


def prints(asked: Request, images: list[str] | None = None) -> dict[str, str]:
    """Return the fingerprint of a run."""
    examiner = prepare(asked)
    return fingerprint(asked, KEPT, examiner, plan(images or asked.images, examiner))


def test_the_fingerprint_has_versions_machine_options_method_model_and_images() -> None:
    found = prints(Request(["mnist:0"]))
    assert found["schema"] == str(VERSION)
    assert {"cilens", "numpy", "onnxruntime", "processor", "--threshold", "--part"} <= set(found)
    assert found["method"] == repr(DIGITS.method)
    assert any(name.endswith("digits.onnx") for name in found)
    assert "--timeout" not in found
    assert "--images" not in found


def test_labels_and_order_are_in_the_fingerprint(tmp_path: Path) -> None:
    asked, marks = Request(["mnist:0-1"]), set()
    for at, text in enumerate(
        ("mnist:0,7\nmnist:1,2", "mnist:0,7\nmnist:1,3", "mnist:1,2\nmnist:0,7")
    ):
        path = tmp_path / f"{at}.csv"
        path.write_text(f"image,label\n{text}\n", encoding="utf-8")
        marks.add(prints(asked, [str(path)])["images"])
    assert len(marks) == 3


def test_files_that_parts_and_models_name_are_in_the_fingerprint(tmp_path: Path) -> None:
    labels, names = tmp_path / "cut.npy", tmp_path / "names.txt"
    np.save(labels, np.arange(784).reshape(28, 28) // 400)
    names.write_text("\n".join("abcdefghij"), encoding="utf-8")
    asked = Request(
        ["mnist:0"],
        stated=ModelOptions(class_names=names),
        how=MethodOptions("contextual", segmenter=[f"labels:source={labels}"]),
    )
    before = prints(asked)
    np.save(labels, np.arange(784).reshape(28, 28) // 300)
    after = prints(asked)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"the file {labels}"}
    assert f"the file {names}" in before


def test_weights_in_another_file_are_in_the_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    weights = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["x"], ["f"]),
            helper.make_node("Gemm", ["f", "w"], ["g"]),
            helper.make_node("Softmax", ["g"], ["y"]),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save_model(model, path, save_as_external_data=True, location="net.data", size_threshold=0)
    asked = Request(["mnist:0"], str(path), ModelOptions(preprocess="size=8x8,channels=1"))
    before = prints(asked)
    data = bytearray((tmp_path / "net.data").read_bytes())
    data[5] ^= 1
    (tmp_path / "net.data").write_bytes(data)
    after = prints(asked)
    assert {name for name in before if before[name] != after[name]} == {
        f"the file {tmp_path / 'net.data'}"
    }


def test_seeds_are_in_the_fingerprint() -> None:
    one, other = (
        prints(Request(["mnist:0"], how=MethodOptions(f"sampled:seed={seed}"))) for seed in (0, 1)
    )
    assert "seed=1" in other["method"]
    assert one["method"] != other["method"]


def test_what_changes_no_result_is_left_out() -> None:
    plain, patient = Request(["mnist:0"]), Request(["mnist:0"], stated=ModelOptions(timeout=9.0))
    assert prints(plain) == prints(replace(plain, stated=patient.stated))


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    try:
        (tmp_path / "caf\udce9.png").write_bytes(b"")
    except OSError:
        pytest.skip("this file system takes text alone")
    with pytest.raises(InputError, match=r"caf.*\.png has a name that is no text"):
        plan([str(tmp_path)], DIGITS)
