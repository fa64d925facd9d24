"""An explanation is frozen, answers for every class, and comes back from its file exactly."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import made
from cilens.errors import FileError, InputError
from cilens.explanation import Explanation
from cilens.explanation.record import _TEXTS, FORMAT
from cilens.files import write_npz
from cilens.methods import ContextualImportance, SampledImportance
from cilens.methods.edges import EdgeDetector
from cilens.methods.occlusion import Occlusion
from cilens.perturbation import Constant
from cilens.segmentation import Grid, Labels

CLASSES = ("left", "right", "42")


class Halves:
    """Scores the brightness of the left half, of the right half, and of nothing."""

    class_names = CLASSES

    def view(self, image):
        from cilens.types import View

        return View(image, (1.0, 2.0, 5.0, 6.5))

    def __call__(self, images):
        means = images.mean(axis=(1, 3))
        return np.stack([means[:, :2].mean(axis=1), means[:, 2:].mean(axis=1), 0 * means[:, 0]], 1)


@pytest.fixture
def explanation():
    image = np.linspace(0.5, 1.0, 16, dtype=np.float32).reshape(4, 4, 1)
    return ContextualImportance(Grid(rows=1, columns=2))(Halves(), image)


def test_arrays_are_read_only_copies(explanation):
    for field in dataclasses.fields(explanation):
        value = getattr(explanation, field.name)
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable
    with pytest.raises(dataclasses.FrozenInstanceError):
        explanation.method = "another"


def test_targets_are_indices_or_names(explanation):
    assert explanation.predicted == explanation.target() == explanation.target("right") == 1
    assert explanation.target(0) == explanation.target("0") == 0
    assert explanation.target("42") == 2  # a name goes before an index
    assert explanation.class_name(0) == "left"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (3, r"class index must be in 0 … 2; got 3"),
        (-1, "got -1"),
        ("7", "got 7"),
        ("rigth", "unknown class 'rigth'; did you mean 'right'?"),
    ],
)
def test_targets_that_do_not_exist_are_refused(explanation, target, message):
    with pytest.raises(InputError) as error:
        explanation.target(target)
    assert message in str(error.value)


def test_a_name_that_several_classes_have_is_refused(explanation):
    twice = dataclasses.replace(explanation, class_names=("crane", "crane", "heron"))
    assert twice.class_name() == "crane"
    with pytest.raises(
        InputError, match=r"'crane' stands for the classes \[0, 1\]: give the index"
    ):
        twice.target("crane")


def test_names_need_names(explanation):
    nameless = dataclasses.replace(explanation, class_names=())
    assert nameless.class_name() == "1"
    with pytest.raises(InputError, match="classes have no names"):
        nameless.target("right")
    with pytest.raises(InputError, match="class_names must be 3, one for each class; got 2"):
        dataclasses.replace(explanation, class_names=("a", "b"))


def test_saliency_and_highlight_are_painted_from_the_regions(explanation):
    saliency = explanation.saliency("left")
    np.testing.assert_array_equal(saliency[:, :2], explanation.influence[0, 0])
    np.testing.assert_array_equal(saliency[:, 2:], 0.0)
    np.testing.assert_array_equal(explanation.highlight("left"), [[True, True, False, False]] * 4)
    edge = explanation.influence[0, 0]
    assert explanation.highlight("left", threshold=edge).any()  # inclusive
    assert not explanation.highlight("left", threshold=np.nextafter(edge, 1)).any()
    assert not explanation.highlight("42").any()


def test_areas_and_centroids_are_the_regions():
    labels = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]])
    method = ContextualImportance(Labels(labels), regions={"a": [0], "b": [1, 2]})
    e = method(lambda images: images.mean(axis=(1, 2)), np.ones((3, 3)))
    np.testing.assert_allclose(e.areas(), [4 / 9, 5 / 9])
    np.testing.assert_allclose(e.centroids(), [[0.5, 0.5], [7 / 5, 7 / 5]])


def test_everything_comes_back_exactly(explanation, tmp_path):
    explanation.save(tmp_path / "e.npz")
    loaded = Explanation.load(tmp_path / "e.npz")
    for field in dataclasses.fields(explanation):
        before, after = getattr(explanation, field.name), getattr(loaded, field.name)
        assert type(before) is type(after)
        if isinstance(before, np.ndarray):
            assert before.dtype == after.dtype
            np.testing.assert_array_equal(before, after)
        else:
            assert before == after


def rewritten(path, **changes):
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    for name, value in changes.items():
        if value is None:
            del arrays[name]
        else:
            arrays[name] = value
    np.savez(path, **arrays)


def test_a_newer_format_is_named(explanation, tmp_path):
    explanation.save(tmp_path / "e.npz")
    rewritten(tmp_path / "e.npz", version=np.array(FORMAT + 1))
    with pytest.raises(FileError, match=f"format {FORMAT + 1}, this cilens reads up to {FORMAT}"):
        Explanation.load(tmp_path / "e.npz")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no archive"),
        lambda path: path.write_bytes(path.read_bytes()[:-300]),
        lambda path: rewritten(path, influence=None),
        lambda path: rewritten(path, texts=np.array("{")),
        lambda path: rewritten(path, texts=np.array(json.dumps({"box": [0, 0, 1, 1]}))),
        lambda path: rewritten(path, influence=np.zeros((1, 3))),
        lambda path: rewritten(path, scores=np.zeros(4)),
        lambda path: rewritten(path, regions=np.zeros(3, bool)),
    ],
)
def test_a_damaged_file_is_named(explanation, tmp_path, spoil):
    explanation.save(tmp_path / "e.npz")
    spoil(tmp_path / "e.npz")
    with pytest.raises(FileError, match="damaged or not a cilens explanation"):
        Explanation.load(tmp_path / "e.npz")


def test_flipped_bytes_are_found(explanation, tmp_path):
    path = tmp_path / "e.npz"
    explanation.save(path)
    whole = bytearray(path.read_bytes())
    whole[200] ^= 0xFF
    path.write_bytes(whole)
    with pytest.raises(FileError, match="damaged"):
        Explanation.load(path)


def test_paths_are_checked(explanation, tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        Explanation.load(tmp_path / "none.npz")
    with pytest.raises(InputError, match=r"saved as \.npz"):
        explanation.save(tmp_path / "e.npy")


def test_its_print_says_what_it_is(explanation):
    assert repr(explanation) == (
        "<Explanation of 'right' (78.3%): 1 of 2 regions important, 4 x 4 x 1, 3 model rows>"
    )


def test_margins_come_back_and_say_which_signs_are_sure(explanation, tmp_path):
    assert explanation.margin is None
    assert explanation.sure().all()
    margin = np.full_like(explanation.influence, 0.3)
    unsure = dataclasses.replace(explanation, margin=margin)
    assert not unsure.margin.flags.writeable
    sizes = np.abs(explanation.influence[:, 1])
    assert unsure.sure("right").tolist() == (sizes > 0.3).tolist() == [False, True]
    unsure.save(tmp_path / "e.npz")
    np.testing.assert_array_equal(Explanation.load(tmp_path / "e.npz").margin, margin)
    explanation.save(tmp_path / "e.npz")
    assert Explanation.load(tmp_path / "e.npz").margin is None


def test_a_file_of_the_first_format_is_read(explanation, tmp_path):
    explanation.save(tmp_path / "e.npz")
    rewritten(tmp_path / "e.npz", version=np.array(1))
    assert Explanation.load(tmp_path / "e.npz").margin is None


def test_a_file_of_the_fourth_format_keeps_the_words_of_its_time():
    """Written when `segmenters` were a `segmenter` and those it was asked with `also`."""
    found = Explanation.load(Path(__file__).parent / "old" / "format-4.npz")
    assert "segmenter=Grid(rows=2, columns=1)" in found.method
    assert "also=(Grid(rows=1, columns=2),), fills=()" in found.method
    again = SampledImportance((Grid(2, 1), Grid(1, 2)), (Constant(0.0),), budget=17)(
        lambda images: images.mean(axis=(1, 2)), found.image
    )
    assert again.region_names == found.region_names
    np.testing.assert_array_equal(again.influence, found.influence)
    np.testing.assert_array_equal(again.margin, found.margin)


@pytest.mark.parametrize(
    "again", [copy.deepcopy, copy.copy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_copies_are_equal_and_read_only(explanation, again):
    found = again(explanation)
    for field in dataclasses.fields(explanation):
        before, after = getattr(explanation, field.name), getattr(found, field.name)
        if isinstance(before, np.ndarray):
            assert not after.flags.writeable
            np.testing.assert_array_equal(before, after)
        else:
            assert before == after


def test_a_copy_is_checked(explanation):
    with pytest.raises(InputError, match=r"influence must be in \[-1, 1\]"):
        copy.copy(made.unchecked(explanation, influence=7 * np.ones((2, 3))))


def test_arrays_that_somebody_else_could_write_to_are_copied(explanation):
    owner = np.array(explanation.influence)
    view = owner[:]
    view.setflags(write=False)
    found = dataclasses.replace(explanation, influence=view)
    owner[:] = 0.9
    np.testing.assert_array_equal(found.influence, explanation.influence)


def test_what_is_no_plain_array_is_refused(explanation, unchecked):
    masked = np.ma.masked_array(explanation.scores, mask=[True, False, False])
    with pytest.raises(InputError, match=r"scores must be a numpy array.* MaskedArray"):
        dataclasses.replace(explanation, scores=masked)
    longs = explanation.segments.astype(np.longlong)
    assert dataclasses.replace(explanation, segments=longs).segments.dtype == np.longlong


def test_what_was_asked_is_a_field_that_older_files_lack(tmp_path):
    methods = {
        "one-out": ContextualImportance(Grid(1, 2)),
        "one-in": ContextualImportance(Grid(1, 2), strategy="one-in"),
        "windows": Occlusion(2, 2),
        "contexts": SampledImportance((Grid(1, 2),), budget=9),
        "other": EdgeDetector(Grid(1, 2)),
    }
    brightness = lambda images: images.mean(axis=(1, 2))  # noqa: E731
    for asked, method in methods.items():
        assert method(brightness, np.ones((4, 4, 1))).asked == asked
    one = methods["one-out"](brightness, np.ones((4, 4, 1)))
    texts = {name: getattr(one, name) for name in _TEXTS if name != "asked"}
    write_npz(tmp_path / "old.npz", 3, texts, one._arrays())
    assert Explanation.load(tmp_path / "old.npz").asked == "other"
    one.save(tmp_path / "new.npz")
    assert Explanation.load(tmp_path / "new.npz").asked == "one-out"


def test_important_is_sure_and_above_the_threshold():
    explanation = made.explanation([0.3, 0.3, -0.3, -0.3], margin=[0.2, 0.31, 0.2, 0.31])
    assert explanation.important(1).tolist() == [True, False, False, False]
    assert explanation.opposing(1).tolist() == [False, False, True, False]
    assert explanation.kept(1).tolist() == [True, False, False, False]
    assert not explanation.important(1, 0.31).any()
    assert not explanation.opposing(1, 0.31).any()


def test_of_several_cuts_the_map_is_highlighted_and_not_every_region_that_touches_it():
    half = made.explanation([0.0, 0.0, 0.0, 0.0])
    regions = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]], dtype=bool)
    influence = np.array([[0, 0.3], [0, -0.3], [0, 0.2], [0, 0.0]], dtype=float)
    several = dataclasses.replace(half, regions=regions, influence=influence)
    assert several.important(1).tolist() == [True, False, True, False]
    assert several.kept(1).tolist() == [True, True, False, False]  # 0.25, 0.15, -0.05, -0.15
    unsure = dataclasses.replace(several, margin=np.full((4, 2), 0.4))
    assert not unsure.kept(1).any()
