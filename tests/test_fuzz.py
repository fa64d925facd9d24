"""Damaged files of every kind are refused or read; and whoever watches sees all that goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

import pytest

from cilens.errors import CilensError
from fuzz.damage import damage
from fuzz.readers import GROUPS
from fuzz.structure import rebuild
from fuzz.worker import Task, made

TESTS = Path(__file__).parent
LIGHT = ("images", "labels", "explanations", "statements", "names", "onnx", "tflite")
HEAVY = ("safetensors", "torchscript", "pt2", "keras")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a separate process, where workers are forked before any thread starts."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=TESTS,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "inputs"), [(LIGHT, 400), (HEAVY, 100)], ids=["light", "heavy"])
def test_damage_is_met_by_nothing_but_our_errors(groups, inputs, tmp_path):
    keep = str(tmp_path / "findings")
    options = (
        "--groups",
        ",".join(groups),
        "--inputs",
        str(inputs),
        "--seed",
        "20",
        "--keep",
        keep,
    )
    done = python("-m", "fuzz", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[:2] for row in rows] == [[f"| {g}", str(inputs)] for g in groups]


def test_every_group_has_a_short_part():
    assert {*LIGHT, *HEAVY} == set(GROUPS)


FAULTY = """
import ctypes, json, os, sys, warnings
from pathlib import Path
import fuzz.campaign, fuzz.worker
from cilens.errors import FileError
from fuzz.readers import GROUPS, Group

def swell():
    return bytearray(400 << 20)

def spin():
    while True:
        pass

def refuse(text):
    raise FileError(text)

FAULTS = {
    "read": lambda: None,
    "refused": lambda: refuse("it is none"),
    "several lines": lambda: refuse("one\\ntwo"),
    "raw ZeroDivisionError": lambda: 1 / 0,
    "raw SystemExit": lambda: sys.exit(1),
    "print": lambda: os.write(2, b"noise"),
    "warning UserWarning": lambda: warnings.warn("careful"),
    "act open": lambda: open(KEEP / "written", "w").close(),
    "act os.system": lambda: os.system("true"),
    "memory": swell,
    "time": spin,
    "crash": lambda: ctypes.string_at(0),
}
KEEP = Path(sys.argv[1])

def use(path):
    list(FAULTS.values())[int(path.stem) % len(FAULTS)]()

fuzz.campaign.SECONDS = 1.5
fuzz.worker.MEMORY = 300 << 20
GROUPS["faulty"] = Group(lambda: iter([("a.txt", b"text")]), use)
result = fuzz.campaign.run("faulty", len(FAULTS), 1, KEEP)
print(json.dumps([list(FAULTS), result.inputs, result.counts, sorted(os.listdir(KEEP))]))
"""


@pytest.mark.slow
def test_whatever_goes_wrong_is_seen_and_kept(tmp_path):
    done = python("-c", FAULTY, str(tmp_path))
    assert done.returncode == 0, done.stderr
    faults, inputs, counts, kept = json.loads(done.stdout)
    assert inputs == len(faults)
    assert counts == dict.fromkeys(faults, 1) | {"refused": 2, "read": counts["read"]}
    found = [place for place, fault in enumerate(faults) if fault not in ("read", "refused")]
    assert {name for name in kept if name.endswith(".txt")} == {
        f"faulty-{place}.txt" for place in found
    }


def test_a_seed_makes_the_same_files():
    corpus = [(f"{n}.png", data) for n, data in enumerate((b"\x89PNG", b"[1, 2]", b"\x08\x07abc"))]
    task = Task("images", 3, 0, 50, 1, Path())
    files = [made(task, index, corpus) for index in range(50)]
    assert files == [made(task, index, corpus) for index in range(50)]
    assert len({data for _, data in files}) > 30
    assert files != [made(task._replace(seed=4), index, corpus) for index in range(50)]


groups = pytest.mark.parametrize("group", ["images", "labels", "explanations", "names", "onnx"])


@cache
def corpus_of(group: str) -> list[tuple[str, bytes]]:
    return list(GROUPS[group].seeds())


@groups
def test_most_of_the_corpus_is_read(group, tmp_path):
    """What valid files cannot pass, damaged ones do not test."""
    read = 0
    for name, data in corpus_of(group):
        path = tmp_path / name
        path.write_bytes(data)
        with suppress(CilensError):
            GROUPS[group].use(path)
            read += 1
    assert read > 0.6 * len(corpus_of(group))


@groups
@pytest.mark.parametrize("spoil", [damage, rebuild])
def test_damage_is_done(spoil, group):
    contents = [data for _, data in corpus_of(group)]
    rng = Random(5)
    changed = [spoil(data, rng, contents) != data for data in contents for _ in range(10)]
    assert sum(changed) > 0.7 * len(changed)
    assert isinstance(spoil(b"", rng, contents), bytes)
