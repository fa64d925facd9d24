"""What a model file says, what follows from that, and what has to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import NamedTuple

from cilens.errors import unknown
from cilens.models.inspect.description import Described, describe
from cilens.models.inspect.looks import Looks
from cilens.models.isolate.limits import Limits
from cilens.models.metadata import Tensor, read_names, read_preprocess, show
from cilens.models.preprocess.fields import checked, read_pairs, write
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import read_stated, stated_path

ASKED = {
    "layout": "NCHW where channels come first, NHWC where they come last",
    "size": "HEIGHTxWIDTH of the images the network was trained on, or any",
    "channels": "1 for grey, 3 for RGB",
    "fit": "for images of another size: exact refuses, crop cuts, stretch distorts them",
    "scale": "what a pixel from 0 to 1 is multiplied by: 255, or 1 for no change",
    "mean": "what is subtracted after that, such as 127 or 0.485/0.456/0.406; 0 for nothing",
    "std": "what it is then divided by, such as 128 or 0.229/0.224/0.225; 1 for nothing",
    "activation": "none where the network ends in a softmax or sigmoid, softmax where an image has "
    "one class, sigmoid where it can have several; or keep logits, with cilens calibrate",
    "output": "which of the outputs holds the scores",
}
"""What cannot be read from a file, and what to say of it."""


class Known(NamedTuple):
    """Something known of a network, and where from."""

    value: str
    source: str


class Inspected(NamedTuple):
    """What is known of a model file.

    Attributes
    ----------
    path : str
        The file.
    inputs, outputs : tuple of Tensor
        As the file states them.
    metadata : mapping
        The file's own texts.
    known : mapping of str to Known
        Fields of `Preprocess`, ``activation`` and ``output``.
    class_names : tuple of str
        Or nothing.
    looks : mapping of str to Looks
        Of each output that was asked.
    described : Described
        The file, opened.
    """

    path: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str]
    known: Mapping[str, Known]
    class_names: tuple[str, ...]
    looks: Mapping[str, Looks]
    described: Described

    @property
    def unknown(self) -> tuple[str, ...]:
        """What has to be asked for, by name."""
        return tuple(key for key in ASKED if key not in self.known)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What contradicts the answers: an activation that would be applied twice."""
        name = self.known["output"].value if "output" in self.known else ""
        activation = self.known["activation"].value if "activation" in self.known else "none"
        seen = self.looks.get(name)
        if seen is not None and activation != "none" and seen.activation == "none":
            return (f"output {name!r} has {seen.what}: {activation} would be applied twice",)
        return ()

    @property
    def preprocess(self) -> str:
        """The text for ``--preprocess``, with ``?`` for what is not known."""
        parts = []
        for field in fields(Preprocess):
            if field.name in self.known:
                text = self.known[field.name].value
                if text != write(field.default) or field.name in ASKED:
                    parts.append(f"{field.name}={text}")
            elif field.name in ASKED:
                parts.append(f"{field.name}=?")
        return ",".join(parts)


def inspect_file(
    path: str,
    given: Mapping[str, str],
    preprocess: str = "",
    *,
    isolate: bool | Limits = False,
    timeout: float | None = None,
) -> Inspected:
    """Read a model file, and put together what is known of it.

    Parameters
    ----------
    path : str
        The file.
    given : mapping of str to str
        ``activation`` and ``output``, where the caller states them.
    preprocess : str
        Keys and values that the caller states; they win over what is inferred.
    isolate : bool or Limits
        Whether to open the file in a process of its own.
    timeout : float, optional
        Seconds that opening the file may take, and each question.

    Returns
    -------
    Inspected
        Nothing in it is guessed.

    Raises
    ------
    FileError
        If the file cannot be opened.
    InputError
        If the network takes no images, or a key is unknown.

    Examples
    --------
    >>> from cilens.models import model_path
    >>> inspect_file(model_path("digits"), {}).preprocess
    'size=28x28,channels=1,fit=exact,scale=255,mean=0,std=1,layout=NCHW'
    """
    described = describe(path, isolate, timeout)
    metadata, outputs = described.metadata, described.outputs
    stated = read_stated(path)
    known = _from_shape(described.input)
    beside = str(stated_path(path))
    if (own := stated.preprocess) is not None:
        known |= _from_preprocess(own, beside)
    elif (own := read_preprocess(metadata, path)) is not None:
        known |= _from_preprocess(own, "the file's cilens.preprocess")
    for key, text in (("activation", stated.activation), ("output", stated.output)):
        if text is not None:
            known[key] = Known(text, beside)
    if len(outputs) == 1:
        known["output"] = Known(outputs[0].name, "the only output")
    known |= {key: Known(text, "stated here") for key, text in given.items()} | _from_text(
        preprocess
    )
    if "output" in known and known["output"].value not in {one.name for one in outputs}:
        raise unknown(f"output of {path}", known["output"].value, [one.name for one in outputs])
    names = stated.class_names or read_names(metadata, path)
    return Inspected(path, (described.input,), outputs, metadata, known, names, {}, described)


def _from_shape(taken: Tensor) -> dict[str, Known]:
    """Return what follows from the input's shape and type."""
    source = f"input {taken.name!r}, {show(taken.shape)}"
    known = {"dtype": Known(taken.dtype, f"input {taken.name!r}")}
    first, last = (taken.shape[axis] in (1, 3) for axis in (1, 3))
    if first == last:
        return known
    channels, height, width = (taken.shape[axis] for axis in ((1, 2, 3) if first else (3, 1, 2)))
    known["layout"] = Known("NCHW" if first else "NHWC", source)
    known["channels"] = Known(str(channels), source)
    if isinstance(height, int) and isinstance(width, int):
        known["size"] = Known(f"{height}x{width}", source)
    elif not isinstance(height, int) and not isinstance(width, int):
        known["size"] = Known("any", f"{source}: height and width are free")
        known["fit"] = Known("exact", "the file takes any size")
    return known


def _from_preprocess(preprocess: Preprocess, source: str) -> dict[str, Known]:
    return {
        field.name: Known(write(getattr(preprocess, field.name)), source)
        for field in fields(preprocess)
    }


def _from_text(text: str) -> dict[str, Known]:
    """Return what the caller states, each key checked by itself."""
    names = [field.name for field in fields(Preprocess)]
    known = {}
    for key, value in read_pairs(text).items():
        if key not in names:
            raise unknown("preprocessing key", key, names)
        known[key] = Known(write(checked(key, value)), "stated here")
    return known
