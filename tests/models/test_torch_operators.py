"""The rules for PyTorch's programs, each by itself: operators, expressions, tensors."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from cilens.errors import FileError
from cilens.models.torch.expression import is_expression
from cilens.models.torch.operators import check_target
from cilens.models.torch.tensors import view_fault

S = sympy.Symbol("s0", positive=True, integer=True)
T = sympy.Symbol("s77", integer=True)


@pytest.mark.parametrize(
    "expression",
    [
        *(S, S + 2 * T, S // 2, S**2, sympy.sqrt(S), sympy.Max(S, 3), sympy.Rational(1, 2) * S),
        *(sympy.Eq(S, T), sympy.Piecewise((1, S > 2), (T, True)), sympy.ceiling(S / 3), S * 1.5),
        *(sympy.And(S > 1, sympy.Not(T < 2)), sympy.oo, sympy.Abs(T)),
    ],
)
def test_what_sympy_writes_is_an_expression(expression: sympy.Basic) -> None:
    assert is_expression(sympy.srepr(expression))


@given(st.text(alphabet="SymbolIntegr('0s,_)(.*+= -abf[]{}:\\\"\n", max_size=30))
def test_no_other_text_is(text: str) -> None:
    if is_expression(text):
        known = {name: getattr(sympy, name) for name in ("Symbol", "Integer", "true", "oo")}
        assert isinstance(eval(text, {"__builtins__": {}}, known), sympy.Basic)


@pytest.mark.parametrize(
    "name",
    [
        *("conv2d.default", "gelu.default", "pad.default", "einsum.default", "div.Tensor_mode"),
        *("upsample_bilinear2d.vec", "scaled_dot_product_attention.default", "_softmax.default"),
        *("_to_copy.default", "add.Tensor", "bernoulli.default", "linalg_vector_norm.default"),
    ],
)
def test_operators_of_networks_are_on_the_list(name: str) -> None:
    check_target("a.pt2", f"torch.ops.aten.{name}")


@pytest.mark.parametrize(
    "name",
    [
        *("from_file.default", "save.default", "set_.source_Storage", "record_stream.default"),
        *("conv2d.none", "_cudnn_init_dropout_state.default", "__class__.default", "to.none"),
    ],
)
def test_others_are_not(name: str) -> None:
    with pytest.raises(FileError, match="is not on the list"):
        check_target("a.pt2", f"torch.ops.aten.{name}")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=3), st.integers(0, 9))
def test_a_view_reaches_no_further_than_numpy_would(
    axes: list[tuple[int, int]], offset: int
) -> None:
    sizes, strides = [size for size, _ in axes], [stride for _, stride in axes]
    places = np.full(sizes, offset)
    for axis, stride in enumerate(strides):
        shape = [-1 if one == axis else 1 for one in range(len(sizes))]
        places = places + stride * np.arange(sizes[axis]).reshape(shape)
    reached = int(places.max()) + 1 if places.size else 0
    assert not view_fault(sizes, strides, offset, reached)
    if reached:
        assert "reaches to element" in view_fault(sizes, strides, offset, reached - 1)


@pytest.mark.parametrize("size", [-1, 1.5, None, True, "3"])
def test_sizes_are_whole_numbers(size: object) -> None:
    assert "no whole numbers" in view_fault([size], [1], 0, 9)
