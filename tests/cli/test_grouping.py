"""`--group`, and a group as `--target`: some classes count as one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import cilens
from cilens.errors import InputError
from cilens.findings.targets import Targets, read_targets

NAMES = ("tiger cat", "tabby, tabby cat", "crane", "dog", "lynx")
NETWORK = SimpleNamespace(class_names=NAMES)


def test_indices_are_the_networks_own_whatever_is_grouped():
    targets = Targets(NAMES, {"any cat": (0, 1)})
    model = cilens.Grouped(lambda images: images, targets.groups | {}, n_classes=5)
    assert len(model.class_names) == 4
    found = {wanted: targets.find(wanted) for wanted in ("2", "crane", "dog", "lynx", "any cat")}
    assert found == {"2": 0, "crane": 0, "dog": 1, "lynx": 2, "any cat": 3}
    assert Targets(NAMES, {}).find("tabby") == 1
    with pytest.raises(InputError, match="'tabby, tabby cat' is in the group 'any cat'"):
        targets.find("tabby")


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("cats=0,1", (0, 1)),
        ("cats = 0-1, lynx", (0, 1, 4)),
        ("cats=Tabby,tiger cat", (1, 0)),
    ],
)
def test_a_group_is_read(text, members):
    assert read_targets(NETWORK, "file.onnx", [text], [None]).groups == {"cats": members}


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("any cat", "--group must be NAME=CLASS,CLASS,...; got 'any cat'"),
        ("cats=1-0", "a range of classes must go up; got '1-0'"),
        ("cats=lion", "unknown class 'lion'"),
        ("cats=0-9", "a class index must be in 0 … 4; got 9"),
        ("cats=", "unknown class ''"),
    ],
)
def test_a_group_that_is_none_is_refused(group, message):
    with pytest.raises(InputError) as error:
        read_targets(NETWORK, "file.onnx", [group], [])
    assert message in str(error.value)


def test_a_network_without_names_has_no_groups():
    with pytest.raises(InputError, match="needs a network whose classes have names"):
        read_targets(SimpleNamespace(class_names=()), "file.onnx", ["a=0,1"], [])
    assert read_targets(SimpleNamespace(class_names=()), "file.onnx", [], ["3"]).find("3") == 3


def test_groups_come_with_the_imagenet_network_alone():
    model = cilens.load_model("imagenet")
    used = read_targets(model, "imagenet", [], ["any cat", "runner-up", "lynx"]).groups
    assert used == cilens.imagenet_groups("any cat")
    assert list(read_targets(model, "imagenet", ["any dog"], ["tabby"]).groups) == ["any dog"]
    with pytest.raises(InputError, match="unknown group 'any dig'; did you mean 'any dog'"):
        read_targets(model, "imagenet", ["any dig"], [])
    with pytest.raises(InputError, match="'cat'; did you mean 'any cat', "):
        read_targets(model, "imagenet", [], ["cat"])
    with pytest.raises(InputError, match="unknown class 'any cat'"):
        read_targets(model, "net.onnx", [], ["any cat"])


def test_digits_in_a_group_are_explained_as_one(run):
    (found,) = run(
        "explain", "mnist:18", "--group", "3 or 8=3,8", "--target", "3 or 8", "--method", "paper",
        "--against", "5", "--json",
    ).json()  # fmt: skip
    assert found["predicted"]["name"] == found["target"]["name"] == "3 or 8"
    assert found["contrast"]["foil"]["name"] == "5"
    (plain,) = run("explain", "mnist:18", "--method", "paper", "--json").json()
    assert found["target"]["score"] > plain["target"]["score"]
    assert found["model_rows"] == plain["model_rows"]


def test_a_class_within_its_group_is_refused(run):
    run("explain", "mnist:18", "--group", "3 or 8=3,8", "--target", "8").refused(
        "'8' is in the group '3 or 8'"
    )


def test_a_shipped_group_is_a_target_of_every_command(run):
    arguments = ("skimage:chelsea", "--model", "imagenet", "--target", "any cat")
    (found,) = run("explain", *arguments, "--budget", 21, "--json").json()
    assert found["predicted"]["name"] == found["target"]["name"] == "any cat"
    assert found["target"]["score"] > 0.9


def test_the_groups_are_listed(run):
    assert "any musical instrument" in " ".join(run("models").out.split())
    listed = {one["name"]: one.get("groups") for one in run("models", "--json").json()}
    assert "any cat" in listed["imagenet"]
    assert listed["digits"] == []


def test_a_group_has_the_range_that_follows_from_its_classes(run, tmp_path):
    model = tmp_path / "net.onnx"
    model.write_bytes(Path(cilens.load_model("digits").path).read_bytes())
    bounds = [[-0.1] * 10, [0.7] * 10]
    (tmp_path / "net.onnx.cilens.toml").write_text(f"output_range = {bounds}\n", encoding="utf-8")
    given = ("explain", "mnist:18", "--model", model, "--group", "3 or 8=3,8", "--json")
    assert run(*given).json()[0]["output_range"] == [0.0, 1.0]
    assert run(*given, "--output-range", -1, 2).json()[0]["output_range"] == [0.0, 1.0]
