"""Which operators a PyTorch file may use: those that compute, and touch no file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from torch import _C

from cilens.errors import FileError
from cilens.models.torch.expression import words

_NUMBERS = words(
    """
    Tensor int float bool number Scalar complex SymInt Device Layout NoneType Generator List
    Optional Tuple Dict AnyEnumType t t1 t2 tVal
    """
)
"""Types that name no file. An operator of these alone cannot reach one."""

_CHOICES = words(
    """
    approximate equation indexing interpolation mode norm ord pad_mode padding padding_mode
    reduce rounding_mode side
    """
)
"""Arguments that are texts and choose a variant of the computation."""

_TEXTS = words(
    """
    Delete Float Int __contains__ __getitem__ _set_item add any clear copy count dict eq
    format get hash index items join keys len list lower ne percentFormat pop setdefault str
    update upper values warn
    """
)
"""TorchScript's operators on texts and on dicts with texts as keys."""

_INNER = words(
    """
    _adaptive_avg_pool2d _adaptive_avg_pool3d _assert_async _assert_scalar
    _assert_tensor_metadata _cat _conj _convolution _convolution_mode _fft_c2c _fft_c2r
    _fft_r2c _functional_assert_async _functional_assert_scalar _linalg_det _linalg_slogdet
    _log_softmax _native_batch_norm_legit _native_batch_norm_legit_functional
    _native_batch_norm_legit_no_training _native_multi_head_attention _neg_view _pad_circular
    _pad_enum _prelu_kernel _reshape_alias _reshape_copy _safe_softmax
    _scaled_dot_product_attention_math _scaled_dot_product_efficient_attention
    _scaled_dot_product_flash_attention _scaled_dot_product_flash_attention_for_cpu
    _shape_as_tensor _softmax _stack _tensor_to_list _to_copy _transformer_encoder_layer_fwd
    _trilinear _unique _unique2 _unsafe_view _unwrap_optional _upsample_bicubic2d_aa
    _upsample_bilinear2d_aa _upsample_lanczos2d_aa _upsample_nearest_exact1d
    _upsample_nearest_exact2d _upsample_nearest_exact3d _weight_norm _weight_norm_interface
    __and__ __contains__ __derive_index __getitem__ __iand__ __ior__ __is__ __isnot__ __ixor__
    __lshift__ __not__ __or__ __range_length __round_to_zero_floordiv __rshift__ __upcast__
    __xor__ _set_item
    """
)
"""Of `aten`'s operators with an underscore before them, which check little, those in use."""

_STATE = words(
    """
    manual_seed resize_as_ resize_as_sparse_ set set_ set_data
    """
)
"""Operators that change what belongs to the process, or a tensor's memory under it."""

_PRIM = words(
    """
    CallFunction CallMethod Constant ConstantChunk CreateObject DictConstruct DictIndex Enter
    EnumName EnumValue Exit GetAttr If ListConstruct ListUnpack Loop ModuleContainerIndex
    NumToTensor RaiseException SetAttr StringIndex TupleConstruct TupleIndex TupleSlice
    TupleUnpack Uninitialized abs data device dtype is_cpu is_cuda is_meta is_mkldnn is_mps
    is_nested is_quantized is_sparse isinstance itemsize layout max min nbytes rangelist
    requires_grad tolist type unchecked_cast unchecked_unwrap_optional
    """
)
"""TorchScript's own operators. Not `Print`, `PythonOp`, `fork`, `rpc_async` and their like."""

_NAMESPACES = ("aten", "prims", "torchvision")
_SYMBOLIC = words(
    """
    _operator.add _operator.and_ _operator.eq _operator.floordiv _operator.ge _operator.gt
    _operator.le _operator.lt _operator.mod _operator.mul _operator.ne _operator.neg
    _operator.not_ _operator.or_ _operator.sub _operator.truediv math.ceil math.floor
    math.trunc torch._sym_sqrt torch.sym_float torch.sym_int torch.sym_ite torch.sym_max
    torch.sym_min torch.sym_not
    """
)
"""What an exported program computes sizes with."""

