"""Tensors and nodes of an ONNX file, and how large the constants are that it makes of them."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cilens.errors import FileError
from cilens.models.onnx.protobuf import Field, fields_of, message_of, numbers_of, text_of

MOST_NUMBERS = 2**29
"""Numbers in a tensor that a file makes out of nothing: 2 GB of float32."""

_AXES = 64
"""Of a tensor; a tensor of more numbers than that states no shape, and they are not read."""

_BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 8: 8, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64}
_BITS |= {14: 64, 15: 128, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4}
_DTYPES = {1: "<f4", 6: "<i4", 7: "<i8", 10: "<f2", 11: "<f8"}
_TYPED = {4: "<f4", 10: "<f8"}
_VARIED = (5, 7, 11)
_STRINGS = 6


class Tensor(NamedTuple):
    """What a tensor of the file says of itself.

    Attributes
    ----------
    name : str
        Or nothing.
    shape : tuple of int
        As declared.
    kind : int
        ONNX's number for its type.
    payload : int
        Bytes that there are.
    raw : bool
        Whether these are the numbers as they are in memory; else each has at least one.
    external : dict of str to str
        Where the numbers are, if elsewhere.
    values : tuple of numbers or None
        The numbers themselves, where these are few and plain.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    payload: int
    raw: bool
    external: dict[str, str]
    values: tuple[float, ...] | None

    @classmethod
    def read(cls, content: memoryview, dimensions: int = 1) -> Tensor:
        """Read a tensor; `dimensions` is the number of the field that has its shape."""
        name, kind, payload, raw = "", 0, 0, False
        shape: list[int] = []
        external: dict[str, str] = {}
        numbers: list[float] = []
        for number, part in fields_of(content):
            if number == dimensions:
                shape += _sizes(part)
            elif number == 2 and isinstance(part, int):
                kind = part
            elif number == 8 and dimensions == 1:
                name = text_of(part)
            elif number == 13:
                key, value = _entry(message_of(part))
                external[key] = value
            elif number in (9, *_TYPED, *_VARIED, _STRINGS) and dimensions == 1:
                payload += 1 if isinstance(part, int) or number == _STRINGS else len(part)
                raw = raw or number in (9, *_TYPED)
                if payload <= 8 * _AXES:
                    numbers += _values(number, kind, part)
        if len(shape) > _AXES:
            raise ValueError(f"a tensor of {len(shape)} axes; at most {_AXES}")
        values = tuple(numbers) if len(numbers) == math.prod(shape) else None
        return cls(name, tuple(shape), kind, payload, raw, external, values)

    def numbers(self) -> int:
        """Return how many numbers are declared."""
        return math.prod(self.shape)

    def least(self) -> int:
        """Return how many bytes there must be."""
        bits = _BITS.get(self.kind, 0)
        if not (self.raw or self.external):
            bits = min(bits, 8)
        return self.numbers() * bits // 8


class Node(NamedTuple):
    """A node of a graph.

    Attributes
    ----------
    domain, kind : str
        The operator.
    inputs, outputs : tuple of str
        Names of tensors.
    tensors : tuple of Tensor
        Among its settings.
    graphs : tuple of memoryview
        Graphs within it, of a loop or a condition.
    whole : dict of str to tuple of int
        Its settings that are whole numbers.
    """

    domain: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    tensors: tuple[Tensor, ...]
    graphs: tuple[memoryview, ...]
    whole: dict[str, tuple[int, ...]]

    @classmethod
    def read(cls, content: memoryview) -> Node:
        """Read a node."""
        texts: dict[int, list[str]] = {1: [], 2: [], 4: [""], 7: [""]}
        tensors: list[Tensor] = []
        graphs: list[memoryview] = []
        whole: dict[str, tuple[int, ...]] = {}
        for number, part in fields_of(content):
            if number in texts:
                texts[number].append(text_of(part))
            elif number == 5:
                _read_setting(message_of(part), tensors, graphs, whole)
        inputs, outputs = tuple(texts[1]), tuple(texts[2])
        return cls(
            texts[7][-1], texts[4][-1], inputs, outputs, tuple(tensors), tuple(graphs), whole
        )


class Constant(NamedTuple):
    """What is known of a tensor before the network runs.

    Attributes
    ----------
    numbers : int
        It has at least so many.
    values : tuple of numbers or None
        All of them, where they are few and known.
    """

    numbers: int = 1
    values: tuple[float, ...] | None = None


