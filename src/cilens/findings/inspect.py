"""A model file: what it says, what it does with an image, and what is stated of it."""

from __future__ import annotations

import shlex
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

from cilens.errors import InputError
from cilens.findings.request import InspectRequest, ModelOptions
from cilens.models import is_shipped, load_model, model_path
from cilens.models.inspect.guess import Guess, activation_to_try, guess
from cilens.models.inspect.report import Inspected, Known, inspect_file
from cilens.models.inspect.trial import ask
from cilens.models.names import read_names_file
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import check_activation
from cilens.models.sidecar import Stated, read_stated, write_stated
from cilens.scoring.statement import head_of
from cilens.types import Image, ImageModel

GRID = "last grid"
"""What is known of the layer that a look inside sees."""


class Inspection(NamedTuple):
    """What is known of a model file, and what it saw in an image.

    Attributes
    ----------
    request : InspectRequest
        What was asked for.
    found : Inspected
        What the file says, and what follows from it.
    guess : Guess or None
        The class that the model gives the image, for a person to judge.
    """

    request: InspectRequest
    found: Inspected
    guess: Guess | None

    @property
    def works(self) -> bool:
        """Whether the network can be explained as it is."""
        return self.found.kind is None or self.found.kind.explained

    @property
    def lacking(self) -> list[str]:
        """What must be known before the network can be asked."""
        return [key for key in self.found.unknown if key != "activation"]

    @property
    def short_command(self) -> str:
        """The line to use where all is stated beside the file."""
        image = self.request.image or "IMAGE"
        return shlex.join(["cilens", "explain", image, "--model", self.request.model])

    @property
    def command(self) -> str:
        """The line to use; in it, ? stands for what is not known."""
        found = self.found
        line = f'{self.short_command} --preprocess "{found.preprocess}"'
        line += f" --activation {_known(found, 'activation') or '?'}"
        if len(found.outputs) > 1:
            output = _known(found, "output")
            line += f" --output-name {shlex.quote(output) if output else '?'}"
        inputs = self.request.stated.input or ()
        return line + "".join(f" --input {shlex.quote(one)}" for one in inputs)


def inspect_model(request: InspectRequest) -> Inspection:
    """Read a model file, and ask the model about the image where one is given.

    Examples
    --------
    >>> inspection = inspect_model(InspectRequest(model="digits", image="mnist:0"))
    >>> inspection.guess.name, inspection.lacking
    ('7', [])
    """
    told = request.stated
    if told.activation is not None:
        check_activation(told.activation)
    stated = {"activation": told.activation, "output": told.output_name}
    found = inspect_file(
        model_path(request.model),
        {key: value for key, value in stated.items() if value is not None},
        told.preprocess or "",
        told.constants(),
        isolate=told.isolate,
        timeout=told.timeout,
    )
    if told.class_names is not None:
        found = found._replace(class_names=read_names_file(told.class_names))
    image = None if request.image is None else _read(request, found)
    if image is not None:
        found = ask(found, image, told.batch_size)
    inspection = Inspection(request, found, None)
    model = None if inspection.lacking else _load(found, told)  # raises where it does not fit
    if model is not None and (head := head_of(model)) is not None:
        grid = Known(head.where, "its scores confirm it: --look inside")
        inspection = inspection._replace(found=found._replace(known={**found.known, GRID: grid}))
    if model is not None and image is not None and inspection.works and found.finite:
        return inspection._replace(guess=guess(found, model, image))
    return inspection


def save_inspection(inspection: Inspection) -> tuple[Path, bool]:
    """Write what is known beside the file.

    Returns
    -------
    tuple of Path and bool
        The file written, and whether an output range that stood there was dropped, as it was
        measured otherwise.

    Raises
    ------
    InputError
        If the model comes with cilens, or something has to be stated first.
    """
    request, found = inspection.request, inspection.found
    if is_shipped(request.model):
        raise InputError(f"{request.model} comes with cilens, and states all there is to state")
    if inspection.lacking:
        told = "; ".join(f"{key}: {found.asked[key]}" for key in inspection.lacking)
        raise InputError(f"nothing is saved before this is stated too: {told}")
    before = read_stated(found.path)
    stated = Stated(
        preprocess=Preprocess.parse(found.preprocess),
        activation=_known(found, "activation") or None,
        output=_known(found, "output") if len(found.outputs) > 1 else None,
        class_names=found.class_names,
        inputs=found.constants,
    )
    same = stated == replace(before, class_names=stated.class_names, output_range=None)
    measured = before.output_range if same else None
    span = request.stated.output_range or measured
    dropped = before.output_range is not None and span is None
    return write_stated(found.path, replace(stated, output_range=span)), dropped


def inspection_record(inspection: Inspection, saved: Path | None) -> dict[str, object]:
    """Return what the JSON says of a model file."""
    found = inspection.found
    return {
        "model": inspection.request.model,
        "inputs": [one._asdict() for one in found.inputs],
        "outputs": [
            one._asdict()
            | {"looks": found.looks[one.name]._asdict() if one.name in found.looks else None}
            for one in found.outputs
        ],
        "metadata": dict(found.metadata),
        "classes": list(found.class_names),
        "known": {key: one._asdict() for key, one in found.known.items()},
        "unknown": dict(found.asked),
        "cautions": list(found.cautions),
        "kind": None if found.kind is None else found.kind._asdict(),
        "preprocess": found.preprocess,
        "command": inspection.command if inspection.works else None,
        "saved": None if saved is None else str(saved),
        "guess": None if inspection.guess is None else asdict(inspection.guess),
    }


def _known(found: Inspected, key: str) -> str:
    return found.known[key].value if key in found.known else ""


def _read(request: InspectRequest, found: Inspected) -> Image:
    """Read the image, in the channels that the network wants."""
    channels, known = request.reading.channels, _known(found, "channels")
    if channels is None and known in ("1", "3"):
        channels = int(known)
    return replace(request.reading, channels=channels).read(str(request.image))


def _load(found: Inspected, told: ModelOptions) -> ImageModel:
    """Make the model of what is known."""
    return load_model(
        found.path,
        preprocess=Preprocess.parse(found.preprocess),
        class_names=found.class_names or None,
        output=found.known["output"].value,
        activation=activation_to_try(found),
        inputs=dict(found.constants),
        runtime=told.runtime,
        isolate=told.isolate,
        timeout=told.timeout,
    )
