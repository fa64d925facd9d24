"""A request is read from TOML with the checks of the command line, and written as it is read."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import FileError
from cilens.findings.request import (
    CompareRequest,
    EvaluateRequest,
    Request,
    assembled,
    options_of,
)
from cilens.findings.request.document import read_options, read_request, write_request
from cilens.findings.request.option import flat

KINDS = [Request, CompareRequest, EvaluateRequest]


def written(folder: Path, text: str) -> Path:
    path = folder / "request.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(folder: Path, text: str, *words: str) -> None:
    path = written(folder, text)
    with pytest.raises(FileError) as caught:
        read_request(path, Request)
    for word in (str(path), *words):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_options_are_told_by_name_whatever_record_they_are_in(tmp_path: Path) -> None:
    text = 'images = ["mnist:0"]\nmethod = "paper"\nbatch_size = 8\nthreshold = 1\nminimal = true\n'
    found = read_request(written(tmp_path, text), Request)
    assert (found.how.method, found.stated.batch_size) == ("paper", 8)
    assert (found.told.threshold, found.told.minimal) == (1, True)
    assert found.told.animate is False


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("batch-size = 8", ("unknown option 'batch-size'", "did you mean 'batch_size'?")),
        ('methd = "paper"', ("did you mean 'method'?",)),
        ('batch_size = "8"', ("batch_size must be a whole number", "'8'")),
        ("batch_size = 0", ("at least 1; got 0",)),
        ("threshold = nan", ("threshold must be finite",)),
        ("output_range = [0, 1, 2]", ("output_range must be",)),
        ("minimal = 1", ("minimal must be True or False",)),
        ('segmenter = ["slic", 3]', ("each segmenter must be text; got 3",)),
        ("segmenter = 3.5", ("segmenter must be",)),
        ("[method]\nname = 1", ("method must be text",)),
        ("a.b.c.d.e.f.g.h.i = 1", ("must be TOML",)),
        ("threshold", ("must be TOML",)),
    ],
)
def test_what_is_no_option_or_no_value_is_refused(
    tmp_path: Path, line: str, words: tuple[str, ...]
) -> None:
    refused(tmp_path, f'images = ["mnist:0"]\n{line}\n', *words)


def test_what_must_be_given_is_asked_for(tmp_path: Path) -> None:
    refused(tmp_path, "threshold = 0.05\n", "images must be given")
    assert read_options(written(tmp_path, "threshold = 0.05\n"), Request) == {"threshold": 0.05}


def test_a_class_may_be_an_index(tmp_path: Path) -> None:
    assert read_options(written(tmp_path, "target = 7"), Request) == {"target": "7"}


def test_paths_start_at_the_files_folder(tmp_path: Path) -> None:
    (tmp_path / "one[1].png").touch()
    text = """
images = ["a.png", "photos/*.jpg", "one[1].png", "mnist:0-3", "-", "/b.png", "./mnist:0"]
model = "nets/net.onnx"
class_names = "names.txt"
segmenter = ["labels:source=map.png", "slic:n_segments=9", "none such:a=b"]
perturbation = ["picture:source=mean.npy,edge_width=1.0"]
method = "sampled:perturbations=picture:source=a.npy+constant"
"""
    found = read_request(written(tmp_path, text), Request)
    here = str(tmp_path)
    assert found.images == [
        *(f"{here}/a.png", f"{here}/photos/*.jpg", f"{here}/one[1].png"),
        *("mnist:0-3", "-", "/b.png", f"{here}/mnist:0"),
    ]
    assert (found.model, found.stated.class_names) == (
        f"{here}/nets/net.onnx",
        tmp_path / "names.txt",
    )
    assert found.how.segmenter is not None
    assert found.how.segmenter[0] == f"labels:source={here}/map.png"
    assert found.how.segmenter[1:] == ["slic:n_segments=9", "none such:a=b"]
    assert found.how.perturbation == [f"picture:source={here}/mean.npy,edge_width=1.0"]
    assert found.how.method == f"sampled:perturbations=picture:source={here}/a.npy+constant"


def test_a_pattern_in_a_folder_with_signs_of_patterns_is_still_one(tmp_path: Path) -> None:
    folder = tmp_path / "set [1]"
    folder.mkdir()
    (folder / "a.png").touch()
    found = read_request(written(folder, 'images = ["*.png"]'), Request)
    from cilens.findings.series import sources_of

    assert sources_of(found.images) == [str(folder / "a.png")]


def test_names_of_networks_that_ship_are_no_paths(tmp_path: Path) -> None:
    text = 'images = ["mnist:0"]\nmodel = "imagenet"\n'
    assert read_request(written(tmp_path, text), Request).model == "imagenet"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = {
    "budget": st.integers(1, 10**6),
    "batch_size": st.integers(1, 10**6),
    "output_range": st.tuples(*[st.floats(-1e300, 1e300)] * 2),
    "threshold": st.floats(0, 1, exclude_min=True),
    "above": st.floats(0, 1),
    "minimal": st.booleans(),
    "target": TEXT,
    "group": st.lists(TEXT, min_size=1, max_size=3),
    "class_names": TEXT.filter(lambda text: "\0" not in text).map(lambda text: Path("/", text)),
    "segmenter": st.lists(st.just("slic:n_segments=9") | st.just("grid"), min_size=1),
}


@given(st.fixed_dictionaries({"images": st.lists(TEXT.map("/{}".format))}, optional=VALUES))
def test_what_is_written_is_read_again(tmp_path_factory, values: dict[str, object]) -> None:
    request = assembled(Request, values)
    path = written(tmp_path_factory.mktemp("requests"), write_request(request))
    if values["images"]:
        assert read_request(path, Request) == request


def test_what_is_written_is_read_from_anywhere(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = write_request(Request(["a.png"], "net.onnx"))
    (tmp_path / "elsewhere").mkdir()
    found = read_request(written(tmp_path / "elsewhere", text), Request)
    assert (found.images, found.model) == ([str(tmp_path / "a.png")], str(tmp_path / "net.onnx"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_has_a_name_of_its_own_and_help(kind: type) -> None:
    listed = list(options_of(kind))
    assert len({one.name for one in listed}) == len(listed)
    assert all(one.told.help for one in listed)
    assert all("-" not in one.name for one in listed)


def test_flat_and_assembled_are_inverse() -> None:
    request = assembled(Request, {"images": ["a"], "method": "paper", "black": 1.5})
    assert assembled(Request, flat(request)) == request
    assert len(flat(request)) > len(fields(request))
