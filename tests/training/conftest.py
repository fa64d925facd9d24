"""A network in the layout of EfficientNet-Lite, small enough to be written down."""

from __future__ import annotations

import pytest
import torch
from torch import nn

CLASSES = 3


def convolution(inputs: int, outputs: int, side: int, *, stride: int = 1, groups: int = 1):
    layer = nn.Conv2d(inputs, outputs, side, stride=stride, groups=groups, bias=False)
    before, after = ((side - stride) // 2, side - stride - (side - stride) // 2)
    padding = nn.Identity() if side == 1 else nn.ZeroPad2d((before, after, before, after))
    layer.add_module("static_padding", padding)
    return layer


class Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, widen: int, stride: int) -> None:
        super().__init__()
        wide = inputs * widen
        if widen > 1:
            self._expand_conv = convolution(inputs, wide, 1)
            self._bn0 = nn.BatchNorm2d(wide)
        self._depthwise_conv = convolution(wide, wide, 3, stride=stride, groups=wide)
        self._bn1 = nn.BatchNorm2d(wide)
        self._project_conv = convolution(wide, outputs, 1)
        self._bn2 = nn.BatchNorm2d(outputs)
        self.adds = inputs == outputs and stride == 1

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        data = entry
        if "_expand_conv" in dict(self.named_children()):
            data = self._bn0(self._expand_conv(data)).clamp(0, 6)
        data = self._depthwise_conv.static_padding(data)
        data = self._bn1(self._depthwise_conv(data)).clamp(0, 6)
        data = self._bn2(self._project_conv(data))
        return data + entry if self.adds else data


class Lite(nn.Module):
    """Logits of three classes; a stem, four blocks of every kind, a head."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = convolution(3, 4, 3, stride=2)
        self._bn0 = nn.BatchNorm2d(4)
        kinds = [(4, 6, 1, 1), (6, 8, 2, 2), (8, 8, 2, 1), (8, 8, 2, 2)]
        self._blocks = nn.ModuleList([Block(*kind) for kind in kinds])
        self._conv_head = convolution(8, 16, 1)
        self._bn1 = nn.BatchNorm2d(16)
        self._fc = nn.Linear(16, CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        data = self._conv_stem(self._conv_stem.static_padding(images))
        data = self._bn0(data).clamp(0, 6)
        for block in self._blocks:
            data = block(data)
        data = self._bn1(self._conv_head(data)).clamp(0, 6)
        return self._fc(data.mean(dim=(2, 3)))


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Let torch compute these few images with one thread: two would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def lite() -> nn.Module:
    """Return such a network with weights that let every clip and every pad matter."""
    network, generator = Lite().eval(), torch.Generator().manual_seed(8)
    with torch.no_grad():
        for values in network.state_dict().values():
            if values.is_floating_point():
                values.copy_(torch.randn(values.shape, generator=generator))
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_var.abs_().add_(0.5)
    return network
