"""The order of segments: a proxy's where it can be trusted, the influence's otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cilens
from cilens.errors import InputError
from cilens.proxy import packed


def test_a_proxy_orders_where_it_can_be_trusted_and_is_saved(tmp_path):
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    found = cilens.explain(model, image, method=cilens.SampledImportance(look="outside"))
    found.save(tmp_path / "a.npz")
    again = cilens.Explanation.load(tmp_path / "a.npz")
    texts, arrays = packed(found.proxy)
    assert texts == packed(again.proxy)[0] == {"proxy": ["outside", "softmax"]}
    for name, array in arrays.items():
        np.testing.assert_array_equal(packed(again.proxy)[1][name], array)
    assert found.ordered_by_proxy(7)
    ranks = found.ranks(7)
    np.testing.assert_array_equal(again.ranks(7), ranks)
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    np.testing.assert_array_equal(found.ranking(7), ranks[found.segments])
    np.testing.assert_array_equal(found.saliency(7), found.segment_influence(7)[found.segments])
    unsure = replace(found.proxy, trust=np.full_like(found.proxy.trust, 0.29))
    plain = replace(found, proxy=unsure)
    assert not plain.ordered_by_proxy(7)
    np.testing.assert_array_equal(plain.ranks(7), found.segment_influence(7))


def test_a_proxy_must_be_of_the_same_segments_and_classes():
    model, image = cilens.load_model("digits"), cilens.read_image("mnist:0")
    found = cilens.explain(model, image, method=cilens.SampledImportance(look="outside"))
    proxy = found.proxy
    fewer = replace(proxy, single=proxy.single[..., 1:], double=proxy.double[..., 1:, 1:])
    with pytest.raises(InputError, match="the proxy must be of"):
        replace(found, proxy=fewer)
    with pytest.raises(InputError, match=r"the proxy's classes must be 0 … 9"):
        replace(found, proxy=replace(proxy, classes=proxy.classes + 1))
