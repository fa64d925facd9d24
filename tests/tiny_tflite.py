"""TFLite files whose scores one can write down, built with the schema that LiteRT ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

KINDS = {
    name: getattr(schema.TensorType, name.upper())
    for name in ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")
}


class Builder:
    """Collects tensors and operators, and writes them as a file."""

    def __init__(self) -> None:
        self.model = schema.ModelT(version=3, buffers=[schema.BufferT()], metadata=[])
        self.model.operatorCodes, self.tensors, self.operators = [], [], []

    def tensor(self, name: str, shape, dtype="float32", steps=None, data=None) -> int:
        """Add a tensor; -1 in its shape is any size, steps are (scale, zero)."""
        shape, signature = [abs(size) for size in shape], list(shape)
        quantised = None
        if steps is not None:
            scale, zero = steps
            quantised = schema.QuantizationParametersT(scale=[scale], zeroPoint=[zero])
        self.tensors.append(
            schema.TensorT(
                shape=shape,
                shapeSignature=signature if -1 in signature else None,
                type=KINDS[dtype],
                buffer=0 if data is None else self.buffer(np.asarray(data, dtype).tobytes()),
                name=name.encode(),
                quantization=quantised,
            )
        )
        return len(self.tensors) - 1

    def buffer(self, content: bytes) -> int:
        self.model.buffers.append(schema.BufferT(data=np.frombuffer(content, np.uint8)))
        return len(self.model.buffers) - 1

    def operator(self, kind: str, inputs: list[int], output: int, options: Any = None) -> int:
        """Add an operator, built in or, where its name is none of those, custom."""
        code = getattr(schema.BuiltinOperator, kind, schema.BuiltinOperator.CUSTOM)
        custom = kind.encode() if code == schema.BuiltinOperator.CUSTOM else None
        self.model.operatorCodes.append(
            schema.OperatorCodeT(min(code, 127), customCode=custom, builtinCode=code)
        )
        name = "NONE" if options is None else type(options).__name__.removesuffix("T")
        self.operators.append(
            schema.OperatorT(
                opcodeIndex=len(self.model.operatorCodes) - 1,
                inputs=inputs,
                outputs=[output],
                builtinOptionsType=getattr(schema.BuiltinOptions, name),
                builtinOptions=options,
            )
        )
        return output

    def write(
        self, path: Path, inputs: list[int], outputs: list[int], more: Any = (), **texts: str
    ) -> Path:
        """Write the file; texts become its metadata, "_" in their names standing for "."."""
        self.model.subgraphs = [
            schema.SubGraphT(self.tensors, inputs, outputs, self.operators, b"main"),
            *more,
        ]
        for name, text in texts.items():
            place = self.buffer(text.encode())
            entry = schema.MetadataT(name.replace("_", ".", 1).encode(), place)
            self.model.metadata.append(entry)
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        path.write_bytes(bytes(builder.Output()))
        return path


def network(path: Path, weights, *, rows: int = 1, ending: str = "", **texts: str) -> Path:
    """Write the network of conftest: convolution, mean, linear layer."""
    net = Builder()
    taken = net.tensor("picture", (rows, 8, 8, weights.kernel.shape[1]))
    kernel = weights.kernel.transpose(0, 2, 3, 1)
    kernel = net.tensor("kernel", kernel.shape, data=np.ascontiguousarray(kernel))
    nothing = net.tensor("nothing", (5,), data=np.zeros(5))
    options = schema.Conv2DOptionsT(schema.Padding.VALID, 1, 1, schema.ActivationFunctionType.RELU)
    convolved = net.tensor("convolved", (abs(rows), 6, 6, 5))
    net.operator("CONV_2D", [taken, kernel, nothing], convolved, options)
    mean = means(net, convolved, net.tensor("mean", (abs(rows), 5)))
    linear = net.tensor("linear", weights.linear.T.shape, data=weights.linear.T.copy())
    bias = net.tensor("bias", weights.bias.shape, data=weights.bias)
    scores = net.tensor("logits", (abs(rows), len(weights.bias)))
    options = schema.FullyConnectedOptionsT()
    outputs = [net.operator("FULLY_CONNECTED", [mean, linear, bias], scores, options)]
    if ending:
        ended = net.tensor(ending.lower(), (abs(rows), len(weights.bias)))
        options = schema.SoftmaxOptionsT(1.0) if ending == "SOFTMAX" else None
        outputs = [net.operator(ending, [scores], ended, options)]
    return net.write(path, [taken], outputs, **texts)


def means(net: Builder, of: int, to: int, axes: tuple[int, ...] = (1, 2)) -> int:
    axes = net.tensor(f"axes{to}", (len(axes),), "int32", data=axes)
    return net.operator("MEAN", [of, axes], to, schema.ReducerOptionsT(keepDims=False))


def colours(
    path: Path,
    *,
    shape: tuple[int, ...] = (1, 8, 8, 3),
    dtype: str = "float32",
    steps: tuple[float, int] | None = None,
    fixed: bool = False,
    **texts: str,
) -> Path:
    """Write mean colours, in the type and steps of the input; `fixed` has the batch built in."""
    net = Builder()
    taken = net.tensor("picture", shape, dtype, steps)
    rows, last = abs(shape[0]), 3 if 3 in shape else 1
    axes = (1, 2) if shape[3] == last else (2, 3)
    scores = means(net, taken, net.tensor("colours", (rows, last), dtype, steps), axes)
    if fixed:
        size = net.tensor("size", (2,), "int32", data=(rows, last))
        again = net.tensor("again", (rows, last), dtype, steps)
        options = schema.ReshapeOptionsT([rows, last])
        scores = net.operator("RESHAPE", [scores, size], again, options)
    return net.write(path, [taken], [scores], **texts)
