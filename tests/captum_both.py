"""What the tests of `cilens.captum` share: ours is held against captum's."""

from __future__ import annotations

import torch
from captum.attr import FeatureAblation

from cilens.captum import ContextualImportance


def agree(function, inputs, steps=(1, 3), **options):
    """Hold ours against captum's, in every shape and dtype."""
    for rows in steps:
        theirs = FeatureAblation(function).attribute(inputs, perturbations_per_eval=rows, **options)
        ours = ContextualImportance(function).attribute(
            inputs, perturbations_per_eval=rows, **options
        )
        assert isinstance(ours, tuple) == isinstance(inputs, tuple)
        several = zip(ours, theirs, strict=True) if isinstance(ours, tuple) else [(ours, theirs)]
        pairs = list(several)
        for one, other in pairs:
            assert one.shape == other.shape
            assert one.dtype == other.dtype
            scale = max([1.0, *other.double().abs().ravel().tolist()])
            torch.testing.assert_close(one, other.detach(), rtol=0, atol=1e-6 * scale)
        assert any(one.any() for one, _ in pairs)