class Constants:
    """The tensors of one graph that do not depend on its input, as far as sizes go.

    Parameters
    ----------
    path : str
        The file, for messages.
    outer : Constants, optional
        The constants of the graph around it, whose tensors it sees.
    """

    def __init__(self, path: str, outer: Constants | None = None) -> None:
        self._path = path
        around: list[dict[str, Constant]] = [] if outer is None else outer.known.maps  # type: ignore[assignment]
        self.known: ChainMap[str, Constant] = ChainMap({}, *around)

    def know(self, tensor: Tensor) -> None:
        """Take a tensor that stands in the file."""
        self.known[tensor.name] = Constant(tensor.numbers(), tensor.values)

    def follow(self, node: Node) -> None:
        """Work out what a node makes of what is known.

        Raises
        ------
        FileError
            If that is larger than `MOST_NUMBERS`.
        """
        if node.domain not in ("", "ai.onnx") or not node.outputs:
            return
        maker = _MAKERS.get(node.kind)
        if maker is None:
            return
        given = [self.known.get(name, Constant()) for name in node.inputs]
        made = maker(node, [*given, *_LACKING])
        if made.numbers > MOST_NUMBERS:
            raise FileError(
                f"{self._path} makes a tensor of {made.numbers:.3g} numbers out of nothing "
                f"({node.kind}); at most {MOST_NUMBERS}"
            )
        self.known[node.outputs[0]] = made


def _stated(node: Node, _: list[Constant]) -> Constant:
    """Return the constant that a node has in it."""
    if node.tensors:
        return Constant(node.tensors[0].numbers(), node.tensors[0].values)
    whole = node.whole.get("value_ints", node.whole.get("value_int", ()))
    return Constant(len(whole), whole)


def _chance(node: Node, _: list[Constant]) -> Constant:
    return Constant(_product(node.whole.get("shape", ())))


def _same(_: Node, given: list[Constant]) -> Constant:
    return given[0]


def _largest(_: Node, given: list[Constant]) -> Constant:
    return Constant(max(one.numbers for one in given))


def _joined(_: Node, given: list[Constant]) -> Constant:
    return Constant(sum(one.numbers for one in given))


def _shaped(node: Node, given: list[Constant]) -> Constant:
    """Return what has the shape that an input states."""
    shape = given[1 if node.kind == "Expand" else 0].values
    return Constant() if shape is None else Constant(_product(shape))


def _repeated(_: Node, given: list[Constant]) -> Constant:
    times = given[1].values
    return Constant() if times is None else Constant(given[0].numbers * _product(times))


def _range(_: Node, given: list[Constant]) -> Constant:
    start, stop, step = (one.values for one in given[:3])
    if not (start and stop and step and step[0]):
        return Constant()
    steps = (stop[0] - start[0]) / step[0]
    return Constant(max(0, int(steps)) if math.isfinite(steps) else 0)


_MAKERS: dict[str, Callable[[Node, list[Constant]], Constant]] = {
    "Concat": _joined,
    "Constant": _stated,
    "ConstantOfShape": _shaped,
    "Expand": _shaped,
    "OneHot": _repeated,
    "RandomNormal": _chance,
    "RandomUniform": _chance,
    "Range": _range,
    "Tile": _repeated,
    **dict.fromkeys(
        ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose"), _same
    ),
    **dict.fromkeys(
        ("Abs", "Add", "Cos", "Div", "Exp", "Mul", "Neg", "Not", "Relu", "Sin", "Sub"), _largest
    ),
}
"""By operator, what its first output is known to be: no more numbers than there will be."""

_LACKING = (Constant(0),) * 3


def _read_setting(
    content: memoryview,
    tensors: list[Tensor],
    graphs: list[memoryview],
    whole: dict[str, tuple[int, ...]],
) -> None:
    """Sort one attribute of a node into what it has."""
    name, numbers = "", []
    for number, part in fields_of(content):
        if number == 1:
            name = text_of(part)
        elif number in (3, 8):
            numbers += _sizes(part)
        elif number in (5, 10):
            tensors.append(Tensor.read(message_of(part)))
        elif number in (22, 23):
            tensors += [
                Tensor.read(message_of(inner))
                for which, inner in fields_of(message_of(part))
                if which in (1, 2)
            ]
        elif number in (6, 11):
            graphs.append(message_of(part))
    if numbers:
        whole[name] = tuple(numbers)


def _entry(content: memoryview) -> tuple[str, str]:
    """Return a key and a text."""
    texts = {1: "", 2: ""}
    texts.update({number: text_of(part) for number, part in fields_of(content)})
    return texts[1], texts[2]


def _sizes(part: Field) -> list[int]:
    """Return whole numbers with their signs."""
    return [number - 2**64 if number >= 2**63 else number for number in numbers_of(part)]


def _values(number: int, kind: int, part: Field) -> list[float]:
    """Return the numbers in a field of a tensor, or none."""
    dtype = _DTYPES.get(kind) if number == 9 else _TYPED.get(number)
    if dtype is not None and not isinstance(part, int):
        whole = len(part) - len(part) % np.dtype(dtype).itemsize
        found: list[float] = np.frombuffer(part[:whole], dtype).tolist()
        return found
    return list(_sizes(part)) if number in _VARIED else []


def _product(sizes: Sequence[float]) -> int:
    """Return how many numbers a shape has; one that is no shape has none."""
    if len(sizes) > _AXES:
        raise ValueError(f"a shape of {len(sizes)} axes; at most {_AXES}")
    if not all(math.isfinite(size) and size >= 0 for size in sizes):
        return 0
    return math.prod(int(size) for size in sizes)
