"""What people hold and call a model, as what can be asked about images.

Frameworks are told by the names of classes and their modules: none is imported to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from cilens.errors import InputError
from cilens.models.load import load_model
from cilens.types import Model

_ADAPTERS = {
    "torch.nn.modules.module.Module": (
        "cilens.TorchModel(module.eval(), cilens.Preprocess((224, 224), scale=255))"
    ),
    "keras.src.models.model.Model": (
        "cilens.KerasModel(model, cilens.Preprocess((224, 224), scale=255, layout='NHWC'))"
    ),
    "sklearn.base.BaseEstimator": ("cilens.SklearnModel(classifier, shape=(28, 28, 1), scale=255)"),
}
"""By base class: the line that says what a network of it does not."""

_PIPELINE = "transformers.pipelines.image_classification.ImageClassificationPipeline"


class _Config(Protocol):
    """What a network of Hugging Face says of itself."""

    id2label: Mapping[int, str]
    num_labels: int
    problem_type: str | None


def as_model(given: object) -> Model:
    """Return what can be asked about images.

    Parameters
    ----------
    given : callable, str, path or pipeline
        A model, as it is; a name or file, as `load_model` takes it; a pipeline of Hugging Face for
        image classification, which says all there is to say of its network.

    Returns
    -------
    Model
        Asked by calling it.

    Raises
    ------
    InputError
        If it is a network of a framework of which something would have to be guessed: the adapter
        is named.

    Examples
    --------
    >>> as_model("digits").class_names[:3]
    ('0', '1', '2')
    >>> as_model(len) is len
    True
    """
    if isinstance(given, str | Path):
        return load_model(given)
    kinds = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(given).__mro__]
    if _PIPELINE in kinds:
        return _of_pipeline(given)
    for kind in kinds:
        if kind in _ADAPTERS:
            raise InputError(
                f"a {type(given).__name__} does not say what its input is to be: pass "
                f"{_ADAPTERS[kind]}, with the numbers it was trained with"
            )
    return cast("Model", given)


def _of_pipeline(pipeline: Any) -> Model:  # noqa: ANN401 (of a package that is not imported)
    """Return a pipeline's network, asked as the pipeline would ask it."""
    from cilens.models.preprocess.library.reader import preprocess_of
    from cilens.models.torch.model import TorchModel

    config: _Config = pipeline.model.config
    single = config.num_labels == 1
    several = single or config.problem_type == "multi_label_classification"
    return TorchModel(
        pipeline.model,
        preprocess_of(pipeline.image_processor),
        class_names=() if single else tuple(config.id2label[i] for i in range(config.num_labels)),
        activation="sigmoid" if several else "softmax",
        device=str(pipeline.device),
        output="logits",
    )
