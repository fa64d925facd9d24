"""Draw the figures that LIME, SHAP, Grad-CAM and Captum usually make of the gallery's images.

``python docs/gallery/others.py`` takes half an hour on two cores; ``… coffee three`` draws those
two. Each package explains and draws as the
tutorial it comes with does; nothing of cilens is used but the images and the networks.
"""

from __future__ import annotations

import io
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import onnx
import onnxruntime
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import torch
from onnx import helper, numpy_helper
from pictures import CASES, HERE

import cilens
from cilens.findings.examine import prepare

mpl.use("agg")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import shap
from captum.attr import Occlusion
from captum.attr import visualization as captum_figures
from lime.lime_image import LimeImageExplainer
from lime.wrappers.scikit_image import SegmentationAlgorithm
from matplotlib import pyplot as plt
from skimage.segmentation import mark_boundaries

MODELS = Path(__file__).parents[2] / "src/cilens/models/shipped/data"
SHOWN = "shortcut", "astronaut", "coffee", "three", "eight", "circle"
HIGH, GAP, ABOVE = 360, 24, 52
SMALL = 100
"""Images with a shorter side have few pixels to a superpixel and a window."""


class Case(NamedTuple):
    """An image as the network takes it, and the network as the other packages take it."""

    image: np.ndarray  # (height, width, 3), in [0, 1]
    feed: Callable[[np.ndarray], np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]
    target: int
    name: str
    network: str

    @property
    def small(self) -> bool:
        """Whether it is one of the small images."""
        return len(self.image) < SMALL


def lime(case: Case) -> mpl.figure.Figure:
    """Draw the ten strongest superpixels: green for the class, red against it."""
    cut = SegmentationAlgorithm("quickshift", kernel_size=1, max_dist=200, ratio=0.2)
    found = LimeImageExplainer(random_state=0).explain_instance(
        case.image.astype(np.double),
        case.predict,
        top_labels=1,
        hide_color=0,
        num_samples=1000,
        segmentation_fn=cut if case.small else None,
    )
    pixels, mask = found.get_image_and_mask(
        case.target, positive_only=False, num_features=10, hide_rest=False
    )
    figure, ax = plt.subplots(figsize=(4, 4))
    ax.imshow(mark_boundaries(pixels, mask))
    ax.axis("off")
    return figure


def shapley(case: Case) -> mpl.figure.Figure:
    """Draw shap's image plot, of its partition explainer and what it hides with in its tutorial."""
    pixels = np.round(case.image * 255).astype(np.uint8)
    names = [str(at) for at in range(case.predict(case.image[None]).shape[1])]
    names[case.target] = case.name
    explainer = shap.Explainer(
        lambda images: case.predict(images / 255),
        shap.maskers.Image("inpaint_telea", pixels.shape),
        output_names=names,
    )
    values = explainer(
        pixels[None], max_evals=500, batch_size=50, outputs=shap.Explanation.argsort.flip[:1]
    )
    shap.image_plot(values, show=False)
    return plt.gcf()


def grad_cam(case: Case) -> mpl.figure.Figure:
    """Draw the class activation map over the image.

    After its last convolution each of the networks has one pooling and one linear layer, or the
    linear layer alone. The gradient of a logit is that layer's weights: no other is needed.
    """
    graph = onnx.load(MODELS / f"{case.network}.onnx")
    *_, last = (node for node in graph.graph.node if node.op_type in ("Relu", "Clip"))
    linear = next(node for node in graph.graph.node if node.op_type == "Gemm")
    stored = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer}
    weights = stored.get(linear.input[1], stored.get(f"{linear.input[1]}.half"))
    graph.graph.output.append(helper.make_tensor_value_info(last.output[0], 1, None))
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    (entry,) = session.get_inputs()
    (maps,) = session.run([last.output[0]], {entry.name: case.feed(case.image[None])})
    slopes = weights[case.target].astype(np.float64).reshape(maps.shape[1], -1).mean(axis=1)
    cam = np.maximum(np.tensordot(slopes, maps[0], 1), 0)
    smooth = PIL.Image.fromarray(cam.astype(np.float32)).resize(
        case.image.shape[1::-1], PIL.Image.Resampling.BILINEAR
    )
    figure, ax = plt.subplots(figsize=(4, 4))
    ax.imshow(case.image)
    ax.imshow(np.asarray(smooth), cmap="jet", alpha=0.5)
    ax.axis("off")
    return figure


