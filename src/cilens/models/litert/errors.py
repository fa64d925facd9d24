"""Why LiteRT does not open a .tflite file, in one line that says what to do."""

from __future__ import annotations

import re


def why_litert(error: Exception) -> str:
    """Return why a file cannot be opened, and what to do, to follow its name.

    Examples
    --------
    >>> said = "Encountered unresolved custom op: FlexErf. See instructions: …"
    >>> why_litert(RuntimeError(said)).partition(":")[0]
    "has the operator FlexErf, which is none of LiteRT's own"
    """
    said = " ".join(str(error).split())
    if found := re.search(r"unresolved custom op: ([^\s.]+)", said):
        return (
            f"has the operator {found[1]}, which is none of LiteRT's own: convert the network with "
            "TFLite's built-in operators only, or export it as ONNX"
        )
    if found := re.search(r"Didn't find op for builtin opcode '(\w+)' version '(\d+)'", said):
        return (
            f"has the operator {found[1]} in version {found[2]}, which this LiteRT does not know: "
            "pip install --upgrade ai-edge-litert"
        )
    if "select TensorFlow op" in said:
        return (
            "has operators of TensorFlow, which LiteRT lacks: convert the network with TFLite's "
            "built-in operators only, or export it as ONNX"
        )
    return f"cannot be run by LiteRT, or is damaged: {said}: download or convert it anew"
