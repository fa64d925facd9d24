"""Class names are read by the index that they carry, or refused with the line."""

from __future__ import annotations

import contextlib
import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import FileError, InputError
from cilens.models.names import check_names, names_in, read_names_file


@pytest.mark.parametrize("names", ["cat", [1, 2], ("cat", None)])
def test_names_are_a_sequence_of_texts(names: object) -> None:
    with pytest.raises(InputError, match="class_names must be a sequence of texts"):
        check_names(names)


def test_a_file_of_names(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("\ufeffcrane\r\n  mail box \r\ncrane\r\nœuf\r\n\r\n\r\n".encode())
    assert read_names_file(file) == ("crane", "mail box", "crane", "œuf")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "one class name a line; it has none"),
        (b" \n\n", "one class name a line; it has none"),
        (b"cat\n\ndog\n", "line 2 is empty"),
        (b"\xff\xfe\x00", "must be UTF-8 text"),
    ],
)
def test_a_file_of_names_that_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    with pytest.raises(FileError, match=message):
        read_names_file(file)


def test_a_file_of_names_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"names\.txt cannot be read: No such file"):
        read_names_file(tmp_path / "names.txt")


BY_INDEX = ("cat, tom", "dog", "bird")

FORMS = {
    "numbered.txt": "2 bird\n0 cat, tom\n1 dog\n",
    "colons.txt": "0: cat, tom\n1: dog\n2: bird\n",
    "equal.txt": "0=cat, tom\n1=dog\n2=bird",
    "brackets.txt": "0) cat, tom\n1) dog\n2) bird",
    "dots.txt": "0. cat, tom\n1. dog\n2. bird",
    "tabs.txt": "0\tcat, tom\n1\tdog\n2\tbird",
    "behind.txt": "dog 1\ncat, tom 0\nbird 2\n",
    "synsets.txt": "n00000001 cat, tom\nn00000002 dog\nn00000003 bird\n",
    "both.txt": "0 n00000001 cat, tom\n2 n00000003 bird\n1 n00000002 dog\n",
    "python.txt": "{0: 'cat, tom',\n 1: 'dog',\n 2: \"bird\"}\n",
    "list.json": '["cat, tom",\n"dog",\n"bird"]',
    "index.json": '{"2": "bird", "0": "cat, tom", "1": "dog"}',
    "keras.json": '{"0": ["n01", "cat, tom"], "1": ["n02", "dog"], "2": ["n03", "bird"]}',
    "pairs.json": '[["n01", "cat, tom"], ["n02", "dog"], ["n03", "bird"]]',
    "inverse.json": '{"dog": 1, "cat, tom": 0, "bird": 2}',
    "config.json": '{"id2label": {"0": "cat, tom", "1": "dog", "2": "bird"}, "label2id": {}}',
    "records.json": '[{"id": 1, "name": "dog"}, {"id": 0, "name": "cat, tom"}, '
    '{"id": 2, "name": "bird"}]',
    "texts.jsonl": '"cat, tom"\n"dog"\n"bird"\n',
    "records.jsonl": '{"index": 2, "label": "bird"}\n{"index": 0, "label": "cat, tom"}\n'
    '{"index": 1, "label": "dog"}\n',
    "table.csv": 'index,name\n1,dog\n0,"cat, tom"\n2,bird\n',
    "bare.csv": '"cat, tom",0\nbird,2\ndog,1\n',
    "pandas.csv": ',name\n0,"cat, tom"\n1,dog\n2,bird\n',
    "wide.csv": 'index,mid,display_name\n0,/m/1,"cat, tom"\n1,/m/2,dog\n2,/m/3,bird\n',
    "german.csv": "id;name\n0;cat, tom\n1;dog\n2;bird\n",
    "one.csv": 'name\n"cat, tom"\ndog\nbird\n',
    "table.tsv": "0\tcat, tom\n1\tdog\n2\tbird\n",
    "ultralytics.yaml": "nc: 3\nnames:\n  0: cat, tom  # ours\n  1: 'dog'\n  2: bird\nval: y",
    "block.yml": "names:\n- cat, tom\n- dog\n- bird\nnc: 3\n",
    "flow.yaml": "names: ['cat, tom', dog,\n        \"bird\"]\n",
    "braces.yaml": "names: {0: 'cat, tom', 2: bird, 1: dog}\n",
    "top.yaml": "---\n1: dog\n0: cat, tom\n2: bird\n",
    "items.yaml": "- cat, tom\n- dog\n- bird\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_names_are_read_by_their_index(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(FORMS[name], encoding="utf-8")
    assert read_names_file(tmp_path / name) == BY_INDEX


@pytest.mark.parametrize(
    "names",
    [
        ("3D glasses", "7-segment", "1.5 litre bottle"),
        ("0", "1", "2", "3"),
        ("digit 0", "digit 1"),
        ("Boeing 747", "Airbus 320"),
        ("background", "cat"),
        ("[UNK]", "cat"),
        ("4 o'clock", "noon", "evening"),
        ("n01440764", "n01443537"),
        ("{a}", "b"),
    ],
)
def test_what_only_looks_like_an_index_stays_part_of_the_name(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    (tmp_path / "names.txt").write_text("\n".join(names), encoding="utf-8")
    assert read_names_file(tmp_path / "names.txt") == names


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "0 cat\n2 dog", r"numbered 0 … 1; 1 is missing, and the last is 2, 'dog'"),
        ("a.txt", "0 cat\n0 dog", "0 stands for 'cat' and 'dog'"),
        ("a.txt", "1 cat\n2 dog", "whether 1 is the network's first output, or 0 a background"),
        ("a.txt", "cat 1\ndog 2", "whether 1 is the network's first output"),
        ("a.txt", "1 cent\n2 cent\n5 cent", r'a JSON list, \["…", "…"\], says names as they are'),
        ("a.txt", "0 cat\n1 dog\nbird", "line 3, 'bird', has no number, and most others have"),
        ("a.txt", "n00000001 1 cat\nn00000002 2 dog", "0 is missing"),
        ("a.txt", "{'cat', 'dog'}", "a set has none"),
        ("a.txt", "{0: 'cat', 0: 'dog'}", "an index stands twice"),
        ("a.txt", "{0: open('x')}", "must be JSON or a Python literal"),
        ("a.txt", "[" * 5000 + "]" * 5000, "must be JSON or a Python literal|cannot be read"),
        ("a.json", '{"0": "cat", "0": "dog"}', "'0' stands twice"),
        ("a.json", '{"0": "cat", "5": "dog"}', "1 is missing, and the last is 5"),
        ("a.json", '{"0": "cat", "x": "dog"}', "got the key 'x'"),
        ("a.json", '{"cat": "dog"}', "got the key 'cat'"),
        ("a.json", '["cat", 3]', "the name of class 1 must be a text; got 3"),
        ("a.json", '["cat", ""]', "the name of class 1 must be a text; got ''"),
        ("a.json", '{"0": ["cat", "tom"]}', "the name of class 0 must be a text; got"),
        ("a.json", "{}", "must be a list or an object of texts; got {}"),
        ("a.json", "3", "must be a list or an object|the name of class 0 must be a text"),
        ("a.json", "[1, 2", "line 1 must be JSON"),
        ("a.json", '{"0": "cat"', "line 1 must be JSON"),
        ("a.csv", "index,name\n0,cat\nx,dog", "line 3 must have an index; got 'x'"),
        ("a.csv", "0,cat\n1,dog,bird", "line 2 must have 2 columns, as the first; it has 3"),
        ("a.csv", "0,cat,tom\n1,dog,rex", "head these 'index' and 'name'; got 3 columns"),
        ("a.csv", "a,b\n0,cat\n1,dog", "head these 'index' and 'name'; got 2 columns"),
        ("a.csv", "index,name\n0,cat\n2,dog", "1 is missing"),
        ("a.csv", 'a,"b', "cannot be read as class names"),
        ("a.yaml", "names: *all", r"line 1 must be a list or mapping of names; got '\*all'"),
        ("a.yaml", "names:\n  0: cat\n  1: [a, b]", "line 3 must have a plain or quoted name"),
        ("a.yaml", "names:\n  0: cat\n    1: dog", "line 3 must be '- NAME' or 'INDEX: NAME'"),
        ("a.yaml", "names:\n  0: cat\n  0: dog", "line 3: a class must have one name; '0'"),
        ("a.yaml", "names:\n  0: cat\n  2: dog", "1 is missing"),
        ("a.yaml", "names:\n- cat\n- !!python/name:os", "line 3 must have a plain or quoted name"),
        ("a.yaml", "names: {0: a, b}", "line 1 must have 'INDEX: NAME' in braces; got 'b'"),
        ("a.yaml", "nc: 3\npath: x", "got the key 'nc'"),
        ("a.yaml", "names:\nnc: 3", "must have a list or mapping, or names:"),
        ("a.yaml", "- cat\n0: dog", "line 2 must be as those before it"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match=f"{name}.*(?:{message})") as error:
        read_names_file(tmp_path / name)
    assert "\n" not in str(error.value)


def test_a_file_that_is_far_too_large(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes(b"a\n" * 8_000_001)
    with pytest.raises(FileError, match="it has over 16,000,000 bytes"):
        read_names_file(tmp_path / "names.txt")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({1: "dog", 0: "cat"}, ("cat", "dog")),
        ({"dog": 1, "cat": 0}, ("cat", "dog")),
        ({np.int64(0): "cat"}, ("cat",)),
        (np.array(["cat", "dog"]), ("cat", "dog")),
        (iter(["cat", "dog"]), ("cat", "dog")),
        ({}, ()),
    ],
)
def test_names_in_memory(names: object, found: tuple[str, ...]) -> None:
    assert check_names(names) == found
    assert all(type(name) is str for name in check_names(found))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"cat", "dog"}, "a set has none: pass a list, or a dict"),
        (frozenset({"cat"}), "a set has none"),
        ({0: "cat", 2: "dog"}, "1 is missing"),
        ({0: "cat", "x": "dog"}, "got the key 'x'"),
        ({True: "cat"}, "got the key True"),
        (7, "must be a sequence of texts, one a class; got 7"),
        (b"cat", "must be a sequence of texts"),
    ],
)
def test_names_in_memory_that_are_wrong(names: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_names(names)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8))
def test_any_list_survives_as_json(names: list[str]) -> None:
    kept = [name.strip() for name in names if name.strip()]
    if kept:
        assert names_in(json.dumps(kept)) == tuple(kept)
        assert names_in(json.dumps(dict(enumerate(kept)), ensure_ascii=False)) == tuple(kept)


