"""The network has the paper's architecture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from cilens.errors import FileError
from cilens.training.digits_network import build, from_matlab

SHAPES = {
    "conv1.weight": (8, 1, 3, 3),
    "conv1.bias": (8,),
    "norm1.weight": (8,),
    "norm1.bias": (8,),
    "conv2.weight": (16, 8, 3, 3),
    "conv2.bias": (16,),
    "norm2.weight": (16,),
    "norm2.bias": (16,),
    "conv3.weight": (32, 16, 3, 3),
    "conv3.bias": (32,),
    "norm3.weight": (32,),
    "norm3.bias": (32,),
    "classifier.weight": (10, 1568),
    "classifier.bias": (10,),
}
LAYERS = (
    "mean conv1 norm1 relu1 pool1 conv2 norm2 relu2 pool2 conv3 norm3 relu3 flat classifier softmax"
)


def matlab_arrays() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    arrays = {"avg": random.normal(size=(28, 28)), "fw": random.normal(size=(7, 7, 32, 10))}
    arrays["fb"] = random.normal(size=(1, 1, 10))
    for number, (before, after) in enumerate([(1, 8), (8, 16), (16, 32)], start=1):
        arrays[f"c{number}w"] = random.normal(size=(3, 3, before, after))
        arrays[f"v{number}"] = random.uniform(1, 2, size=(1, 1, after))
        for short in ("c{}b", "m{}", "g{}", "o{}"):
            arrays[short.format(number)] = random.normal(size=(1, 1, after))
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def test_architecture() -> None:
    network = build()
    assert {name: tuple(p.shape) for name, p in network.named_parameters()} == SHAPES
    assert " ".join(dict(network.named_children())) == LAYERS


def test_scores_are_probabilities() -> None:
    scores = build(seed=2).eval()(torch.full((3, 1, 28, 28), 200.0))
    torch.testing.assert_close(scores.sum(dim=1), torch.ones(3))


def test_first_weights_follow_the_seed_and_touch_no_global_state() -> None:
    before = torch.random.get_rng_state()
    first, again, other = build(1), build(1), build(2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first.conv2.weight, again.conv2.weight)
    assert not torch.equal(first.conv2.weight, other.conv2.weight)
    bound = (6 / (9 * 8 + 9 * 16)) ** 0.5  # Glorot and Bengio's, by filters in and out
    assert 0.95 * bound < first.conv2.weight.abs().max() <= bound
    assert not first.conv2.bias.any()


def test_matlab_axes(tmp_path: Path) -> None:
    arrays = matlab_arrays()
    np.savez(tmp_path / "weights.npz", **arrays)
    network = from_matlab(tmp_path / "weights.npz")
    assert not network.training
    assert network.conv2.weight[5, 3, 2, 1].item() == arrays["c2w"][2, 1, 3, 5]
    assert network.classifier.weight[4, 7 * 7 * 11 + 7 * 2 + 6].item() == arrays["fw"][2, 6, 11, 4]
    assert network.norm3.running_var[9].item() == arrays["v3"][0, 0, 9]
    assert np.array_equal(network.mean.image[0].numpy(), arrays["avg"])


@pytest.mark.parametrize("name", ["avg", "c2w", "v3", "fb"])
def test_matlab_array_missing_or_of_another_size(tmp_path: Path, name: str) -> None:
    path, arrays = tmp_path / "weights.npz", matlab_arrays()
    np.savez(path, **{key: value for key, value in arrays.items() if key != name})
    with pytest.raises(FileError, match=f"'{name}' is missing"):
        from_matlab(path)
    np.savez(path, **{**arrays, name: arrays[name][..., :-1]})
    with pytest.raises(FileError, match=r"archive of the authors' weights.*size mismatch"):
        from_matlab(path)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 cut short", None])
def test_matlab_file_that_is_none(tmp_path: Path, data: bytes | None) -> None:
    with (tmp_path / "weights.npz").open("wb") as file:
        np.save(file, np.zeros(3)) if data is None else file.write(data)
    with pytest.raises(FileError, match="must be an archive"):
        from_matlab(tmp_path / "weights.npz")
    with pytest.raises(FileError, match="must be an archive"):
        from_matlab(tmp_path / "absent.npz")
