"""What a model file says, what follows from that, and what has to be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import NamedTuple

from cilens.errors import unknown
from cilens.models.adapter import Network
from cilens.models.inputs import Constants, proposal
from cilens.models.inspect.description import describe
from cilens.models.inspect.looks import Looks
from cilens.models.isolate.limits import Limits
from cilens.models.kinds import Kind, kind_of
from cilens.models.metadata import Tensor, read_names, read_preprocess, show
from cilens.models.preprocess.fields import checked, read_pairs, write
from cilens.models.preprocess.record import Preprocess
from cilens.models.sidecar import read_stated, stated_path

ASKED = {
    "layout": "NCHW where channels come first, NHWC where they come last; flat_CHW or flat_HWC "
    "where all pixels are in one axis",
    "size": "HEIGHTxWIDTH of the images the network was trained on, or any",
    "channels": "1 for grey, 3 for RGB",
    "fit": "for images of another size: exact refuses, crop cuts, stretch distorts, pad surrounds "
    "them",
    "scale": "what a pixel from 0 to 1 is multiplied by: 255, or 1 for no change",
    "mean": "what is subtracted after that, such as 127 or 0.485/0.456/0.406; 0 for nothing; blue "
    "first where order=BGR is stated, for networks of Caffe and OpenCV",
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
        As the file states them; the images are the first input.
    metadata : mapping
        The file's own texts.
    known : mapping of str to Known
        Fields of `Preprocess`, ``activation`` and ``output``.
    class_names : tuple of str
        Or nothing.
    looks : mapping of str to Looks
        Of each output that was asked.
    described : Network
        The file, opened.
    constants : pairs of str and array
        Constants of the other inputs.
    notes : tuple of str
        What asking it has shown beside `looks`.
    """

    path: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    metadata: Mapping[str, str]
    known: Mapping[str, Known]
    class_names: tuple[str, ...]
    looks: Mapping[str, Looks]
    described: Network
    constants: Constants = ()
    notes: tuple[str, ...] = ()

    @property
    def asked(self) -> Mapping[str, str]:
        """What has to be asked for, and what to say of it."""
        flat = len(self.inputs[0].shape) == 2
        hints = dict(proposal(self.inputs[0].shape)) if flat else {}
        hints["activation"] = self.proposed or "?"
        return {
            key: f"{ASKED[key]}; {hints[key]} would fit"
            if hints.get(key, "?") != "?"
            else ASKED[key]
            for key in self.unknown
        }

    @property
    def finite(self) -> bool:
        """Whether all answers are numbers, as far as the network was asked."""
        return all(seen.low is not None for seen in self.looks.values())

    @property
    def proposed(self) -> str | None:
        """The activation that would fit the answers, where it is not known."""
        seen = self.looks.get(self._value("output"))
        return None if seen is None or "activation" in self.known else seen.proposed

    @property
    def kind(self) -> Kind | None:
        """What kind of network it is, where it is no classifier."""
        shapes = {one.name: one.shape for one in self.outputs}
        chosen = self._value("output")
        return kind_of([shapes[chosen]] if chosen in shapes else list(shapes.values()))

    @property
    def unknown(self) -> tuple[str, ...]:
        """What has to be asked for, by name."""
        return tuple(key for key in ASKED if key not in self.known)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What contradicts the answers, as an activation applied twice does, and the notes."""
        name, activation = self._value("output"), self._value("activation")
        seen = self.looks.get(name)
        if seen is not None and activation not in ("", "none") and seen.activation == "none":
            twice = f"output {name!r} has {seen.what}: {activation} would be applied twice"
            return (twice, *self.notes)
        return self.notes

    def _value(self, key: str) -> str:
        return self.known[key].value if key in self.known else ""

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
    constants: Constants | None = None,
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
    constants : tuple of (str, value), optional
        For each input that is not the images; by default what is stated beside the file.
    isolate : bool or Limits
        Whether to open the file in a separate process.
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
    stated = read_stated(path)
    constants = stated.inputs if constants is None else constants
    described = describe(path, constants, isolate=isolate, timeout=timeout)
    metadata, outputs = described.metadata, described.outputs
    known = {"dtype": Known(described.input.dtype, f"input {described.input.name!r}")}
    beside = str(stated_path(path))
    told = _from_text(preprocess)
    if (own := stated.preprocess) is not None:
        known |= _from_preprocess(own, beside)
    elif (own := read_preprocess(metadata, path)) is not None:
        known |= _from_preprocess(own, "the file's cilens.preprocess")
    for key, text in (("activation", stated.activation), ("output", stated.output)):
        if text is not None:
            known[key] = Known(text, beside)
    if len(outputs) == 1:
        known["output"] = Known(outputs[0].name, "the only output")
    known |= {key: Known(text, "stated here") for key, text in given.items()} | told
    known = _from_shape(described.input, known) | known
    if "output" in known and known["output"].value not in {one.name for one in outputs}:
        raise unknown(f"output of {path}", known["output"].value, [one.name for one in outputs])
    names = stated.class_names or read_names(metadata, path)
    inputs = (described.input, *described.others)
    return Inspected(path, inputs, outputs, metadata, known, names, {}, described, constants)


def _from_shape(taken: Tensor, stated: Mapping[str, Known]) -> dict[str, Known]:
    """Return what follows from the shape of the images, and from the layout where it is stated."""
    source = f"input {taken.name!r}, {show(taken.shape)}"
    layout = _layout(taken, stated)
    known = {} if layout is None else {"layout": Known(layout, source)}
    if layout is None or len(taken.shape) != len(layout):
        return known
    axes = dict(zip(layout, taken.shape, strict=True))
    height, width, channels = axes["H"], axes["W"], axes.get("C", 1)
    if isinstance(channels, int):
        known["channels"] = Known(str(channels), source)
    if isinstance(height, int) and isinstance(width, int):
        known["size"] = Known(f"{height}x{width}", source)
    elif not isinstance(height, int) and not isinstance(width, int):
        known["size"] = Known("any", f"{source}: height and width are free")
        known["fit"] = Known("exact", "the file takes any size")
    return known


def _layout(taken: Tensor, stated: Mapping[str, Known]) -> str | None:
    """Return the one layout there can be, or the one stated where the shape leaves it open."""
    first, last = (taken.shape[axis] in (1, 3) for axis in (1, -1))
    if len(taken.shape) == 4 and first != last:
        return "NCHW" if first else "NHWC"
    if len(taken.shape) == 3:
        return "NHW"
    if len(taken.shape) == 2 and "channels" in stated and stated["channels"].value == "1":
        return "flat_HWC"  # of one channel there is but one order
    return stated["layout"].value if "layout" in stated else None


def _from_preprocess(preprocess: Preprocess, source: str) -> dict[str, Known]:
    return {
        field.name: Known(write(value), source)
        for field in fields(preprocess)
        if (value := getattr(preprocess, field.name)) is not None or field.name == "size"
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
