"""Studies for the tests of the report: few images, the network that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from cilens.paper.study import Study, open_study


@pytest.fixture(scope="session")
def study() -> Study:
    """Return a study of twelve digits; what is computed for it is kept."""
    return open_study("digits", None, 12)


@pytest.fixture(scope="session")
def authors(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Return a study of the authors' network, in the file that their weights become."""
    pytest.importorskip("onnx")
    training = pytest.importorskip("cilens.training.mnist_cnn")
    from_matlab = pytest.importorskip("cilens.training.digits_network").from_matlab
    file = tmp_path_factory.mktemp("authors") / "authors.onnx"
    weights = shared_data / "paper" / "authors_network.npz"
    training.export_onnx(from_matlab(weights), file, {})
    return open_study(file, shared_data, 12)
