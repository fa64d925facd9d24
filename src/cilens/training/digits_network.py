"""The paper's network for digits, in torch: before training, and as its authors trained it.

Three convolutions of 3 x 3 with 8, 16 and 32 filters, each with batch normalisation and ReLU,
pooled after the first two, then one fully connected layer and softmax. The paper's text speaks
of pooling after all three; the released weights have it after two, and they decide.

Source: S. Anjomshoae, L. Jiang, K. Främling, *Visual Explanations for DNNs with Contextual
Importance*, EXTRAAMAS 2021, https://doi.org/10.1007/978-3-030-82017-6_6.
"""

from __future__ import annotations

import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from cilens.datasets.mnist import CLASSES
from cilens.errors import FileError

SIDE = 28
"""Pixels along each side of an image."""

FILTERS = (8, 16, 32)
"""Filters of the three convolutions."""

# What numpy and torch raise for a file that is none, is cut short, or has arrays of another size.
_NO_ARCHIVE = (OSError, EOFError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile)


class MeanImage(nn.Module):
    """Subtract the mean of the training images, pixel by pixel.

    Attributes
    ----------
    image : (1, 28, 28) float32 tensor
        The mean, 0 to 255.

    Examples
    --------
    >>> import torch
    >>> from cilens.training.digits_network import MeanImage
    >>> MeanImage()(torch.ones(2, 1, 28, 28)).shape
    torch.Size([2, 1, 28, 28])
    """

    image: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("image", torch.zeros(1, SIDE, SIDE))

    def forward(self, images: Tensor) -> Tensor:
        """Return the images less their mean."""
        return images - self.image


def build(seed: int = 0) -> nn.Sequential:
    """Return the paper's network before it has learnt anything.

    Parameters
    ----------
    seed : int, default 0
        Seed of the first weights, drawn uniformly after Glorot and Bengio; biases start at 0.

    Returns
    -------
    torch.nn.Sequential
        Turns (N, 1, 28, 28) float32 images, 0 to 255, into (N, 10) probabilities. All but its
        last layer gives the logits.

    Examples
    --------
    >>> import torch
    >>> from cilens.training.digits_network import build
    >>> build(seed=1).eval()(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def ending(channels: int) -> dict[str, nn.Module]:
        inputs = channels * (SIDE // 4) ** 2
        return {"flat": nn.Flatten(), "classifier": nn.Linear(inputs, CLASSES)}

    return stack({"mean": MeanImage()}, (1, *FILTERS), ending, seed)


def stack(
    first: Mapping[str, nn.Module],
    channels: Sequence[int],
    ending: Callable[[int], Mapping[str, nn.Module]],
    seed: int,
) -> nn.Sequential:
    """Return a network of convolutions before it has learnt anything.

    Parameters
    ----------
    first : mapping of str to torch.nn.Module
        The layers before the convolutions.
    channels : sequence of int
        Channels of the images, and filters of each convolution, between which the images are
        halved.
    ending : callable
        From the filters of the last to the layers between it and the softmax.
    seed : int
        Seed of the first weights.

    Returns
    -------
    torch.nn.Sequential
        Called conv1, norm1, relu1, pool1 and so on.
    """
    layers: dict[str, nn.Module] = dict(first)
    with torch.random.fork_rng(devices=[]):  # making a layer draws weights; they are drawn anew
        for number, (given, filters) in enumerate(pairwise(channels), start=1):
            if number > 1:
                layers[f"pool{number - 1}"] = nn.MaxPool2d(kernel_size=2, stride=2)
            layers[f"conv{number}"] = nn.Conv2d(given, filters, kernel_size=3, padding=1)
            layers[f"norm{number}"] = nn.BatchNorm2d(filters)
            layers[f"relu{number}"] = nn.ReLU()
        layers |= ending(channels[-1])
    layers["softmax"] = nn.Softmax(dim=1)
    return draw_weights(nn.Sequential(OrderedDict(layers)), seed)


def draw_weights(network: nn.Sequential, seed: int) -> nn.Sequential:
    """Draw the first weights of a network uniformly after Glorot and Bengio; biases start at 0.

    Parameters
    ----------
    network : torch.nn.Sequential
        Its convolutions and fully connected layers are changed in place.
    seed : int
        Seed of the weights.

    Returns
    -------
    torch.nn.Sequential
        The network.

    Examples
    --------
    >>> from torch import nn
    >>> from cilens.training.digits_network import draw_weights
    >>> draw_weights(nn.Sequential(nn.Linear(2, 3)), seed=0)[0].bias.tolist()
    [0.0, 0.0, 0.0]
    """
    generator = torch.Generator().manual_seed(seed)
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(cast(Tensor, layer.bias))
    return network


def from_matlab(path: str | Path) -> nn.Sequential:
    """Return the network as its authors trained it, on synthetic digits.

    Parameters
    ----------
    path : str or Path
        A numpy archive of their MATLAB weights: mean image ``avg``; for each convolution n its
        weights ``cnw`` (3, 3, in, out) and biases ``cnb``, and its normalisation's mean ``mn``,
        variance ``vn``, scale ``gn`` and offset ``on``; the last layer's ``fw`` (7, 7, 32, 10)
        and ``fb``.

    Returns
    -------
    torch.nn.Sequential
        As `build` returns it, in evaluation mode.

    Raises
    ------
    FileError
        Where the archive cannot be read, or an array is missing or has another size.
    """
    network = build()
    try:
        with Path(path).open("rb") as file, np.load(file) as arrays:
            network.load_state_dict(_from_matlab({name: arrays[name] for name in arrays.files}))
    except KeyError as error:
        raise FileError(f"{path} must hold the authors' weights; {error} is missing") from error
    except _NO_ARCHIVE as error:
        reason = " ".join(str(error).split())
        raise FileError(f"{path} must be an archive of the authors' weights: {reason}") from error
    return network.eval()


def _from_matlab(arrays: dict[str, np.ndarray]) -> dict[str, Tensor]:
    """Return torch's names and axis order: MATLAB has (height, width, in, out)."""
    state = {"mean.image": torch.tensor(arrays["avg"])[None]}
    for number in range(1, len(FILTERS) + 1):
        weight = arrays[f"c{number}w"].transpose(3, 2, 0, 1)
        state[f"conv{number}.weight"] = torch.tensor(weight)
        state[f"norm{number}.num_batches_tracked"] = torch.tensor(0)
        for name, short in (
            ("conv{}.bias", "c{}b"),
            ("norm{}.running_mean", "m{}"),
            ("norm{}.running_var", "v{}"),
            ("norm{}.weight", "g{}"),
            ("norm{}.bias", "o{}"),
        ):
            state[name.format(number)] = torch.tensor(arrays[short.format(number)].ravel())
    state["classifier.weight"] = torch.tensor(
        arrays["fw"].transpose(3, 2, 0, 1).reshape(CLASSES, -1)
    )
    state["classifier.bias"] = torch.tensor(arrays["fb"].ravel())
    return state
