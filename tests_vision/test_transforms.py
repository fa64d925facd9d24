"""A network is fed what its own library feeds it, from the same photograph.

From PIL images: the same pixels, so that what is left is the rounding of float32. Where a library
resizes a tensor of whole numbers, PyTorch rounds otherwise than Pillow: how far apart they come is
stated here, for five photographs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import PIL.Image
import pytest
import timm
import torch
import torchvision
import transformers
from torchvision import transforms as v1
from torchvision.transforms import InterpolationMode, v2
from transformers.image_processing_backends import TorchvisionBackend

from cilens import InputError, preprocess_of, read_image
from cilens.models.preprocess.library.configs import _CONVNEXT, _PLAIN

EXACT = 1e-6
"""Of values up to about 2.6 in float32."""

ONE_LEVEL = 1 / 255
STATS = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
FLOAT = v2.ToDtype(torch.float32, scale=True)
OWN = ("_preprocess", "center_crop", "normalize", "process_image", "rescale", "resize")


def furthest(transform: object, run: Callable, photographs: list[PIL.Image.Image]) -> float:
    """Return how far what a network is fed lies from what its library feeds it."""
    p = preprocess_of(transform)
    worst = 0.0
    for photograph in photographs:
        ours = p.tensor(p.view(read_image(photograph)).image[None])[0]
        theirs = np.asarray(run(photograph))
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        worst = max(worst, float(np.abs(ours.astype(np.float64) - theirs).max()))
    return worst


def same(transform: Callable, photographs: list[PIL.Image.Image]) -> None:
    assert furthest(transform, transform, photographs) < EXACT


@pytest.mark.parametrize("name", ["nearest", "nearest-exact", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("module", [v1, v2], ids=["v1", "v2"])
def test_torchvision_on_pil_images(name, module, photographs):
    steps = [
        module.Resize(256, InterpolationMode(name)),
        module.CenterCrop(224),
        torchvision.transforms.ToTensor(),
        module.Normalize(*STATS),
    ]
    same(module.Compose(steps), photographs)
    stretched = module.Resize((190, 230), InterpolationMode(name))
    same(module.Compose([module.Compose([stretched]), *steps[2:]]), photographs)


@pytest.mark.parametrize(
    "steps",
    [
        [v1.Resize((200, 220)), v1.CenterCrop((195, 219)), v2.ToImage(), FLOAT],
        [v1.Resize([224]), v1.CenterCrop((224, 201)), v1.PILToTensor()],
        [v2.Resize(230), v2.ToImage(), v2.CenterCrop([224]), v2.ToDtype(torch.float32)],
        [v1.Resize(230), v1.CenterCrop(224), v1.PILToTensor(), v1.ConvertImageDtype(torch.float64)],
        [
            torch.nn.Sequential(v2.Resize(230), v2.ToImage(), FLOAT),
            v2.ToPureTensor(),
            v2.CenterCrop(9),
        ],
    ],
)
def test_torchvision_without_statistics(steps, photographs):
    same(v2.Compose([v2.RGB(), *steps]), photographs)


def test_statistics_of_whole_numbers(photographs):
    floats = [v2.ToImage(), v2.ToDtype(torch.float32), v2.Normalize([127.0] * 3, [128.0] * 3)]
    same(v2.Compose([v2.Resize(224), v2.CenterCrop(200), *floats]), photographs)


def test_grey(photographs):
    transform = v1.Compose([v1.Grayscale(), v1.Resize(32), v1.CenterCrop(28), v1.ToTensor()])
    p = preprocess_of(transform)
    for photograph in photographs:
        ours = p.tensor(p.view(read_image(photograph, channels=1)).image[None])[0]
        np.testing.assert_allclose(ours, transform(photograph).numpy(), atol=EXACT)


def test_without_geometry_any_size_will_do(cat):
    transform = v1.Compose([v1.ToTensor(), v1.Normalize(*STATS)])
    same(transform, [cat])
    assert preprocess_of(transform).size is None
    single = v1.Compose([v1.ToTensor(), v1.Normalize((0.1307,), (0.3081,))])
    assert str(preprocess_of(single, channels=1)) == "size=any,channels=1,mean=0.1307,std=0.3081"


@pytest.mark.parametrize(
    "weights",
    [
        torchvision.models.ResNet18_Weights.DEFAULT,
        torchvision.models.ResNet50_Weights.IMAGENET1K_V2,
        torchvision.models.ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1,
        torchvision.models.EfficientNet_V2_S_Weights.DEFAULT,
    ],
)
def test_presets_of_torchvision(weights, photographs):
    same(weights.transforms(), photographs)


@pytest.mark.parametrize(
    "name", ["resnet10t", "vit_tiny_patch16_224", "convnext_atto", "tf_efficientnet_lite0"]
)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"crop_mode": "squash"},
        {"input_size": (3, 200, 240), "crop_pct": 0.9},
        {"interpolation": "bilinear", "crop_pct": 1.0},
    ],
    ids=str,
)
def test_timm(name, changes, photographs):
    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    transform = timm.data.create_transform(**config | changes)
    assert furthest(config | changes, transform, photographs) < EXACT
    assert preprocess_of(transform) == preprocess_of(config | changes)


def test_timm_without_statistics(photographs):
    transform = timm.data.create_transform((3, 96, 96), normalize=False)
    p = preprocess_of(transform, channels=3)
    assert (p.scale, p.dtype) == (255.0, "uint8")
    for photograph in photographs:
        ours = p.tensor(p.view(read_image(photograph)).image[None])[0]
        np.testing.assert_array_equal(ours, transform(photograph).numpy())


def processed(processor: object) -> Callable:
    return lambda photograph: processor(photograph, return_tensors="np")["pixel_values"][0]


def processors(ending: str) -> list:
    kinds = [getattr(transformers, kind + ending) for kind in (*_PLAIN, _CONVNEXT)]
    return [*(kind() for kind in kinds), kinds[-1](size={"shortest_edge": 224})]


def name_of(processor: object) -> str:
    return f"{type(processor).__name__}-{'-'.join(map(str, dict(processor.size).values()))}"


@pytest.mark.parametrize("processor", processors("Pil"), ids=name_of)
def test_hugging_face_with_pil(processor, photographs):
    assert furthest(processor, processed(processor), photographs) < EXACT
    assert preprocess_of(processor.to_dict()) == preprocess_of(processor)


@pytest.mark.parametrize("processor", processors(""), ids=name_of)
def test_hugging_face_with_tensors(processor, photographs):
    """Within a level with a bilinear filter; a bicubic one is further at few edges."""
    p = preprocess_of(processor)
    level = ONE_LEVEL / np.reshape(processor.image_std, (3, 1, 1))
    for photograph in photographs:
        ours = p.tensor(p.view(read_image(photograph)).image[None])[0]
        apart = np.abs(ours - processed(processor)(photograph)) / level
        assert (apart > 2.01).mean() < 1e-4
        assert apart.max() < (1.01 if p.resample == "bilinear" else 11.01)


def test_timm_in_hugging_face(photographs):
    config = timm.get_pretrained_cfg("resnet10t").to_dict()
    processor = transformers.TimmWrapperImageProcessor(config)
    transform = timm.data.create_transform(**processor.data_config)
    assert furthest(processor, transform, photographs) < EXACT


@pytest.mark.parametrize("kind", _PLAIN)
def test_the_known_processors_do_nothing_of_their_own(kind):
    """Some take label maps too, and look at pixels as the plain one does."""
    own = {name for name in OWN if getattr(getattr(transformers, kind), name, None) is not None}
    changed = {
        name
        for name in own
        if getattr(getattr(transformers, kind), name) is not getattr(TorchvisionBackend, name)
    }
    assert changed <= {"_preprocess"}


@pytest.mark.parametrize("name", ["bilinear", "bicubic"])
def test_torchvision_on_whole_numbers(name, cat):
    steps = [v2.ToImage(), v2.Resize(256, InterpolationMode(name)), v2.CenterCrop(224), FLOAT]
    transform = v2.Compose([v2.RGB(), *steps])
    distance = furthest(transform, transform, [cat])
    assert EXACT < distance <= 2 * ONE_LEVEL + EXACT


def test_torchvision_on_floats(photographs):
    steps = [v1.ToTensor(), v1.Resize(256), v1.CenterCrop(224), v1.Normalize(*STATS)]
    assert furthest(v1.Compose(steps), v1.Compose(steps), photographs) < 1e-4
    assert preprocess_of(v1.Compose(steps)).depth == "float"


END = [v1.ToTensor(), v1.Normalize(*STATS)]
SMALLER = [v1.Resize(256), v1.CenterCrop(224)]
CUBIC = InterpolationMode.BICUBIC
KEEP = timm.data.transforms.ResizeKeepRatio
PAD = timm.data.transforms.CenterCropOrPad


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([v1.RandomResizedCrop(224), *END], "RandomResizedCrop: it is another one each time; le"),
        ([*SMALLER, v2.ColorJitter(), *END], "ColorJitter: it is another one each time; leave it"),
        ([v1.Lambda(abs), *END], "Lambda: it can do anything; state what the network wants with"),
        ([abs, *END], "a Preprocess cannot state builtin_function_or_method: it is none of the"),
        ([v1.Resize(256), v1.FiveCrop(224)], "FiveCrop: it makes five images of one; use Center"),
        ([v1.Pad(4), *END], "Pad: it adds what is no part of the photograph; leave it out"),
        ([v2.GaussianBlur(3), *END], "GaussianBlur: it is none of the steps that are known; sta"),
        ([v1.Resize(256, InterpolationMode.BOX), *END], "interpolation 'box': .* resize with near"),
        ([v1.Resize(256, max_size=300), *END], "Resize with max_size=300: it makes another size"),
        ([v1.Resize(256), *END], "resizes to 256 and cuts nothing out: it keeps .*; cut the midd"),
        ([v1.CenterCrop(224), *END], "cuts 224 x 224 out and never resizes: it looks at another"),
        ([v1.Resize(200), v1.CenterCrop(224), *END], "cuts 224 x 224 out of 200: it pads photogr"),
        ([v1.Resize((9, 999)), v1.CenterCrop(9), v1.CenterCrop(1)], "second CenterCrop: it cuts"),
        ([v1.Resize(8), v1.CenterCrop(0), *END], "0 x 0 pixels: it leaves nothing over; state"),
        ([*SMALLER, v1.Resize(99), *END], "Resize after a Resize or CenterCrop: it is a second"),
        ([*SMALLER, *END, *END], "a second Normalize: it normalises what is normalised; use one"),
        ([*END, *SMALLER], "Resize after Normalize: it comes too late; put it before Normalize"),
        ([*END, v1.Grayscale()], "Grayscale after Normalize: it comes too late; put it before"),
        ([v1.Grayscale(3), *END], r"Grayscale to 3 channels: .* use Grayscale\(1\), and wrap the"),
        ([v1.Grayscale(), v2.RGB()], "both Grayscale and RGB: it cannot be both; use one of the"),
        ([v1.Grayscale(), *END], "mean must be one number or 1, one for each channel; got 3"),
        (SMALLER, r"the transform gives no tensor: end it in ToTensor\(\)"),
        ([*SMALLER, v1.Normalize(*STATS)], "Normalize of a PIL image: it is for floats; put ToTen"),
        ([v1.PILToTensor(), v1.Normalize(*STATS)], "Normalize of whole numbers: it is for floats"),
        ([FLOAT], "ToDtype of a PIL image: it is for tensors; put ToImage before it"),
        ([v2.ToImage(), v2.ToDtype(torch.bfloat16)], "ToDtype to bfloat16: it is no type that"),
        ([v1.ToTensor(), v1.Resize(9, CUBIC), *END], r"float tensor with 'bicubic': it leaves \[0"),
        ([v2.ToImage(), v2.Resize(9, antialias=False)], "antialias=False: it skips pixels; resiz"),
        ([v1.ToTensor(), v1.Normalize([0.5] * 4, [1] * 4)], "one mean and one std .* got 4 and 4"),
        ([v1.ToTensor(), v1.Normalize([0.5] * 3, [1] * 2)], "one mean and one std .* got 3 and 2"),
        ([v1.ToTensor()], r"does not say how many channels .*preprocess_of\(…, channels=1\) for"),
        ([KEEP(256, longest=1.0), *END], "ResizeKeepRatio by the longer side: it pads photograph"),
        ([KEEP(256, random_scale_prob=1.0)], "ResizeKeepRatio with a random scale: it is anothe"),
        ([KEEP(256, interpolation="random")], "with one of several filters: it is another one"),
        ([v1.Resize(256), PAD(224), *END], "CenterCropOrPad: it adds what is no part of the pho"),
    ],
)
def test_what_cannot_be_stated_is_named(steps, message):
    with pytest.raises(InputError, match=message) as error:
        preprocess_of(v1.Compose(steps))
    assert "\n" not in str(error.value)


class Resize:
    """One of the same name, from elsewhere."""

    size, interpolation, antialias = 256, "bilinear", True


def test_a_class_of_the_same_name_is_none_of_the_library():
    with pytest.raises(InputError, match=r"cannot state \S+\.Resize: it is none of the steps"):
        preprocess_of(v1.Compose([Resize(), *END]))
