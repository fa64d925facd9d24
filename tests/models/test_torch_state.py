"""A module's state tells every change that its answers can depend on, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from cilens.models.torch.state import is_same, kept, state_of

IMAGES = torch.zeros(2, 3, 8, 8)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.parts = nn.ModuleList([nn.Linear(4, 5), nn.Linear(5, 5)])
        self.factor, self.name, self.none = 2.0, "net", None
        self.nested = {"shift": [torch.zeros(2), 1], "half": torch.zeros(3).bfloat16()}
        self.nested["itself"] = self.nested
        self.bits = torch.tensor([True]), torch.zeros(1, dtype=torch.complex128), torch.zeros(0)


@pytest.fixture
def net() -> Net:
    return Net().eval()


CHANGES = {
    "weights in place": lambda net: net.parts[1].bias.data.add_(1.0),
    "one weight of another part": lambda net: net.parts[0].weight.data[0, 0].add_(9.0),
    "weights loaded": lambda net: net.load_state_dict(
        {name: one + 1 for name, one in net.state_dict().items()}
    ),
    "weights in another order": lambda net: net.parts[0].weight.data.copy_(
        net.parts[0].weight.detach().flip(0)
    ),
    "a buffer": lambda net: net.norm.running_mean.sub_(1.0),
    "another precision": lambda net: net.double(),
    "another part": lambda net: net.parts.append(nn.ReLU()),
    "a part in place of its like": lambda net: net.parts.__setitem__(0, nn.Linear(4, 5)),
    "a number": lambda net: setattr(net, "factor", 3.0),
    "its type": lambda net: setattr(net, "factor", 2),
    "a text": lambda net: setattr(net, "name", "other"),
    "what was nothing": lambda net: setattr(net, "none", 0),
    "a tensor that is no weight": lambda net: net.nested["shift"][0].add_(1),
    "a number in a list": lambda net: net.nested["shift"].__setitem__(1, 2),
    "one of half precision": lambda net: net.nested["half"].add_(1),
    "a truth": lambda net: net.bits[0].logical_not_(),
    "a complex number": lambda net: net.bits[1].add_(1j),
    "a hook": lambda net: net.parts[0].register_forward_hook(lambda *given: None),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(net: Net, change: Callable[[Net], object]) -> None:
    before = kept(state_of(net, IMAGES))
    change(net)
    assert not is_same(before, state_of(net, IMAGES))


def test_what_changes_no_answer_is_none(net: Net) -> None:
    net.norm.running_var.fill_(torch.nan)
    before = kept(state_of(net, IMAGES))
    net.norm(torch.rand(2, 4, 1, 1))
    net.load_state_dict(net.state_dict())
    assert is_same(before, state_of(net, torch.ones(7, 3, 8, 8)))


@pytest.mark.parametrize("images", [torch.zeros(2, 3, 8, 9), IMAGES.double()])
def test_other_images_are_another_state(net: Net, images: torch.Tensor) -> None:
    assert not is_same(kept(state_of(net, IMAGES)), state_of(net, images))
