"""What stands beside a model file is read back exactly, is used, and gives way to the caller."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cilens
import tiny_onnx
from cilens.errors import CilensWarning, FileError, InputError
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import Stated, read_stated, stated_path, write_stated

P = Preprocess((8, 8))
NUMBER = st.floats(-1e300, 1e300)
PAIRS = st.tuples(NUMBER, NUMBER).filter(lambda pair: pair[0] < pair[1])
RANGES = PAIRS | st.lists(PAIRS, min_size=1, max_size=4).map(
    lambda pairs: tuple(zip(*pairs, strict=True))
)
POSITIVE = st.floats(1e-9, 1e9)
PREPROCESS = st.builds(
    Preprocess,
    size=st.tuples(st.integers(1, 999), st.integers(1, 999)),
    fit=st.sampled_from(["exact", "crop", "stretch"]),
    scale=POSITIVE,
    mean=NUMBER | st.tuples(NUMBER, NUMBER, NUMBER),
    std=POSITIVE | st.tuples(POSITIVE, POSITIVE, POSITIVE),
    layout=st.sampled_from(["NCHW", "NHWC"]),
)
STATED = st.builds(
    Stated,
    preprocess=st.none() | PREPROCESS,
    activation=st.sampled_from([None, "none", "softmax", "sigmoid"]),
    output=st.none() | st.text(),
    class_names=st.lists(st.text()).map(tuple),
    output_range=st.none() | RANGES,
    inputs=st.dictionaries(
        st.text(), NUMBER | st.integers(-(2**40), 2**40) | st.booleans() | st.tuples(NUMBER, NUMBER)
    ),
)


@given(STATED)
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_read_back(stated: Stated) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "net.onnx"
        assert write_stated(model, stated) == Path(folder) / "net.onnx.cilens.toml"
        assert read_stated(model) == stated


@pytest.mark.parametrize(
    "name", ['"quoted"', "back\\slash", "tab\tline\nend\r", "\x00\x1f\x7f", "é 猫 😀", ""]
)
def test_names_with_every_kind_of_sign(tmp_path: Path, name: str) -> None:
    write_stated(tmp_path / "net.onnx", Stated(output=name, class_names=(name, "cat")))
    read = read_stated(tmp_path / "net.onnx")
    assert (read.output, read.class_names) == (name, (name, "cat"))


def test_nothing_beside_the_file_states_nothing(tmp_path: Path) -> None:
    assert read_stated(tmp_path / "net.onnx") == Stated()


def test_it_is_used_and_the_caller_wins(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    white = np.ones((1, 8, 8, 3), np.float32)
    names = ("red", "green", "blue")
    write_stated(path, Stated(Preprocess((8, 8), scale=4), "softmax", class_names=names))
    stated = cilens.load_model(path)
    np.testing.assert_allclose(stated(white), [[1 / 3] * 3], rtol=1e-6)
    assert stated.class_names == names
    own = cilens.load_model(path, preprocess=P, activation="none", class_names=["r", "g", "b"])
    np.testing.assert_array_equal(own(white), [[1, 1, 1]])
    assert own.class_names == ("r", "g", "b")
    np.testing.assert_array_equal(cilens.load_model(path, activation="none")(white), [[4, 4, 4]])


def test_output_beside_the_file(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx", ("Softmax",), outputs=("logits", "softmax"))
    write_stated(path, Stated(P, output="softmax"))
    assert cilens.load_model(path).output == "softmax"
    assert cilens.load_model(path, output="logits").output == "logits"


def test_what_does_not_fit_the_network_names_the_file(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    write_stated(path, Stated(P, class_names=("cat", "dog")))
    with pytest.raises(
        InputError, match=r"output: 3; got 2 \(.*net\.onnx\.cilens\.toml is read too\)"
    ):
        cilens.load_model(path)
    stated_path(path).unlink()
    with pytest.raises(InputError, match=r"output: 3; got 2$"):
        cilens.load_model(path, preprocess=P, class_names=["cat", "dog"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("preprocess = ", r"must be TOML: .*; correct it, or delete it and run cilens inspect"),
        ('activation = "softmax\n', "must be TOML"),
        ('activaton = "none"', "unknown key 'activaton'; did you mean 'activation'"),
        ('activation = "softmx"', "unknown activation 'softmx'; did you mean 'softmax'"),
        ("activation = 3", "unknown activation '3'"),
        ("preprocess = 3", "preprocess must be a text"),
        ('preprocess = "siez=3x3"', "unknown preprocessing key 'siez'; did you mean 'size'"),
        ("output = 3", "output must be a text"),
        ('class_names = "cat"', "class_names must be a list of texts"),
        ("class_names = [1, 2]", "class_names must be a sequence of texts"),
        ("output_range = [1.0]", "output_range must be"),
        ("output_range = [1, [2]]", "output_range must be"),
        ("output_range = [[0, 0], [1]]", "output_range must be"),
        ("output_range = [[], []]", "output_range must be"),
        ("output_range = [-inf, inf]", "output_range must be"),
        ("output_range = [[0, 1], [2, 1]]", "absmin < absmax for each class"),
    ],
)
def test_damage(tmp_path: Path, text: str, message: str) -> None:
    path = stated_path(tmp_path / "net.onnx")
    path.write_text(text)
    with pytest.raises(FileError, match=rf"net\.onnx\.cilens\.toml.* {message}") as caught:
        cilens.load_model(tmp_path / "net.onnx")
    assert "\n" not in str(caught.value)


def test_no_text_at_all(tmp_path: Path) -> None:
    stated_path(tmp_path / "net.onnx").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="must be TOML"):
        read_stated(tmp_path / "net.onnx")
    stated_path(tmp_path / "dir.onnx").mkdir()
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_stated(tmp_path / "dir.onnx")


def test_whole_numbers_of_a_person_are_taken(tmp_path: Path) -> None:
    stated_path(tmp_path / "net.onnx").write_text("output_range = [-10, 10]")
    assert read_stated(tmp_path / "net.onnx").output_range == (-10.0, 10.0)


def test_files_of_one_stem_have_statements_of_their_own(tmp_path: Path) -> None:
    one = tiny_onnx.write(tmp_path / "net.onnx")
    write_stated(one, Stated(P, "softmax"))
    assert read_stated(tmp_path / "net.keras") == Stated()
    assert read_stated(one).activation == "softmax"


def test_a_statement_made_for_other_contents_is_refused(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    write_stated(path, Stated(P))
    moved = path.rename(tmp_path / "other.onnx")
    stated_path(path).rename(stated_path(moved))
    assert read_stated(moved) == Stated(P)  # it is the file that counts, under whatever name
    tiny_onnx.write(moved, gain=2)
    with pytest.raises(FileError, match=r"was made for another file: .*Delete its line sha256"):
        cilens.load_model(moved)
    lines = stated_path(moved).read_text().splitlines()
    stated_path(moved).write_text("\n".join(one for one in lines if not one.startswith("sha256")))
    assert cilens.load_model(moved).preprocess == P


def test_a_statement_named_as_they_were_is_told_of(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    (tmp_path / "net.cilens.toml").write_text('activation = "softmax"\n')
    with pytest.warns(CilensWarning, match=r"is not read: .*rename it net\.onnx\.cilens\.toml"):
        assert cilens.load_model(path, preprocess=P).activation == "none"
    write_stated(path, Stated(P))
    cilens.load_model(path)  # and no word where there is one of the file's own


def test_the_output_range_is_the_models(tmp_path: Path) -> None:
    path = tiny_onnx.write(tmp_path / "net.onnx")
    write_stated(path, Stated(P, "softmax", output_range=(-1.0, 2.0)))
    model = cilens.load_model(path)
    assert model.output_range == (-1.0, 2.0)
    assert cilens.load_model(path, preprocess=P, activation="softmax").output_range == (-1.0, 2.0)
    method = cilens.ContextualImportance(cilens.Grid(2, 2))
    image = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
    found = method(model, image)
    plain = method(cilens.StatedModel(model, (0, 1)), image)
    np.testing.assert_allclose(3 * found.influence, plain.influence, atol=1e-15)
    with pytest.warns(CilensWarning, match="measured with another activation, and is not used"):
        assert cilens.load_model(path, activation="none").output_range is None
    again = pickle.loads(pickle.dumps(model))
    assert again.output_range == (-1.0, 2.0)


def test_a_byte_order_mark_is_no_part_of_the_toml(tmp_path: Path) -> None:
    stated_path(tmp_path / "net.onnx").write_bytes('\ufeffactivation = "softmax"\n'.encode())
    assert read_stated(tmp_path / "net.onnx").activation == "softmax"


@pytest.mark.parametrize("text", ["inputs = 3", "inputs = [1]", 'inputs = {age = "old"}'])
def test_inputs_are_a_table_of_numbers(tmp_path: Path, text: str) -> None:
    stated_path(tmp_path / "net.onnx").write_text(text)
    with pytest.raises(FileError, match=r"net\.onnx\.cilens\.toml: inputs.* must be"):
        read_stated(tmp_path / "net.onnx")
