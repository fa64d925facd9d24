"""The program as a shell sees it: exit codes, streams, signals, and what it loads."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import cilens
from cilens.cli import main

pytestmark = pytest.mark.slow

CILENS = [sys.executable, "-c", "import sys; from cilens.cli import main; sys.exit(main())"]


def program(*arguments: object, **options) -> subprocess.CompletedProcess[str]:
    given = {"capture_output": True, "text": True, "timeout": 120} | options
    return subprocess.run([*CILENS, *map(str, arguments)], check=False, **given)


def test_version(run) -> None:
    ran = run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"cilens {cilens.__version__}\n", "")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help(run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    for command in ("explain", "models", "segmenters", "perturbations", "methods", "train"):
        assert command in ran.out


def test_script_is_installed() -> None:
    script = Path(sys.executable).parent / "cilens"
    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"cilens {cilens.__version__}\n"


def test_python_runs_the_package_too() -> None:
    command = [sys.executable, "-m", "cilens"]
    ran = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"cilens {cilens.__version__}\n"
    ran = subprocess.run([*command, "explian"], capture_output=True, text=True, check=False)
    assert ran.returncode == 2


def test_explain_as_a_program(tmp_path: Path) -> None:
    ran = program("explain", "mnist:0", "--json", "--out", tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)[0]["predicted"]["name"] == "7"


def test_image_through_a_pipe(digit: Path) -> None:
    ran = program("explain", "-", "--json", input=digit.read_bytes(), text=False)
    assert json.loads(ran.stdout)[0]["predicted"]["name"] == "7"


def test_errors_as_a_program() -> None:
    for arguments, code in [(["explain", "none.png"], 1), (["explain", "-x"], 2), (["x"], 2)]:
        ran = program(*arguments)
        assert (ran.returncode, ran.stdout) == (code, "")
        assert re.fullmatch(r"cilens: .*\n", ran.stderr)


def test_terminal_without_unicode() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "COLUMNS": "100"}
    ran = program("explain", "mnist:0", "--out", "/dev/full", env=environment)
    assert ran.returncode == 2
    ran = program("explain", "mnist:18", "--method", "paper", env=environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "+65.6 %" in ran.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_full_disk_under_standard_output() -> None:
    with Path("/dev/full").open("w") as full:
        ran = program("explain", "mnist:0", capture_output=False, stdout=full, stderr=-1)
    assert ran.returncode == 1
    assert re.fullmatch(r"cilens: standard output cannot be written: .*\n", ran.stderr)


def test_nobody_reads() -> None:
    digits = [f"mnist:{index}" for index in range(40)]
    with subprocess.Popen(
        [*CILENS, "explain", *digits], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 1


@pytest.mark.skipif(os.name != "posix", reason="signals of another kind")
def test_interrupt() -> None:
    # What runs in the background of a script is deaf to interrupts, and so are its children.
    hearing = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    command = [sys.executable, "-c", hearing + CILENS[-1]]
    digits = [f"mnist:{index}" for index in range(2000)]
    with subprocess.Popen(
        [*command, "explain", *digits], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        running.stdout.readline()  # it is at work
        running.send_signal(signal.SIGINT)
        _, complaints = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in complaints


def test_interrupt_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_, **__) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cilens.findings.examine.prepare", interrupt)
    assert main(["explain", "mnist:0"]) == 130


def test_an_error_in_cilens_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_, **__) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cilens.findings.examine.prepare", stumble)
    with pytest.raises(ZeroDivisionError):
        main(["explain", "mnist:0"])


def loaded(*arguments: str) -> set[str]:
    code = "import sys; from cilens.cli import main; main(); print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in ran.stderr.split()}


def test_help_and_mistakes_load_nothing_heavy() -> None:
    heavy = {"numpy", "skimage", "matplotlib", "onnxruntime", "torch", "PIL", "scipy", "jaxtyping"}
    for arguments in (["--help"], ["explain", "--help"], ["--version"], ["explain", "--wrong"]):
        assert loaded(*arguments) & heavy == set(), arguments
    assert loaded("segmenters") >= {"numpy", "skimage"}  # so the check above can fail


def test_explaining_without_files_draws_nothing() -> None:
    assert loaded("explain", "mnist:0") & {"matplotlib", "torch"} == set()
