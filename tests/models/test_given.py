"""What people hold is asked as it is, or the error shows the adapter; nothing is guessed."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest
import sklearn.ensemble
import sklearn.pipeline
import torch

import cilens
import keras_networks
from cilens.errors import InputError
from cilens.models.given import as_model

GREY = np.full((8, 8, 3), 0.5, np.float32)


class Own(torch.nn.Sequential):
    """A module of one's own."""


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (lambda: torch.nn.Linear(2, 3), "a Linear .* pass cilens.TorchModel"),
        (lambda: Own(torch.nn.Flatten()), "an? Own .* pass cilens.TorchModel"),
        (
            lambda: keras_networks.means(lambda mean: mean),
            "pass cilens.KerasModel",
        ),
        (sklearn.ensemble.RandomForestClassifier, "pass cilens.SklearnModel"),
        (lambda: sklearn.pipeline.Pipeline([("a", "passthrough")]), "pass cilens.SklearnModel"),
    ],
)
def test_a_framework_s_own_network_is_told_its_adapter(made, line: str) -> None:
    with pytest.raises(InputError, match=line):
        cilens.explain(made(), GREY)


def test_what_can_be_asked_is_left_alone() -> None:
    adapter = cilens.TorchModel(torch.nn.Flatten().eval(), cilens.Preprocess((8, 8), 3))
    for model in (adapter, len, np.mean):
        assert as_model(model) is model


def test_names_and_paths_are_read(tmp_path) -> None:
    image = cilens.read_image("shapes:circle")
    pixels = np.rint(image * 255).astype(np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "circle.png")
    named = cilens.explain("shapes", "shapes:circle", budget=17)
    for given in (
        image,
        pixels,
        PIL.Image.fromarray(pixels),
        tmp_path / "circle.png",
        str(tmp_path / "circle.png"),
    ):
        found = cilens.explain(cilens.load_model("shapes"), given, budget=17)
        assert np.array_equal(found.influence, named.influence)


def test_no_framework_is_imported_to_look() -> None:
    program = (
        "from cilens.models.given import as_model\nas_model(len)\nimport sys\n"
        "print(*{'torch', 'keras', 'sklearn', 'transformers'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


class Logits(torch.nn.Module):
    """Like a network of Hugging Face: a dict with logits, and a config."""

    def __init__(self, config: SimpleNamespace) -> None:
        super().__init__()
        self.config = config

    def forward(self, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": 4 * pixels.mean(dim=(2, 3))[:, : self.config.num_labels]}


def pipeline(labels: list[str], problem: str | None) -> object:
    """Return what has the name and the fields of a pipeline of Hugging Face."""
    kind = type("ImageClassificationPipeline", (), {})
    kind.__module__ = "transformers.pipelines.image_classification"
    processor = type("ViTImageProcessor", (), {"to_dict": lambda _: dict(PROCESSOR)})
    processor.__module__ = "transformers.models.vit.image_processing_vit"
    made = kind()
    config = SimpleNamespace(
        id2label=dict(enumerate(labels)), num_labels=len(labels), problem_type=problem
    )
    made.model, made.image_processor = Logits(config).eval(), processor()
    made.device = torch.device("cpu")
    return made


PROCESSOR = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": 8, "width": 8},
    "resample": 2,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}


def test_a_pipeline_says_all_there_is_to_say() -> None:
    model = as_model(pipeline(["cat", "dog", "cup"], None))
    image = GREY * [1.0, 1.5, 0.5]
    logits = 4 * (image.mean(axis=(0, 1)) * 2 - 1)
    assert model.class_names == ("cat", "dog", "cup")
    np.testing.assert_allclose(
        model(image[None])[0], np.exp(logits) / np.exp(logits).sum(), atol=1e-6
    )
    assert cilens.explain(pipeline(["cat", "dog", "cup"], None), image).class_name() == "dog"


@pytest.mark.parametrize(("labels", "columns"), [(["cat", "dog"], 2), (["cat"], 2)])
def test_a_pipeline_of_several_labels_or_of_one_has_sigmoids(labels, columns: int) -> None:
    image = GREY * [1.5, 1.0, 0.5]
    scores = as_model(pipeline(labels, "multi_label_classification"))(image[None])[0]
    first = 1 / (1 + np.exp(-4 * 0.5))
    assert len(scores) == columns
    assert scores[0 if len(labels) > 1 else 1] == pytest.approx(first, abs=1e-6)
