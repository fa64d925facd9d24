"""Networks of Keras 3: a model at hand, or one from a .keras file."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from types import FunctionType

import numpy as np

from cilens.errors import (
    CilensError,
    FileError,
    InputError,
    MissingDependencyError,
    ModelError,
    missing_extra,
)
from cilens.files import first_line, reading
from cilens.models.adapter import Network, Reading, adopt, own_fields, settle
from cilens.models.archive import ALLOWANCE, EXPANSION, opened_zip
from cilens.models.inputs import Constants, check_input, feed, images_of, not_stated
from cilens.models.isolate.limits import Limits
from cilens.models.keras.backend import keras_backend
from cilens.models.keras.config import check_config, check_entries, check_safe
from cilens.models.keras.says import inputs_of, named_outputs, own_preprocessing, pick, symbols
from cilens.models.metadata import Tensor, show
from cilens.models.onnx.errors import check_kind
from cilens.models.preprocess.record import Preprocess
from cilens.models.scores import check_columns, each
from cilens.types import Array, Batch, Image, OutputRange, Rows, Scores, View

try:
    with keras_backend():
        import keras
        from keras.src.backend.common import global_state
        from keras.src.saving.serialization_lib import SafeModeScope
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
    if missing == "keras":
        raise missing_extra("a Keras model (.keras)", "keras", "keras") from error
    raise MissingDependencyError(
        f"Keras is set to run on {missing}, which is not installed: set KERAS_BACKEND=torch "
        'before Python starts, after pip install "cilens[keras]"'
    ) from error

from cilens.models.keras.weights import check_weights, item_size

_WAITING = "uninitialized_variables"
"""Where Keras keeps what it has declared, and not yet made."""


@dataclass(frozen=True)
class KerasModel:
    """A model of Keras 3, asked about batches of images in inference mode, on any backend.

    The model is used as it is: not copied, not compiled, not trained; layers such as dropout
    and batch normalisation do what they do in inference.

    Parameters
    ----------
    model : keras.Model
        Takes one tensor of images, returns one of scores, (rows, classes), (rows, classes, 1, 1)
        or (rows,), or `output` says where that is.
    preprocess : Preprocess
        What the model wants its input to be; Keras' images are ``layout="NHWC"``. A model that
        begins with its own ``Rescaling`` or ``Normalization`` was mostly made for pixels of 0 to
        255: ``scale=255``, and no `mean` or `std`.
    class_names : sequence of str
        One for each class, or nothing. Two names, or ``activation="sigmoid"``, make two classes
        of a single column p: (1 - p, p).
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output. ``"none"`` where the model ends in its softmax or sigmoid.
    output : str or int, optional
        Key, name or place of the scores, where the model returns a dict, a list or a tuple. A
        name is that of `output_names`.
    path : str, optional
        The file the model was read from. Copies made by pickle read it again.
    inputs : mapping of str to number or array-like
        A constant for each input of the model that is not the images, by the name of its
        ``keras.Input``: it is brought to that shape, the same for each row. Pairs afterwards.
    output_range : (absmin, absmax), optional
        Range of the scores, where they are no probabilities: two numbers, or two tuples with one
        number for each class. `load_model` takes it from what is stated beside the file.

    Raises
    ------
    InputError
        If the model takes no images, `preprocess` makes another input, or the class names are
        of another number; as far as the model tells, which a subclassed one does not.

    Notes
    -----
    Keras' backend is chosen once, when Keras is first imported: by ``KERAS_BACKEND`` or in Keras'
    settings. cilens changes neither; where nothing is chosen and TensorFlow, Keras' own choice,
    is not installed, it has Keras take torch, or else JAX.

    Examples
    --------
    >>> layers = [keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    >>> preprocess = Preprocess((2, 2), 1, layout="NHWC")
    >>> model = KerasModel(keras.Sequential(layers), preprocess, activation="softmax")
    >>> model(np.zeros((5, 2, 2, 1), dtype=np.float32)).shape
    (5, 3)
    """

    model: keras.Model = field(repr=False)
    preprocess: Preprocess
    class_names: tuple[str, ...] = field(default=(), repr=False)
    activation: str = "none"
    output: str | int | None = None
    path: str | None = None
    inputs: Constants = ()
    output_range: OutputRange | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        settle(self)
        if not isinstance(self.model, keras.Model):
            raise InputError(
                f"model must be a keras.Model; got {type(self.model).__name__}: "
                "load_model reads files"
            )
        name = self.path or f"the model {self.model.name!r}"
        if (taken := images_and_others(self.model, name, self.inputs)) is not None:
            check_input(name, taken[0].shape, taken[0].dtype, self.preprocess)
        outputs = symbols(self.model, "outputs")
        if len(outputs) == 1:
            check_columns(outputs[0].shape, self.activation, self.class_names)

    def __getstate__(self) -> dict[str, object]:
        """Leave a model behind that can be read again."""
        state = own_fields(self)
        if self.path is not None:
            del state["model"]
        return state

    def __setstate__(self, state: dict[str, object]) -> None:
        adopt(self, state)
        if self.path is not None:
            object.__setattr__(self, "model", open_keras(self.path))

    @property
    def computed_by(self) -> str:
        """What computes: ``"keras"``."""
        return "keras"

    def view(self, image: Image) -> View:
        """Bring an image to the model's size, as `preprocess` states.

        Parameters
        ----------
        image : (height, width, channels) float array
            In [0, 1].

        Returns
        -------
        View
            The image as the model looks at it, and which part of `image` that is.

        Raises
        ------
        InputError
            If pixels are not floating point in [0, 1], or the image does not fit.
        """
        return self.preprocess.view(image)

    def __call__(self, images: Batch) -> Scores:
        """Return the model's scores for a batch of images on its own grid.

        Parameters
        ----------
        images : (rows, height, width, channels) float array
            As `view` gives them, or perturbed.

        Returns
        -------
        (rows, classes) float32 array
            Or float64, where the model computes in it.

        Raises
        ------
        InputError
            If images or class names do not fit.
        ModelError
            If Keras fails, or the model does not return one row of scores for each image.
        """
        taken = images_and_others(self.model, self.path or self.model.name, self.inputs)
        batch = None if taken is None else taken[0].shape[0]
        fixed = batch if isinstance(batch, int) else None
        reading = Reading(self.preprocess, self.class_names, self.activation)
        return reading.scores(images, each(self._ask), fixed)

    def _ask(self, tensor: Rows) -> Array:
        answers = ask_keras(self.model, tensor, self.path or self.model.name, self.inputs)
        part = pick(self.model, answers, self.output)
        if not isinstance(part, np.ndarray):
            raise ModelError(f"scores must be one tensor; got {type(part).__name__}")
        return part.astype(np.float32) if part.dtype.name == "bfloat16" else part


def load_keras(
    path: str,
    *,
    preprocess: Preprocess | None = None,
    class_names: tuple[str, ...] = (),
    output: str | None = None,
    activation: str = "none",
    inputs: Constants = (),
) -> KerasModel:
    """Load a model from a .keras file, in Keras' safe mode.

    Parameters
    ----------
    path : str
        The file.
    preprocess : Preprocess
        What the model wants its input to be; a .keras file does not say.
    class_names : tuple of str
        One for each class, or nothing.
    output : str, optional
        Which output holds the scores, where there are several: a key, a name, or a place from 0.
    activation : {"none", "softmax", "sigmoid"}
        What to apply to the output.
    inputs : tuple of (str, value)
        A constant for each input that is not the images.

    Returns
    -------
    KerasModel
        That knows its file.

    Raises
    ------
    FileError
        If the file is missing, damaged or no Keras file, or holds Python code or layers that
        are not Keras' own.
    InputError
        If the model and what is stated do not agree, or preprocessing is stated nowhere.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "flat.keras")
    >>> keras.Sequential([keras.Input((3, 3, 1)), keras.layers.Flatten()]).save(path)
    >>> model = load_keras(path, preprocess=Preprocess((3, 3), 1, layout="NHWC"))
    >>> model(np.ones((5, 3, 3, 1))).shape
    (5, 9)
    """
    model = open_keras(path)
    if preprocess is None:
        taken = images_and_others(model, path, inputs)
        if taken is None:
            raise not_stated(path, "input", (None,) * 4)
        raise not_stated(path, taken[0].called, taken[0].shape)
    return KerasModel(model, preprocess, class_names, activation, output, path, inputs)


def open_keras(path: str) -> keras.Model:
    """Open a .keras file without running code from it, or say in one line why that cannot be."""
    check_safe(keras.__version__)
    check_kind(path, "a zip archive", "a Keras file", "download or save it anew")
    with opened_zip(path, "is not a Keras file, or a damaged one") as archive:
        check_entries(path, archive.namelist())
        config = check_config(path, archive.read("config.json"), _is_public)
        weights = archive.read("model.weights.h5")
        check_weights(path, weights)
    version, way = keras.__version__, "save it anew with model.save"
    fault = f"cannot be loaded by Keras {version}, or is damaged ({way})"
    # In the scope too: keras.config.enable_unsafe_deserialization overrides what is passed.
    with reading(path, fault, CilensError), SafeModeScope(safe_mode=True):
        _check_size(path, config, len(weights))
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def open_network(path: str, constants: Constants = (), _: Limits = Limits()) -> Network:
    """Open a .keras file that says what it takes, and return what else it says."""
    model = open_keras(path)
    taken = images_and_others(model, path, constants)
    if taken is None:
        raise InputError(f"{path} must say what it takes: give its network a keras.Input")
    spec = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    outputs = named_outputs(model, model.compute_output_spec(spec))

    def ask(name: str, images: Rows) -> Array:
        return np.asarray(named_outputs(model, ask_keras(model, images, path, constants))[name])

    tensors = [Tensor(name, str(one.dtype), tuple(one.shape)) for name, one in outputs.items()]
    return Network(path, *taken, tuple(tensors), own_preprocessing(model), ask)


def _is_public(module: str, name: str) -> bool:
    """Say whether a module of Keras has a class, or function, of a name."""
    found: object = keras
    for part in module.split(".")[1:]:
        found = getattr(found, part, None)
    kept = not name.startswith("_") and name not in ("deserialize", "get", "serialize")
    return kept and isinstance(getattr(found, name, None), type | FunctionType)


def _check_size(path: str, config: dict[str, object], held: int) -> None:
    """Raise where a model has more weights than its file; nothing is allocated to tell."""
    waiting = global_state.get_global_attribute(_WAITING, [])
    global_state.set_global_attribute(_WAITING, [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    finally:  # or Keras would make them all the next time
        global_state.set_global_attribute(_WAITING, waiting)
    size = sum(prod(one.shape) * item_size(str(one.dtype)) for one in model.variables)
    most = EXPANSION * held + ALLOWANCE
    if size > most:
        raise FileError(
            f"{path} is of a model with {size:,} bytes of weights, and holds {held:,}; at most "
            f"{most:,} are made ({EXPANSION} times the file and {ALLOWANCE // 2**20} MiB)"
        )


def images_and_others(
    model: keras.Model, name: str, constants: Constants
) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """Return the input that is the images, and the others; None where the model does not say."""
    takes = inputs_of(model)
    if not takes and constants:
        raise InputError(f"inputs needs a model that says what it takes: give {name} a keras.Input")
    return images_of(name, takes, constants) if takes else None


def ask_keras(model: keras.Model, tensor: Rows, name: str, constants: Constants = ()) -> object:
    """Return what a model puts out, in NumPy's arrays, without gradients or training."""
    taken = images_and_others(model, name, constants) if constants else None
    fed = tensor if taken is None else {taken[0].name: tensor}
    if taken is not None:
        fed |= feed(taken[1], constants, len(tensor))
    try:
        return model.predict_on_batch(fed)
    except Exception as error:
        shape = show(tensor.shape)
        raise ModelError(
            f"{name} failed on an input of shape {shape}: {first_line(error)}"
        ) from error
