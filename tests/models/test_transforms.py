"""A library's own preprocessing is read as it is written, or refused by name.

The dicts are those that timm and Hugging Face write. Their tensors, and torchvision, are compared
where these are installed: ``make test-vision``.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

import cilens
from cilens import InputError, Preprocess, preprocess_of

TIMM = {
    "input_size": (3, 224, 224),
    "interpolation": "bicubic",
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
    "crop_pct": 0.875,
    "crop_mode": "center",
}
VIT = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": 224, "width": 224},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}
CUT = {"do_center_crop": True, "crop_size": {"height": 224, "width": 224}}
CONVNEXT = VIT | {"image_processor_type": "ConvNextImageProcessor", "crop_pct": 0.875}
STATS = "mean=0.485/0.456/0.406,std=0.229/0.224/0.225"
SMALL = "size=224x224,channels=3,fit=stretch,"
HALVES = "mean=0.5/0.5/0.5,std=0.5/0.5/0.5"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, f"size=224x224,channels=3,fit=crop,{STATS},resize=256,depth=uint8"),
        ({"crop_pct": 0.9}, f"size=224x224,channels=3,fit=crop,{STATS},resize=248,depth=uint8"),
        ({"crop_pct": 1}, f"size=224x224,channels=3,fit=crop,{STATS},resize=224,depth=uint8"),
        (
            {"crop_mode": "squash", "interpolation": "bilinear"},
            f"{SMALL}resample=bilinear,{STATS},resize=256x256,depth=uint8",
        ),
        (
            {"crop_mode": "squash", "crop_pct": 1.0},
            f"size=224x224,channels=3,fit=stretch,{STATS},depth=uint8",
        ),
        (
            {"input_size": (3, 200, 240), "crop_pct": 0.8},
            f"size=200x240,channels=3,fit=crop,{STATS},resize=250x300,depth=uint8",
        ),
        (
            {"input_size": (1, 28, 28), "mean": (0.5,), "std": (0.25,), "crop_pct": 1.0},
            "size=28x28,channels=1,fit=crop,mean=0.5,std=0.25,resize=28,depth=uint8",
        ),
    ],
)
def test_configs_of_timm(changes: dict, text: str) -> None:
    assert preprocess_of(TIMM | changes) == Preprocess.parse(text)
    assert str(preprocess_of(TIMM | changes)) == text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, f"size=224x224,channels=3,fit=stretch,resample=bilinear,{HALVES},depth=uint8"),
        (
            CUT | {"size": {"shortest_edge": 256}, "resample": 3},
            f"size=224x224,channels=3,fit=crop,{HALVES},resize=256,centre=floor,depth=uint8",
        ),
        (
            CUT | {"size": {"height": 256, "width": 256, "longest_edge": None}, "resample": 1},
            f"{SMALL}resample=lanczos,{HALVES},resize=256x256,centre=floor,depth=uint8",
        ),
        ({"do_resize": False}, f"size=any,channels=3,{HALVES}"),
        (
            {"do_normalize": False, "do_convert_rgb": True, "rescale_factor": 1 / 127.5},
            "size=224x224,channels=3,fit=stretch,resample=bilinear,scale=2,depth=uint8",
        ),
        (
            {"do_rescale": False, "image_mean": [127], "image_std": [128], "do_convert_rgb": True},
            f"{SMALL}resample=bilinear,scale=255,mean=127,std=128,depth=uint8",
        ),
        (
            {"do_rescale": False, "do_normalize": False, "do_convert_rgb": True},
            f"{SMALL}resample=bilinear,scale=255,dtype=uint8,depth=uint8",
        ),
        (
            {"do_pad": False, "do_reduce_labels": False, "default_to_square": True},
            f"size=224x224,channels=3,fit=stretch,resample=bilinear,{HALVES},depth=uint8",
        ),
    ],
)
def test_dicts_of_hugging_face(changes: dict, text: str) -> None:
    assert str(preprocess_of(VIT | changes)) == text


@pytest.mark.parametrize(
    ("side", "told"),
    [
        (224, "size=224x224,channels=3,fit=crop,resample=bilinear,{},resize=256,centre=floor"),
        (384, "size=384x384,channels=3,fit=stretch,resample=bilinear,{}"),
    ],
)
def test_convnext_has_its_own_way(side: int, told: str) -> None:
    config = CONVNEXT | {"size": {"shortest_edge": side}}
    assert str(preprocess_of(config)) == told.format(HALVES) + ",depth=uint8"


def test_timm_inside_hugging_face() -> None:
    wrapped = {"image_processor_type": "TimmWrapperImageProcessor", "data_config": TIMM}
    assert preprocess_of(wrapped) == preprocess_of(TIMM)


def test_numbers_that_were_float32_are_read_as_they_were_written() -> None:
    tensors = {key: torch.tensor(TIMM[key]) for key in ("mean", "std")}
    assert float(tensors["mean"][0]) != 0.485
    assert preprocess_of(TIMM | tensors) == preprocess_of(TIMM)


def test_a_network_is_fed_what_the_config_says() -> None:
    image = (np.random.default_rng(0).integers(0, 256, (250, 300, 3)) / 255).astype(np.float32)
    p = preprocess_of(TIMM | {"mean": (0.0, 0.5, 1.0), "std": (1.0, 0.5, 2.0)})
    view = p.view(image)
    # 256 x 307: 16 above, half of 83 before, 224 of either
    unit = 250 / 256
    assert view.box == pytest.approx((16 * unit, 42 * 300 / 307, 240 * unit, 266 * 300 / 307))
    fed = p.tensor(view.image[None])[0]
    wanted = np.moveaxis((view.image - [0.0, 0.5, 1.0]) / [1.0, 0.5, 2.0], 2, 0)
    np.testing.assert_allclose(fed, wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"crop_mode": "border"}, r"crop_mode='border': it adds what is no part of .*; use"),
        ({"crop_mode": "middle"}, "crop_mode='middle': it is not known; use"),
        ({"interpolation": "random"}, "config with interpolation 'random': .* resize with nearest"),
        ({"crop_pct": 1.1}, "timm's config that cuts 224 x 224 out of 203: it pads"),
        ({"crop_pct": 0}, "crop_pct must be greater than 0; got 0"),
        ({"crop_pct": None}, "crop_pct must be greater than 0; got None"),
        ({"input_size": (3, 224)}, r"input_size must be \(channels, height, width\); got \(3, 22"),
        ({"input_size": (4, 224, 224)}, "mean must be one number or 4, .*; got 3"),
        ({"input_size": (3, 0, 224)}, "it leaves nothing over"),
        ({"input_size": (3, "a", 224)}, "input_size must have one or two whole numbers"),
        ({"mean": (0.5, 0.5)}, "timm's config must have one mean and one std .* got 2 and 3"),
        ({"mean": ("a", "b", "c")}, "timm's config must have numbers as mean and std"),
        ({"std": (0.0, 1.0, 1.0)}, "std must be greater than 0; got 0"),
        ({"url": "x"}, "unknown key of a timm config 'url' .* pass timm.data.resolve_model_data"),
    ],
)
def test_configs_of_timm_that_cannot_be_stated(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        preprocess_of(TIMM | changes)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"do_pad": True}, "ViTImageProcessor with do_pad=True: it adds what is no part .* it off"),
        ({"do_flip_channel_order": True}, "with do_flip_channel_order=True: it is a setting that"),
        ({"crop_pct": 0.9}, "ViTImageProcessor with crop_pct=0.9: it is a setting that is not kno"),
        ({"image_processor_type": "LevitImageProcessor"}, "LevitImageProcessor: it is none of .*;"),
        ({"do_rescale": None}, "must state do_rescale as True or False; got None: pass AutoImage"),
        ({"size": 224}, "a size must be a dict, as height and width; got 224: pass AutoImagePr"),
        ({"size": {"shortest_edge": 224}}, "resizes to 224 and cuts nothing out: it keeps each"),
        ({"size": {"longest_edge": 224}}, "size={'longest_edge': 224}: it does not bring every"),
        ({"size": {"shortest_edge": 9, "longest_edge": 99}}, "does not bring every photograph to"),
        ({"size": {"height": 8, "width": None}}, "does not bring every photograph to one size"),
        ({"size": {"height": 0, "width": 0}}, r"size must be \(height, width\) in whole pixels"),
        (CUT | {"size": {"height": 99, "width": 99}}, "cuts 224 x 224 out of 99 x 99: it pads"),
        (CUT | {"size": {"shortest_edge": 200}}, "cuts 224 x 224 out of 200: it pads photograph"),
        (CUT | {"do_resize": False}, "cuts 224 x 224 out and never resizes: it looks at another"),
        (CUT | {"crop_size": {"shortest_edge": 9}}, "crop_size must have height and width; got"),
        ({"do_center_crop": True}, "the image processor must state crop_size, and does not"),
        ({"resample": 4}, "an image processor with interpolation 'box': it is no filter that"),
        ({"resample": "bicubic"}, "resample must be one of Pillow's filters, 0 to 5; got 'bicub"),
        ({"rescale_factor": None}, "the image processor must state rescale_factor, and does not"),
        ({"rescale_factor": "1/255"}, "rescale_factor must be a number; got '1/255'"),
        ({"image_mean": [0.5] * 4}, "one mean and one std for each .* got 4 and 3"),
        ({"image_mean": None}, "the image processor must state image_mean, and does not"),
        ({"do_normalize": False}, r"does not say how many channels .* channels=1\) for grey or"),
        ({"image_processor_type": None}, "a dict must be timm's data config"),
    ],
)
def test_dicts_of_hugging_face_that_cannot_be_stated(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        preprocess_of(VIT | changes)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "ConvNextImageProcessor must have shortest_edge as its size"),
        ({"crop_pct": 0, "size": {"shortest_edge": 224}}, "crop_pct must be greater than 0; got 0"),
        (CUT | {"size": {"shortest_edge": 224}}, "do_center_crop beside crop_pct"),
    ],
)
def test_convnext_that_cannot_be_stated(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        preprocess_of(CONVNEXT | changes)


def test_channels_that_are_not_said_are_asked_for() -> None:
    config = VIT | {"do_normalize": False}
    assert preprocess_of(config, channels=1).channels == 1
    grey = VIT | {"image_mean": [0.5], "image_std": 0.25}
    assert preprocess_of(grey, channels=1).std == 0.25
    assert preprocess_of(VIT, channels=3) == preprocess_of(VIT)
    with pytest.raises(InputError, match="the image processor is for 3 channels; got channels=1"):
        preprocess_of(VIT, channels=1)
    with pytest.raises(InputError, match="channels must be a whole number from 1 on"):
        preprocess_of(config, channels=0)


@pytest.mark.parametrize(
    ("thing", "message"),
    [
        (None, "a transform must be torchvision's, .* got NoneType: state what"),
        (lambda image: image, "got the function <lambda>: state what the network wants with"),
        ({}, r"with input_size\), or an image processor's to_dict\(\) .*; got none"),
        ({"mean": 1}, r"got mean$"),
        (Preprocess(), "this is a Preprocess already"),
        (torch.nn.ReLU(), "a Preprocess cannot state ReLU: it is none of the steps that are kn"),
        (torch.nn.Sequential(torch.nn.Identity()), "gives no tensor: end it in ToTensor"),
    ],
)
def test_what_is_no_transform(thing: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cilens.preprocess_of(thing)
