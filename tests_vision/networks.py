"""Small networks of three libraries, with random weights, each with its own preprocessing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import PIL.Image
import timm
import torch
import torchvision
import transformers

NAMES = ("cat", "dog", "cup", "bird", "boat")
STATS = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


@dataclass
class Network:
    """A network, what its library gives for its input, and that at work."""

    module: torch.nn.Module
    transform: object
    prepare: Callable[[PIL.Image.Image], torch.Tensor]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    output: str | None = None

    def logits(self, rows: torch.Tensor) -> torch.Tensor:
        """Return what the network says to normalised rows, without cilens."""
        with torch.inference_mode():
            said = self.module(rows)
        return said if self.output is None else said[self.output]


def torchvision_network(name: str) -> Network:
    if name == "resnet18":
        module = torchvision.models.resnet18(num_classes=5)
        transform = torchvision.models.ResNet18_Weights.DEFAULT.transforms()
    else:
        module = torchvision.models.VisionTransformer(
            image_size=64,
            patch_size=16,
            num_layers=2,
            num_heads=2,
            hidden_dim=32,
            mlp_dim=64,
            num_classes=5,
        )
        torch.nn.init.normal_(module.heads.head.weight)  # made of zeros, it would say nothing
        steps = [
            torchvision.transforms.Resize(72),
            torchvision.transforms.CenterCrop(64),
            torchvision.transforms.ToTensor(),
            torchvision.transforms.Normalize(*STATS),
        ]
        transform = torchvision.transforms.Compose(steps)
    return Network(module, transform, lambda one: transform(one)[None], *map(tuple, STATS))


def timm_network(name: str) -> Network:
    module = timm.create_model(name, pretrained=False, num_classes=5)
    torch.nn.init.normal_(module.get_classifier().weight)  # small at first: it hardly says a thing
    config = timm.data.resolve_model_data_config(module)
    transform = timm.data.create_transform(**config)
    return Network(module, config, lambda one: transform(one)[None], config["mean"], config["std"])


def hugging_face_network(name: str, ending: str = "Pil") -> Network:
    labels = dict(enumerate(NAMES))
    configs = {
        "ViT": transformers.ViTConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            image_size=64,
            id2label=labels,
        ),
        "ConvNext": transformers.ConvNextConfig(
            hidden_sizes=[8, 16, 16, 16], depths=[1, 1, 1, 1], id2label=labels
        ),
    }
    module = getattr(transformers, f"{name}ForImageClassification")(configs[name])
    torch.nn.init.normal_(module.classifier.weight)  # 0.02 at first: it would hardly say a thing
    side = {"height": 64, "width": 64} if name == "ViT" else {"shortest_edge": 64}
    processor = getattr(transformers, f"{name}ImageProcessor{ending}")(size=side)
    return Network(
        module,
        processor,
        lambda one: torch.as_tensor(processor(one, return_tensors="pt")["pixel_values"]),
        tuple(processor.image_mean),
        tuple(processor.image_std),
        output="logits",
    )


def small(library: str, name: str) -> Network:
    """Return a network in evaluation mode whose scores differ, always the same one."""
    makers = {
        "torchvision": torchvision_network,
        "timm": timm_network,
        "hugging face": hugging_face_network,
    }
    torch.manual_seed(0)
    network = makers[library](name)
    network.module.eval()
    return network
