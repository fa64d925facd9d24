"""Keras' backend is the user's; only where Keras could not be imported is one chosen."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from cilens.models.keras import backend as backends

ASK = "import keras; print(keras.config.backend())"


def run(code: str, home, **environment: str) -> subprocess.CompletedProcess[str]:
    names = {k: v for k, v in os.environ.items() if not k.startswith("KERAS")}
    settings = names | {"KERAS_HOME": str(home)} | environment
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=settings
    )


@pytest.mark.slow
def test_without_a_choice_it_is_torch_and_the_environment_is_left_alone(tmp_path):
    code = f"import os, cilens; cilens.KerasModel; {ASK}; print(os.environ.get('KERAS_BACKEND'))"
    done = run(code, tmp_path)
    assert done.stdout.split() == ["torch", "None"], done.stderr


@pytest.mark.parametrize("where", ["environment", "settings"])
def test_a_choice_is_kept_and_not_replaced_where_it_is_not_installed(tmp_path, where):
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "jax"}))
    told = {"KERAS_BACKEND": "jax"} if where == "environment" else {}
    done = run(f"import cilens; cilens.KerasModel; {ASK}", tmp_path, **told)
    if importlib.util.find_spec("jax"):
        assert done.stdout.strip() == "jax"
    else:
        line = "Keras is set to run on jax, which is not installed: set KERAS_BACKEND=torch"
        assert line in done.stderr


@pytest.fixture
def without_tensorflow(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    installed = {"torch"}
    monkeypatch.setattr(backends, "find_spec", lambda name: name in installed or None)
    return installed


def test_tensorflow_stays_keras_own_choice_where_it_is_installed(without_tensorflow):
    assert backends.backend_instead() == "torch"
    without_tensorflow.add("tensorflow")
    assert backends.backend_instead() is None


def test_what_stands_in(without_tensorflow, tmp_path, monkeypatch):
    without_tensorflow |= {"jax"}
    assert backends.backend_instead() == "torch"
    without_tensorflow.remove("torch")
    assert backends.backend_instead() == "jax"
    without_tensorflow.clear()
    assert backends.backend_instead() is None


@pytest.mark.parametrize("text", ['{"backend": "tensorflow"}', "{}", "[]", "no json"])
def test_what_keras_writes_by_itself_is_no_choice(without_tensorflow, tmp_path, text):
    (tmp_path / "keras.json").write_text(text)
    assert backends.backend_instead() == "torch"


def test_the_environment_is_put_back(without_tensorflow, monkeypatch):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setenv("KERAS_BACKEND", "")
    with backends.keras_backend() as given:
        assert os.environ["KERAS_BACKEND"] == given == "torch"
    assert os.environ["KERAS_BACKEND"] == ""