_HIGHER = frozenset(
    f"torch.ops.higher_order.{name}"
    for name in ("cond", "wrap_with_autocast", "wrap_with_set_grad_enabled")
)
_TARGET = re.compile(r"torch\.ops\.(\w+)\.(\w+)\.(\w+)\Z", re.ASCII)


def is_symbolic(target: str) -> bool:
    """Say whether a step of an exported program computes with sizes, and not with tensors.

    Examples
    --------
    >>> is_symbolic("_operator.mul"), is_symbolic("torch.hub.load")
    (True, False)
    """
    return target in _SYMBOLIC


def check_target(path: str, target: str) -> None:
    """Raise unless a step of an exported program is one that only computes.

    Raises
    ------
    FileError
        With its name.

    Examples
    --------
    >>> check_target("a.pt2", "torch.ops.aten.relu.default")
    >>> check_target("a.pt2", "torch.hub.load")
    Traceback (most recent call last):
    cilens.errors.FileError: a.pt2 has the operator 'torch.hub.load', which is not on the list ...
    """
    if target in _SYMBOLIC or target in _HIGHER:
        return
    found = _TARGET.match(target)
    if found is None or not _computes(*found.groups()):
        raise _refused(path, target)


def check_graphs(path: str, graphs: Iterator[Any]) -> None:
    r"""Raise unless all that TorchScript's graphs consist of only computes; drop its warnings.

    Parameters
    ----------
    path : str
        The file, for the message.
    graphs : iterator of torch.Graph
        Of every function and method that came out of it.

    Raises
    ------
    FileError
        With the operator's name.

    Examples
    --------
    >>> loud = _C.parse_ir("graph():\n  prim::Print()\n  return ()")
    >>> check_graphs("a.ts", iter([loud]))
    Traceback (most recent call last):
    cilens.errors.FileError: a.ts has the operator 'prim::Print', which is not on the list ...
    """
    for graph in graphs:
        for node in list(_nodes(graph)):
            namespace, _, name = node.kind().partition("::")
            if namespace == "prim" and name in _PRIM:
                continue
            schema = node.schema()
            if schema == "(no schema)" or not _is_numeric(_C.parse_schema(schema)):
                raise _refused(path, node.kind())
            if node.kind() == "aten::warn":
                node.destroy()


def _nodes(block: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give all nodes of a graph or block, those inside of others too."""
    for node in block.nodes():
        yield node
        for inner in node.blocks():
            yield from _nodes(inner)


def _computes(namespace: str, name: str, overload: str) -> bool:
    """Say whether there is such an operator, and it computes."""
    try:
        known = "" if overload == "default" else overload
        schema = _C._get_schema(f"{namespace}::{name}", known)  # noqa: SLF001
    except RuntimeError:
        return False
    return _is_numeric(schema)


def _is_numeric(schema: Any) -> bool:  # noqa: ANN401
    """Say whether an operator takes and gives what no file can be reached with."""
    namespace, _, name = schema.name.partition("::")
    if namespace not in _NAMESPACES or (namespace == "aten" and name in _STATE):
        return False
    if namespace == "aten" and name.startswith("_") and name not in _INNER:
        return False
    if namespace == "aten" and name in _TEXTS:
        return True
    for one in (*schema.arguments, *schema.returns):
        beyond = set(re.findall(r"\w+", str(one.type))) - _NUMBERS
        if beyond and not (beyond == {"str"} and (one.name in _CHOICES or name in _INNER)):
            return False
    return True


def _refused(path: str, operator: str) -> FileError:
    return FileError(
        f"{path} has the operator {operator!r}, which is not on the list of those that only "
        "compute and touch no file: where you trust it, load it yourself and pass "
        "cilens.TorchModel(module, preprocess)"
    )
