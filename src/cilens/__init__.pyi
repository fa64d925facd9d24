from . import plot
from .datasets import read_image
from .errors import (
    CilensError,
    CilensWarning,
    FileError,
    InputError,
    MissingDependencyError,
    ModelError,
)
from .evaluation.compare import compare
from .evaluation.evaluate import evaluate, summarize
from .explanation import Explanation
from .explanation.objects import Objects, find_objects
from .image import as_image
from .methods import explain
from .methods.contextual import ContextualImportance
from .methods.sampled import SampledImportance
from .models import load_model
from .models.isolate.limits import Limits
from .models.isolate.model import IsolatedModel
from .models.keras.model import KerasModel
from .models.litert.model import LiteRtModel
from .models.onnx.model import OnnxModel
from .models.preprocess.library.reader import preprocess_of
from .models.preprocess.record import Preprocess
from .models.shipped.groups import imagenet_groups
from .models.sklearn import SklearnModel
from .models.torch.model import TorchModel
from .models.torch.runtime import OnnxForward
from .models.wrappers.detector import Detector, detector
from .models.wrappers.grouped import Grouped
from .perturbation import Blur, Constant, ImageMean, Inpaint, Noise, Picture, SegmentMean
from .proxy import Proxy
from .scoring import estimate_output_range
from .scoring.statement import StatedModel
from .segmentation import (
    Felzenszwalb,
    FinestSlic,
    Grid,
    Labels,
    Quickshift,
    Slic,
    SteadySlic,
    Watershed,
)
from .types import RangedImage

__version__: str

__all__ = [
    "Blur",
    "CilensError",
    "CilensWarning",
    "Constant",
    "ContextualImportance",
    "Detector",
    "Explanation",
    "Felzenszwalb",
    "FileError",
    "FinestSlic",
    "Grid",
    "Grouped",
    "ImageMean",
    "Inpaint",
    "InputError",
    "IsolatedModel",
    "KerasModel",
    "Labels",
    "Limits",
    "LiteRtModel",
    "MissingDependencyError",
    "ModelError",
    "Noise",
    "Objects",
    "OnnxForward",
    "OnnxModel",
    "Picture",
    "Preprocess",
    "Proxy",
    "Quickshift",
    "RangedImage",
    "SampledImportance",
    "SegmentMean",
    "SklearnModel",
    "Slic",
    "StatedModel",
    "SteadySlic",
    "TorchModel",
    "Watershed",
    "as_image",
    "compare",
    "detector",
    "estimate_output_range",
    "evaluate",
    "explain",
    "find_objects",
    "imagenet_groups",
    "load_model",
    "plot",
    "preprocess_of",
    "read_image",
    "summarize",
]
