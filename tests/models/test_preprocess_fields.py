"""What a network wants can be written as text and as JSON, and read back exactly."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import InputError
from cilens.models.preprocess.fields import CHOICES
from cilens.models.preprocess.record import Preprocess

finite = st.floats(-1e6, 1e6)
positive = st.floats(1e-6, 1e6)


@st.composite
def preprocesses(draw: st.DrawFn) -> Preprocess:
    channels = draw(st.sampled_from([1, 3, 5]))
    each = {
        name: draw(st.one_of(one, st.tuples(*[one] * channels)))
        for name, one in (("mean", finite), ("std", positive))
    }
    size = draw(st.one_of(st.none(), st.tuples(st.integers(1, 999), st.integers(1, 999))))
    fit = draw(st.sampled_from(["exact", "crop", "stretch", "pad"] if size else ["exact"]))
    wider = st.tuples(st.integers(999, 1999), st.integers(999, 1999))
    resizes = {"crop": st.one_of(st.none(), st.integers(999, 1999), wider), "stretch": wider}
    return Preprocess(
        size=size,
        channels=channels,
        fit=fit,
        crop=draw(st.floats(0.01, 1)),
        resample=draw(st.sampled_from(["nearest", "bilinear", "bicubic", "lanczos"])),
        scale=draw(positive),
        layout=draw(
            st.sampled_from(["NCHW", "NHWC", "flat_CHW", "flat_HWC"] + ["NHW"] * (channels == 1))
        ),
        dtype=draw(st.sampled_from(CHOICES["dtype"])),
        resize=draw(resizes.get(fit, st.none())),
        centre=draw(st.sampled_from(["round", "floor"])),
        depth=draw(st.sampled_from(["float", "uint8"])),
        order=draw(st.sampled_from(["RGB", "BGR"] if channels == 3 else ["RGB"])),
        pad=draw(st.floats(0, 1)) if fit == "pad" else 0.0,
        **({"standardise": "image"} if draw(st.booleans()) else each),
    )


@given(preprocesses())
def test_text_and_json_read_back(p: Preprocess) -> None:
    assert Preprocess.parse(str(p)) == p
    assert Preprocess.from_json(p.to_json()) == p
    assert pickle.loads(pickle.dumps(p)) == p
    assert hash(Preprocess.parse(str(p))) == hash(p)


def test_text_names_size_channels_and_what_differs() -> None:
    assert str(Preprocess()) == "size=any,channels=3"
    text = "size=224x192,channels=3,scale=255,mean=127,std=0.5/1/2,layout=NHWC"
    assert str(Preprocess.parse(text)) == text


def test_text_keeps_defaults_and_forgives_spaces() -> None:
    assert Preprocess.parse("") == Preprocess()
    assert Preprocess.parse(" size = 28x20 , channels=1") == Preprocess((28, 20), 1)


def test_numbers_of_any_kind_become_plain_ones() -> None:
    p = Preprocess([np.int64(8), 8.0], np.int64(3), scale=np.float32(2), mean=np.array([1, 2, 3]))
    assert p == Preprocess((8, 8), 3, scale=2.0, mean=(1.0, 2.0, 3.0))
    assert json.loads(p.to_json())["mean"] == [1, 2, 3]
    assert Preprocess(channels=1, std=(2.0,)).std == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sise=28x28", r"unknown preprocessing key 'sise'; did you mean 'size'\?"),
        ("size=28", r"size must be \(height, width\)"),
        ("size=28x28x3", r"size must be \(height, width\)"),
        ("size=0x28", r"size must be \(height, width\)"),
        ("size=28.5x28", r"size must be \(height, width\)"),
        ("size=axb", "size must be a number; got 'a'"),
        ("channels=0", "channels must be a whole number from 1 on, as 3 for RGB; got 0"),
        ("channels=2.5", "channels must be a whole number from 1 on"),
        ("channels=1/3", r"channels must be a number; got \(1.0, 3.0\)"),
        ("scale=0", "scale must be greater than 0"),
        ("std=1/0/1", "std must be greater than 0"),
        ("mean=nan", "mean must be finite"),
        ("mean=1/2", "mean must be one number or 3, one for each channel; got 2"),
        ("crop=1.5", r"crop must be in \(0, 1\]; got 1.5"),
        ("layout=nchw", r"unknown layout 'nchw'; did you mean 'NCHW'\?"),
        ("fit=croop", r"unknown fit 'croop'; did you mean 'crop'\?"),
        ("resample=cubic", r"unknown resample 'cubic'; did you mean 'bicubic'\?"),
        ("dtype=uint9", r"unknown dtype 'uint9'; did you mean 'uint8'\?"),
        ("order=bgr", r"unknown order 'bgr'; did you mean 'BGR'\?"),
        ("channels=1,order=BGR", "order='BGR' is for 3 channels; got channels=1"),
        ("layout=NHW", "layout='NHW' has no axis for channels=3: state channels=1, or another"),
        ("standardise=image,mean=0.5", "leaves nothing for mean and std to do: .* got mean=0.5"),
        ("standardise=image,std=2", "leaves nothing for mean and std to do: leave them out"),
        ("fit=pad", "fit='pad' needs a size"),
        ("pad=0.5", "pad is for fit='pad'; got pad=0.5, fit='exact'"),
        ("size=8x8,fit=pad,pad=114", r"pad must be a pixel in \[0, 1\], .*; got 114"),
        ("size=8x8,fit=pad,pad=0/1", "pad must be one number or 3, one for each channel; got 2"),
        ("size=8x8,fit=pad,resize=9", "resize is for fit='crop' or 'stretch'; got fit='pad'"),
        ("mean=0.406/0.456/0.485", "in the order blue, green, red: state order=BGR where"),
        ("scale=255,mean=103.939/116.779/123.68", "state order=BGR where the network is fed so"),
        ("scale=255,mean=104/117/123", "state order=BGR where the network is fed so"),
        ("order=BGR,mean=0.485/0.456/0.406", "with order=BGR blue, green, red; got mean=0.485/"),
        ("fit=crop", "fit='crop' needs a size"),
        ("size", "key=value with commas between.*got 'size'"),
        ("scale=1,scale=2", "names 'scale' twice"),
        ("scale=1,", "key=value with commas between"),
    ],
)
def test_text_that_is_wrong_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preprocess.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be a JSON object: "),
        ("[1, 2]", r"must be a JSON object; got '\[1, 2\]'"),
        ('{"mena": 1}', r"unknown preprocessing key 'mena'; did you mean 'mean'\?"),
        ('{"scale": true}', "scale must be a number; got True"),
        ('{"scale": "255"}', "scale must be a number; got '255'"),
        ('{"size": "28x28"}', "size must be"),
        ('{"layout": ["NCHW"]}', "unknown layout"),
        ('{"channels": null}', "channels must be a number; got None"),
    ],
)
def test_json_that_is_wrong_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Preprocess.from_json(text)