@given(st.text(max_size=60), st.sampled_from(["", ".json", ".csv", ".tsv", ".yaml"]))
def test_any_text_is_read_or_refused(text: str, suffix: str) -> None:
    with contextlib.suppress(InputError, csv.Error):
        names = names_in(text, suffix)
        assert names
        assert all(isinstance(name, str) and name for name in names)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.yaml", "0" + " " * 300_000 + "x"),
        ("a.yaml", "'0'" + " " * 300_000 + "x"),
        ("a.yaml", "names: ['" + "'" * 300_000),
        ("a.yaml", "names: [" + ' "' * 100_001),
        ("a.txt", "0" + " " * 300_000 + "x"),
        ("a.txt", "cat" + " 0" * 100_000),
        ("a.txt", "[" + "[" * 100_000 + "]"),
        ("a.json", "[" * 100_000),
        ("a.csv", "," * 300_000),
    ],
)
def test_long_lines_are_read_or_refused_at_once(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    begun = time.process_time()
    with contextlib.suppress(FileError):
        read_names_file(tmp_path / name)
    assert time.process_time() - begun < 5


def test_python_says_nothing_about_a_text_in_a_dict(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(r"{0: 'a\d'}", encoding="utf-8")
    assert read_names_file(tmp_path / "a.txt") == (r"a\d",)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("index,name\n", ".csv"),
        ("[]", ".json"),
        ("{}", ".txt"),
        ("names: {}\n", ".yaml"),
        (" ", ""),
    ],
)
def test_a_file_that_names_nothing(text, suffix):
    with pytest.raises(InputError):
        names_in(text, suffix)