def occlusion(case: Case) -> mpl.figure.Figure:
    """Draw Captum's occlusion, with the windows of its tutorial, or their like on small images."""
    window, stride = (5, 2) if case.small else (15, 8)

    def forward(images: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(case.predict(images.numpy().transpose(0, 2, 3, 1)))

    pixels = torch.from_numpy(case.image.transpose(2, 0, 1)[None].astype(np.float32))
    found = Occlusion(forward).attribute(
        pixels,
        target=case.target,
        sliding_window_shapes=(3, window, window),
        strides=(3, stride, stride),
        baselines=0,
        perturbations_per_eval=32,
    )
    figure, _ = captum_figures.visualize_image_attr(
        found[0].numpy().transpose(1, 2, 0),
        case.image,
        method="blended_heat_map",
        sign="all",
        show_colorbar=True,
        use_pyplot=False,
        fig_size=(4, 4),
    )
    return figure


OTHERS = {"LIME": lime, "SHAP": shapley, "Grad-CAM": grad_cam, "Captum, occlusion": occlusion}


def read(name: str) -> Case:
    """Read one of the gallery's images, as its network sees it."""
    request = CASES[name]
    (source,) = request.images
    prepared = prepare(request)
    explanation = prepared.examine(source, request.reading.read(source)).explanation
    channels, network = explanation.image.shape[2], request.model or "digits"
    stated = cilens.load_model(network).preprocess
    session = onnxruntime.InferenceSession(MODELS / f"{network}.onnx")
    (entry,) = session.get_inputs()

    def feed(images: np.ndarray) -> np.ndarray:
        pixels = np.asarray(images, np.float32)[..., :channels].transpose(0, 3, 1, 2)
        return np.ascontiguousarray((pixels * stated.scale - stated.mean) / stated.std, np.float32)

    def predict(images: np.ndarray) -> np.ndarray:
        return np.asarray(session.run(["scores"], {entry.name: feed(images)})[0])

    image = np.repeat(explanation.image, 3 // channels, axis=2).astype(np.float64)
    index = explanation.predicted
    return Case(image, feed, predict, index, explanation.class_name(index).split(",")[0], network)


def drawn(figure: mpl.figure.Figure) -> PIL.Image.Image:
    """Return a figure as pixels, without its white margin, at the height of the strip."""
    file = io.BytesIO()
    figure.savefig(file, dpi=220, bbox_inches="tight", facecolor="white", pad_inches=0.02)
    plt.close(figure)
    with PIL.Image.open(file) as opened:
        large = opened.convert("RGB")
    width = round(HIGH * large.width / large.height)
    return large.resize((width, HIGH), PIL.Image.Resampling.LANCZOS)


def main() -> None:
    """Draw a strip for each image: the four figures, each with its cost."""
    font = PIL.ImageFont.truetype(mpl.font_manager.findfont("DejaVu Sans"), 17)
    for name in sys.argv[1:] or SHOWN:
        case, asked, pictures = read(name), [0], []

        def count(images: np.ndarray, case: Case = case, asked: list[int] = asked) -> np.ndarray:
            asked[0] += len(images)
            return case.predict(images)

        for method, draw in OTHERS.items():
            asked[0], start = 0, time.perf_counter()
            figure = draw(case._replace(predict=count))
            seconds = time.perf_counter() - start
            rows = f"{asked[0]:,} model rows" if asked[0] else "one model row, and its inside"
            pictures.append((method, rows, drawn(figure)))
            print(f"{name:10s} {method:18s} {rows}, {seconds:.1f} s", flush=True)
        wide = sum(picture.width + GAP for *_, picture in pictures) + GAP
        strip = PIL.Image.new("RGB", (wide, HIGH + ABOVE + GAP), "white")
        pen, left = PIL.ImageDraw.Draw(strip), GAP
        for method, cost, picture in pictures:
            pen.text((left, 4), method, "#1f1f1f", font)
            pen.text((left, 27), cost, "#6b6b6b", font)
            strip.paste(picture, (left, ABOVE))
            left += picture.width + GAP
        strip.save(HERE / f"{name}.others.jpg", quality=85, subsampling=0, optimize=True)


if __name__ == "__main__":
    main()
