"""A classifier of scikit-learn is asked about images as the rows of pixels it was fitted to."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import cilens
from cilens import SklearnModel
from cilens.errors import InputError, ModelError
from cilens.models.preprocess.record import FitError
from cilens.testing import check_model
from cilens.types import ImageModel

DIGITS = load_digits()
IMAGES = (DIGITS.images / 16)[..., None]
SHAPE = (8, 8, 1)


class Half:
    """Class 1 is the mean of the first half of a row, in the units it is given."""

    def predict_proba(self, rows):
        bright = rows[:, : rows.shape[1] // 2].mean(axis=1)
        return np.stack([1 - bright, bright], axis=1)


@pytest.fixture(scope="module")
def forest() -> RandomForestClassifier:
    return RandomForestClassifier(20, random_state=0).fit(DIGITS.data, DIGITS.target)


def test_probabilities_are_those_of_the_pixels_it_was_fitted_to(forest):
    model = SklearnModel(forest, SHAPE, scale=16)
    np.testing.assert_array_equal(model(IMAGES[:50]), forest.predict_proba(DIGITS.data[:50]))
    assert model.class_names == tuple("0123456789")
    assert isinstance(model, ImageModel)


def test_it_keeps_the_contract_of_models(forest):
    check_model(SklearnModel(forest, SHAPE, scale=16), IMAGES[0])
    line = make_pipeline(StandardScaler(), LogisticRegression())
    line.fit(DIGITS.data[:300], DIGITS.target[:300])
    check_model(SklearnModel(line, SHAPE, scale=16), IMAGES[0])


def test_the_half_that_counts_carries_the_influence():
    half = SklearnModel(Half(), (4, 4, 1), scale=1)
    method = cilens.ContextualImportance(cilens.Grid(rows=2, columns=1))
    explanation = method(half, np.ones((4, 4, 1)))
    np.testing.assert_allclose(explanation.influence[:, 1], [1, 0], atol=1e-12)


def test_a_digit_is_explained(forest):
    explanation = cilens.explain(SklearnModel(forest, SHAPE, scale=16), IMAGES[0])
    assert explanation.predicted == 0
    assert explanation.class_names[0] == "0"
    assert explanation.influence[:, 0].max() > 0.05


@pytest.mark.parametrize(("layout", "bright"), [("NCHW", 4 / 6), ("NHWC", 2 / 6)])
def test_layout_is_how_images_were_flattened(layout, bright):
    images = np.zeros((1, 2, 2, 3))
    images[..., 0] = 1
    model = SklearnModel(Half(), (2, 2, 3), scale=1, layout=layout)
    assert model(images)[0, 1] == pytest.approx(bright)


def test_it_prints_compares_and_travels(forest):
    model = SklearnModel(forest, [8, 8, 1], scale=16)
    assert repr(model).startswith("SklearnModel(classifier=RandomForestClassifier(")
    assert model == SklearnModel(forest, SHAPE, 16)
    assert hash(model) == hash(SklearnModel(forest, SHAPE, 16))
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy(IMAGES[:9]), model(IMAGES[:9]))


def test_names_are_counted(forest):
    named = SklearnModel(forest, SHAPE, 16, class_names=["a"] * 10)
    assert named.class_names == ("a",) * 10
    with pytest.raises(InputError, match="network's output: 10; got 2"):
        SklearnModel(forest, SHAPE, 16, class_names=("a", "b"))(IMAGES[:1])


@pytest.mark.parametrize(
    ("classifier", "message"),
    [
        (SVC(), r"predict_proba; SVC has none as it is: fit sklearn\.calibration\.Cal"),
        (
            LinearRegression(),
            "LinearRegression is a regressor, .* asks its predict, .* output_range",
        ),
        (make_pipeline(LinearRegression()), "Pipeline is a regressor"),
        (RandomForestClassifier(), "must be fitted; RandomForestClassifier is not: call fit"),
        (make_pipeline(StandardScaler(), SVC()), "predict_proba; Pipeline has none"),
    ],
)
def test_classifiers_that_cannot_be_asked(classifier, message):
    with pytest.raises(InputError, match=message):
        SklearnModel(classifier, SHAPE, 16)


def test_the_way_out_that_the_message_names():
    calibrated = CalibratedClassifierCV(SVC(), cv=2).fit(DIGITS.data[:300], DIGITS.target[:300])
    check_model(SklearnModel(calibrated, SHAPE, 16), IMAGES[0])


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        ({"shape": (8, 8)}, r"shape must be \(height, width, channels\); got \(8, 8\)"),
        ({"shape": (8, 9, 1)}, r"fitted to, 64; got \(8, 9, 1\), which has 72"),
        ({"shape": (8, 8, 0)}, "channels must be a whole number"),
        ({"scale": float("nan")}, "scale must be"),
        ({"layout": "HWC"}, "layout"),
    ],
)
def test_settings_that_are_wrong(forest, stated, message):
    with pytest.raises(InputError, match=message):
        SklearnModel(forest, **{"shape": SHAPE, "scale": 16, **stated})


def test_images_that_do_not_fit(forest):
    model = SklearnModel(forest, SHAPE, 16)
    with pytest.raises(FitError, match="wants 8 x 8 pixels with 1 channel; got 9 x 8"):
        model.view(np.zeros((9, 8, 1)))
    with pytest.raises(InputError, match=r"in \[0, 1\]"):
        model.view(IMAGES[0] * 16)


def test_several_outputs_have_to_be_wrapped():
    targets = np.stack([DIGITS.target % 2, DIGITS.target % 3], axis=1)
    two = RandomForestClassifier(2, random_state=0).fit(DIGITS.data, targets)
    with pytest.raises(ModelError, match=r"one array .* got list: of a classifier with several"):
        SklearnModel(two, SHAPE, 16)(IMAGES[:1])


def test_without_scikit_learn_the_message_has_the_command():
    script = """
import sys
sys.modules["sklearn"] = None
import cilens
try:
    cilens.SklearnModel
except cilens.MissingDependencyError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = 'a scikit-learn model needs scikit-learn: pip install "cilens[sklearn]"\n'
    assert done.stdout == line
