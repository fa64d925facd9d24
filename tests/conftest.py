"""What all tests share: shapes checked at run time, one Hypothesis profile, known models."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import hypothesis
import jaxtyping
import numpy as np
import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = ["speed"]

REPOSITORY = Path(__file__).parents[1]

# Before any module of cilens is imported: from here on every annotated array is checked.
jaxtyping.install_import_hook("cilens", "typechecker.check_arrays")

hypothesis.settings.register_profile(
    "cilens",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("cilens")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of development data, which does not ship; skip where it is absent."""
    place = os.environ.get("CILENS_SHARED_DATA")
    folder = Path(place) if place else REPOSITORY.parent / "shared" / "data"
    if not (folder / "README.md").is_file():
        pytest.skip(f"no development data in {folder} (set CILENS_SHARED_DATA)")
    return folder


@pytest.fixture
def corner_model() -> Callable[[np.ndarray], np.ndarray]:
    """Return a model whose class 1 is the mean brightness of the upper left quarter.

    Class 0 is the rest to 1. On an image in [0, 1], hiding a share of that quarter's brightness
    in black lowers class 1 by exactly that share.
    """

    def model(images):
        rows, height, width, _ = images.shape
        bright = images[:, : height // 2, : width // 2].reshape(rows, -1).mean(axis=1)
        return np.stack([1 - bright, bright], axis=1)

    return model


@pytest.fixture
def constant_model() -> Callable[[np.ndarray], np.ndarray]:
    """Return a model that says (0.2, 0.3, 0.5) to everything: no region matters to it."""

    def model(images):
        return np.tile([0.2, 0.3, 0.5], (len(images), 1))

    return model


@pytest.fixture
def unchecked():
    """Switch the run-time type checks off, as they are for users, to meet our own errors."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
