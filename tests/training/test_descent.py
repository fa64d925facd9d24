"""Training is the paper's, learns, and comes out the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cilens.datasets.mnist import load_mnist
from cilens.errors import InputError
from cilens.training import descent
from cilens.training.digits_network import build
from cilens.training.export import layer


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_mnist()
    return images[:1300], labels[:1300]


@pytest.fixture(scope="module")
def few(digits: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return digits[0][:300], digits[1][:300]


def weights(network: nn.Sequential) -> dict[str, torch.Tensor]:
    return network.state_dict()


def same(first: nn.Sequential, second: nn.Sequential) -> bool:
    others = weights(second)
    return all(torch.equal(value, others[name]) for name, value in weights(first).items())


def test_same_seed_same_weights_and_no_other(few: tuple[np.ndarray, np.ndarray]) -> None:
    first = descent.train(*few, seed=3, epochs=1)
    torch.manual_seed(99)  # of no consequence: the seed is the argument
    assert same(first, descent.train(*few, seed=3, epochs=1))
    assert not same(first, descent.train(*few, seed=4, epochs=1))


def test_order_of_the_images_follows_the_seed(
    few: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(descent, "build", lambda seed: build(0))
    first = descent.train(*few, seed=3, epochs=1)
    assert not same(first, descent.train(*few, seed=4, epochs=1))


def test_global_state_of_torch_is_left_alone(few: tuple[np.ndarray, np.ndarray]) -> None:
    torch.manual_seed(7)
    before = torch.random.get_rng_state()
    descent.train(*few, seed=3, epochs=1)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not torch.are_deterministic_algorithms_enabled()


def test_learns(digits: tuple[np.ndarray, np.ndarray]) -> None:
    network = descent.train(*digits, seed=0, epochs=3)
    images, labels = load_mnist()
    with torch.no_grad():
        given = network(torch.tensor(images[-1000:, None]).float()).argmax(dim=1).numpy()
    assert (given == labels[-1000:]).mean() > 0.85


def test_progress_adds_up_and_rest_of_a_batch_is_left_out(
    few: tuple[np.ndarray, np.ndarray],
) -> None:
    seen: list[int] = []
    descent.train(*few, seed=0, epochs=2, progress=seen.append)
    assert seen == [128] * 4
    assert sum(seen) == descent.rows_to_learn(300, epochs=2) == 512


def test_normalisation_ends_with_the_statistics_of_all_images(
    few: tuple[np.ndarray, np.ndarray],
) -> None:
    network = descent.train(*few, seed=0, epochs=1)
    data = torch.tensor(few[0][:, None]).float()
    for number in (1, 2, 3):
        norm = layer(network, f"norm{number}", nn.BatchNorm2d)
        with torch.no_grad():
            values = network[: list(network).index(norm)](data).double()
        mean, variance = values.mean(dim=(0, 2, 3)), values.var(dim=(0, 2, 3), correction=0)
        torch.testing.assert_close(norm.running_mean, mean.float(), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(norm.running_var, variance.float(), atol=0, rtol=1e-5)


def test_mean_image_is_subtracted(few: tuple[np.ndarray, np.ndarray]) -> None:
    network = descent.train(*few, seed=0, epochs=0)
    expected = torch.tensor(few[0].mean(axis=0)).float()[None]
    assert torch.equal(weights(network)["mean.image"], expected)


def test_one_step_is_descent_with_l2_on_all_but_plain_biases(
    few: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere_zero(seed: int) -> nn.Sequential:
        network = build(seed)
        with torch.no_grad():
            for value in network.parameters():
                value.add_(0.1)
        return network

    monkeypatch.setattr(descent, "build", nowhere_zero)
    monkeypatch.setattr(descent, "L2", 1.0)  # 1e-4 would drown in the rounding
    images, labels = few[0][:128], few[1][:128]
    start = nowhere_zero(5)
    start.mean.image.copy_(torch.tensor(images.mean(axis=0)))
    data = torch.tensor(images[:, None]).float()
    loss = nn.functional.cross_entropy(start[:-1](data), torch.tensor(labels).long())
    loss.backward()
    stepped = dict(descent.train(images, labels, seed=5, epochs=1).named_parameters())
    for name, value in start.named_parameters():
        spared = name in ("conv1.bias", "conv2.bias", "conv3.bias", "classifier.bias")
        decay = 0 if spared else 1.0
        expected = value - 0.01 * (value.grad + decay * value)
        torch.testing.assert_close(stepped[name], expected, atol=2e-6, rtol=0)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("images", "labels"), [(127, 127), (0, 0), (200, 199)])
def test_too_few_images_or_labels(images: int, labels: int) -> None:
    with pytest.raises(InputError, match=f"got {images} images and {labels} labels"):
        descent.train(np.zeros((images, 28, 28), np.uint8), np.zeros(labels, np.uint8), seed=0)
