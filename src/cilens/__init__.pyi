from .datasets import read_image
from .errors import (
    CilensError,
    CilensWarning,
    FileError,
    InputError,
    MissingDependencyError,
    ModelError,
)
from .explanation import Explanation
from .image import as_image
from .methods import explain
from .methods.contextual import ContextualImportance
from .methods.sampled import SampledImportance
from .models import load_model
from .models.onnx import OnnxModel
from .models.preprocess import Preprocess
from .models.pytorch import TorchModel
from .models.sklearn import SklearnModel
from .models.torch_runtime import OnnxForward
from .perturbation import Blur, Constant, ImageMean, Inpaint, Noise, Picture, SegmentMean
from .scoring import estimate_output_range
from .segmentation import Felzenszwalb, Grid, Labels, Quickshift, Slic, Watershed

__version__: str

__all__ = [
    "Blur",
    "CilensError",
    "CilensWarning",
    "Constant",
    "ContextualImportance",
    "Explanation",
    "Felzenszwalb",
    "FileError",
    "Grid",
    "ImageMean",
    "Inpaint",
    "InputError",
    "Labels",
    "MissingDependencyError",
    "ModelError",
    "Noise",
    "OnnxForward",
    "OnnxModel",
    "Picture",
    "Preprocess",
    "Quickshift",
    "SampledImportance",
    "SegmentMean",
    "SklearnModel",
    "Slic",
    "TorchModel",
    "Watershed",
    "as_image",
    "estimate_output_range",
    "explain",
    "load_model",
    "read_image",
]
