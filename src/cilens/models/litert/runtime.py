"""LiteRT itself, which a damaged file can crash: it runs in a separate process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from ai_edge_litert.schema_py_generated import Model as Schema

from cilens.errors import FileError, ModelError
from cilens.models import metadata
from cilens.models.isolate.wire import Arrays, Served
from cilens.models.litert.errors import why_litert
from cilens.models.litert.quantised import port_of
from cilens.models.names import read_attached_names
from cilens.types import Array


def serve(request: Mapping[str, Any]) -> Served:
    """Open a .tflite file, and say what it takes, puts out and states.

    Raises
    ------
    FileError
        Whatever LiteRT raises.
    """
    path, threads = request["path"], request["threads"]
    try:
        content = Path(path).read_bytes()
        runner = _Runner(path, content, threads)
        inputs = runner.interpreter.get_input_details()
        texts = {
            "inputs": [port_of(details) for details in inputs],
            "outputs": [port_of(details) for details in runner.interpreter.get_output_details()],
            "rows": [int([*details["shape"], 1][0]) for details in inputs],
            "texts": _texts(path, content),
        }
    except MemoryError:
        raise
    except Exception as error:
        raise FileError(f"{path} {why_litert(error)}") from error
    return Served(texts, runner.ask)


class _Runner:
    """An interpreter, made anew after a question that it failed on."""

    def __init__(self, path: str, content: bytes, threads: int) -> None:
        self.path, self.content, self.threads = path, content, threads
        self.interpreter = self._make()

    def _make(self) -> Interpreter:
        made = Interpreter(model_content=self.content, num_threads=self.threads)
        made.allocate_tensors()
        return made

    def ask(self, output: str, fed: Arrays) -> Array:
        """Return one output; it and the inputs go by the numbers of their tensors."""
        shapes = {
            str(one["index"]): tuple(one["shape"]) for one in self.interpreter.get_input_details()
        }
        try:
            for place, values in fed.items():
                if shapes[place] != values.shape:
                    self.interpreter.resize_tensor_input(int(place), values.shape)
            if any(shapes[place] != values.shape for place, values in fed.items()):
                self.interpreter.allocate_tensors()
            for place, values in fed.items():
                self.interpreter.set_tensor(int(place), values)
            self.interpreter.invoke()
            answer: Array = self.interpreter.get_tensor(int(output))
            return answer
        except Exception as error:
            self.interpreter = self._make()
            shape = next(iter(fed.values())).shape
            told = f"{self.path} failed on an input of shape {metadata.show(shape)}"
            raise ModelError(f"{told}: {' '.join(str(error).split())}") from error


def _texts(path: str, content: bytes) -> dict[str, str]:
    """Return what in a file's metadata is text, and the label file that it carries."""
    model, texts = Schema.GetRootAs(content), {}
    if names := read_attached_names(path):
        texts[metadata.CLASS_NAMES_KEY] = json.dumps(names)
    for place in range(model.MetadataLength()):
        entry = model.Metadata(place)
        data = model.Buffers(entry.Buffer()).DataAsNumpy()
        text = data.tobytes().decode("utf-8", "replace") if isinstance(data, np.ndarray) else ""
        if (text := text.rstrip("\0")).isprintable():
            texts[entry.Name().decode("utf-8", "replace")] = text
    return texts
