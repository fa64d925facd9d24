"""A module that cannot be asked is refused in one line that says what to do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cilens.errors import CilensError, ModelError
from cilens.models.preprocess.record import Preprocess
from cilens.models.torch.model import TorchModel


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 2)).eval()


def complaint(module: nn.Module, preprocess: Preprocess, runtime: str = "torch") -> str:
    """Return what is said of a batch of two."""
    shape = (2, *(preprocess.size or (8, 8)), preprocess.channels)
    with pytest.raises(CilensError) as caught:
        TorchModel(module, preprocess, runtime=runtime)(np.zeros(shape, dtype=np.float32))
    message = str(caught.value)
    assert "\n" not in message
    return message


STATE = ": state a preprocess whose size, channels and layout are what it takes"


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize(
    ("preprocess", "came"),
    [
        (Preprocess((9, 9)), "(2, 3, 9, 9), float32: mat1 and mat2 shapes cannot be multiplied"),
        (Preprocess((8, 8), 1), "(2, 1, 8, 8), float32: Given groups=1, weight of size [4, 3, 3, "),
        (Preprocess((8, 8), layout="NHWC"), "(2, 8, 8, 3), float32: Given groups=1, weight of"),
        (Preprocess((2, 2)), "(2, 3, 2, 2), float32: Calculated padded input size per channel"),
    ],
)
def test_a_preprocess_that_is_not_the_modules(runtime, preprocess, came) -> None:
    message = complaint(network(), preprocess, runtime)
    assert message.startswith(f"the module fails on images of shape {came}")
    assert message.endswith(STATE)


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
@pytest.mark.parametrize(
    ("module", "dtype", "were", "call", "or_state"),
    [
        (network().half(), "float32", "float16", "float()", "float16"),
        (network().bfloat16(), "float32", "bfloat16", "float()", None),
        (network().double(), "float32", "float64", "float()", "float64"),
        (network(), "float16", "float32", "to(torch.float16)", "float32"),
        (network(), "float64", "float32", "double()", "float32"),
    ],
)
def test_another_precision_than_the_weights(runtime, module, dtype, were, call, or_state) -> None:
    message = complaint(module, Preprocess((8, 8), dtype=dtype), runtime)
    assert message.startswith(f"the module fails on images of shape (2, 3, 8, 8), {dtype}: ")
    way = f", or state dtype={or_state} in its preprocess" if or_state else ""
    assert message.endswith(f"; its weights are {were}: call module.{call} first{way}")


def test_a_half_precision_module_that_is_fed_so_answers() -> None:
    model = TorchModel(network().half(), Preprocess((8, 8), dtype="float16"))
    assert model(np.zeros((2, 8, 8, 3), dtype=np.float32)).dtype == np.float32


@pytest.mark.filterwarnings("ignore:.torch.jit.* is deprecated:DeprecationWarning")
def test_a_scripts_own_reason_is_the_last_line() -> None:
    message = complaint(torch.jit.script(network()), Preprocess((9, 9)))
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied" in message
    assert message.endswith(STATE)


def test_another_reason_is_passed_on_as_it_is() -> None:
    class Broken(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("no luck\ntoday")

    message = complaint(Broken().eval(), Preprocess((8, 8)))
    assert message == "the module fails on images of shape (2, 3, 8, 8), float32: no luck"


def test_memory_that_runs_out_is_another_matter() -> None:
    class Large(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        TorchModel(Large().eval(), Preprocess((8, 8)))(np.zeros((2, 8, 8, 3)))


def test_it_is_a_model_error() -> None:
    with pytest.raises(ModelError):
        TorchModel(network(), Preprocess((9, 9)))(np.zeros((2, 9, 9, 3)))
