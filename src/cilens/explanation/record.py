"""The answer: what each region of an image means to each class.

An `Explanation` is frozen, holds plain read-only arrays, and needs no model: another class,
another threshold, another picture are read from the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
from jaxtyping import Bool, Float, Integer

from cilens.coalitions import region_areas, region_centroids, spread
from cilens.errors import InputError, out_of_range
from cilens.explanation.classes import find_class, runner_up
from cilens.explanation.contrast import RUNNER_UP, Contrast, Side, contrast
from cilens.explanation.faces import face
from cilens.explanation.saliency import segment_margins, segment_means
from cilens.explanation.validity import check_arrays, check_names, check_pixel_range
from cilens.files import MAX_BYTES, read_npz, reading, whole_file, write_npz
from cilens.printable import printable
from cilens.proxy import Proxy, packed, unpacked
from cilens.settings import check_settings, checked
from cilens.types import Asked, Coalitions, Image, PixelRange, Regions, Segments, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMAT = 7
"""Version of the .npz layout; files with a higher one are refused. 2 added `margin`, 3
`pixel_range` and `outside`, 4 `asked`, 5 `computed_by`, 6 `coalitions` and `answers`, 7 `proxy`;
up to 4, `method` has the words of its time: `also`, say, for what is in `segmenters` now."""

_TEXTS = (
    "box", "region_names", "class_names", "method", "model_rows", "pixel_range", "outside", "asked",
    "computed_by",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What a method found out about one image, for every class of the model.

    Attributes
    ----------
    image : (height, width, channels) array
        The image as the model saw it, in shares of the pixel range: 0 is black, 1 is white.
    box : (top, left, bottom, right)
        Where `image` lies on the image given, in that image's pixels.
    segments : (height, width) int array
        Labels 0 … S-1.
    labels : (S,) int array
        The segmenter's own label of each segment.
    regions : (R, S) bool array
        Which segments each region has.
    region_names : tuple of str
        One name for each region.
    scores : (K,) float64 array
        The model's answer for the unchanged image.
    low, high : (R, K) float64 array
        Smallest and largest score over the unchanged image and all perturbations of the region.
    importance : (R, K) float64 array
        Eq. 1: ``(high - low) / (absmax - absmin)``, in [0, 1].
    utility : (R, K) float64 array
        ``(scores - low) / (high - low)``, in [0, 1]; 0.5 where nothing changed.
    influence : (R, K) float64 array
        Eq. 2: mean drop of the score as a share of the output range, signed, in [-1, 1].
    output_range : (2, K) float64 array
        absmin and absmax of each class.
    class_names : tuple of str
        One name for each class, or empty.
    method : str
        The method with all its settings, as Python would print it (of a file of format 4 or
        older: would have then).
    model_rows : int
        How many images the model was asked about.
    margin : (R, K) float64 array or None
        Half of the influence's 95 % interval over contexts, same segments and fill; or None.
    pixel_range : PixelRange or None
        The range and dtype that the model was asked in; None for one that takes shares.
    outside : tuple of (int, float)
        The classes whose scores left a stated output range, and their scores furthest outside.
        Their numbers are those of scores brought back to it; to ask for such a class is an error.
    asked : {"one-out", "one-in", "windows", "contexts", "other"}
        What the method asked, so that sentences may say so: with one region hidden, or one shown,
        at a time; with one window hidden; with random sets of regions hidden; anything else.
    proxy : Proxy or None
        What predicts the scores of any coalition, and orders the segments; where the method fits
        one. The numbers above do not come from it.
    computed_by : str or None
        What computed the scores, such as ``"onnx"`` or ``"openvino"``; None for a plain callable.
    coalitions : (N, S) bool array or None
        Which segments stayed in each row that the model was asked about with the method's first
        perturbation; None in what was saved before format 6.
    answers : (N, K) float32 array or None
        What the model said to these rows, within the output range.

    References
    ----------
    Anjomshoae, Jiang and Främling, Visual Explanations for DNNs with Contextual Importance, 2021,
    doi:10.1007/978-3-030-82017-6_6

    Examples
    --------
    >>> import cilens
    >>> explanation = cilens.explain(cilens.load_model("digits"), cilens.read_image("mnist:0"))
    >>> explanation.class_name(explanation.predicted)
    '7'
    """

    image: Image
    box: tuple[float, float, float, float]
    segments: Segments
    labels: Integer[np.ndarray, " segments"]
    regions: Regions
    region_names: tuple[str, ...]
    scores: Float[np.ndarray, " classes"]
    low: Float[np.ndarray, "regions classes"]
    high: Float[np.ndarray, "regions classes"]
    importance: Float[np.ndarray, "regions classes"]
    utility: Float[np.ndarray, "regions classes"]
    influence: Float[np.ndarray, "regions classes"]
    output_range: Float[np.ndarray, "2 classes"]
    class_names: tuple[str, ...]
    method: str
    model_rows: int
    margin: Float[np.ndarray, "regions classes"] | None = None
    pixel_range: PixelRange | None = None
    outside: tuple[tuple[int, float], ...] = ()
    asked: Asked = "other"
    proxy: Proxy | None = None
    computed_by: str | None = None
    coalitions: Coalitions | None = None
    answers: Float[np.ndarray, "rows classes"] | None = None

    def __post_init__(self) -> None:
        check_settings(self, positive=("model_rows",))
        for name, array in self._arrays().items():
            own = array.base is None or isinstance(array.base, bytes)
            if array.flags.writeable or not own:  # somebody may still write to it
                copy = np.array(array)
                copy.setflags(write=False)
                object.__setattr__(self, name, copy)
        check_arrays(self._arrays())
        top, left, bottom, right = self.box
        if not (top < bottom and left < right):
            raise InputError(f"box must be (top, left, bottom, right), in pixels; got {self.box}")
        if self.pixel_range is not None:
            check_pixel_range(self.pixel_range)
        check_names("region_names", self.region_names, len(self.regions), "region")
        if self.class_names:
            check_names("class_names", self.class_names, len(self.scores), "class")
        if self.proxy is not None:
            self.proxy.check(self.regions.shape[1], len(self.scores))

    def __reduce__(self) -> tuple[type[Explanation], tuple[Any, ...]]:
        """Let a copy, or what a pickle holds, be made and checked as any other is."""
        return Explanation, tuple(getattr(self, field.name) for field in fields(self))

    @property
    def view(self) -> View:
        """What the model is asked about again, in the range it was asked in."""
        return View(self.image, self.box, self.pixel_range)

    @property
    def predicted(self) -> int:
        """Index of the class with the highest score."""
        return int(self.scores.argmax())

    @property
    def runner_up(self) -> int | None:
        """Index of the class with the second highest score; None for a model with one class."""
        return runner_up(self.scores, self.predicted)

    def target(self, target: int | str | None = None) -> int:
        """Return the index of a class to explain, given by index or name; None is the predicted.

        Raises
        ------
        InputError
            If there is no such class.
        ModelError
            If its scores left the output range; see `outside`.
        """
        index = self._index(target)
        reached = dict(self.outside).get(index)
        if reached is not None:
            raise out_of_range(index, reached, *self.output_range[:, index])
        return index

    def class_name(self, target: int | str | None = None) -> str:
        """Return a class's name, fit to be shown, or its index where classes have no names.

        Control signs stand as escapes there; `class_names` has the names as they came.
        """
        index = self._index(target)
        return printable(self.class_names[index]) if self.class_names else str(index)

    def region_name(self, row: SupportsIndex) -> str:
        """Return a region's name, fit to be shown; `region_names` has it as it came."""
        return printable(self.region_names[row])

    def saliency(self, target: int | str | None = None) -> Float[np.ndarray, "height width"]:
        """Paint the influence on the pixels.

        Parameters
        ----------
        target : int or str, optional
            A class index or name; by default the predicted class.

        Returns
        -------
        (height, width) float64 array
            Signed shares of the output range. Where regions overlap, their mean; where a pixel
            is in no region, 0.
        """
        return np.asarray(self.segment_influence(target)[self.segments])

    def ordered_by_proxy(self, target: int | str | None = None) -> bool:
        """Say whether a proxy orders the segments: where there is one that can be trusted."""
        return self.proxy is not None and self.proxy.trusted(self.target(target))

    def ranks(self, target: int | str | None = None) -> Float[np.ndarray, " segments"]:
        """Say which segments come first: the highest.

        Influence says how much a segment adds by itself, on average over contexts. Which segments
        together keep a score up, or take it down, is another question: where a proxy can be
        trusted it answers that, as an order without shares. Otherwise the order is that of the
        influence.

        Parameters
        ----------
        target : int or str, optional
            A class index or name; by default the predicted class.

        Returns
        -------
        (S,) float64 array
            S … 1 from a proxy, or the influence of each segment.
        """
        if self.proxy is None or not self.ordered_by_proxy(target):
            return self.segment_influence(target)
        return self.proxy.ranks(self.target(target), self.segment_influence(target))

    def ranking(self, target: int | str | None = None) -> Float[np.ndarray, "height width"]:
        """Paint the order of the segments on the pixels: what metrics hide and show by."""
        return np.asarray(self.ranks(target)[self.segments])

    def saliency_margin(self, target: int | str | None = None) -> Float[np.ndarray, "height width"]:
        """Return half of the 95 % interval of the saliency, on each pixel; 0 without `margin`."""
        index = self.target(target)
        if self.margin is None:
            return np.zeros(self.segments.shape)
        columns = self.influence[:, index], self.margin[:, index]
        return np.asarray(segment_margins(self.segments, self.regions, *columns)[self.segments])

    def important(
        self, target: int | str | None = None, threshold: float = 0.01
    ) -> Bool[np.ndarray, " regions"]:
        """Return which regions surely have an influence of at least the threshold."""
        checked("threshold", threshold, float)
        index = self.target(target)
        return np.asarray((self.influence[:, index] >= threshold) & self.sure(index))

    def opposing(
        self, target: int | str | None = None, threshold: float = 0.01
    ) -> Bool[np.ndarray, " regions"]:
        """Return which regions surely speak against a class, by at least the threshold."""
        index = self.target(target)
        return np.asarray((self.influence[:, index] <= -threshold) & self.sure(index))

    def sure(self, target: int | str | None = None) -> Bool[np.ndarray, " regions"]:
        """Return which regions' influence has a sure sign, or is 0 for sure; see `margin`."""
        index = self.target(target)
        if self.margin is None:
            return np.ones(len(self.regions), dtype=bool)
        influence, margin = self.influence[:, index], self.margin[:, index]
        return np.asarray((np.abs(influence) > margin) | (margin == 0))

    def kept(
        self, target: int | str | None = None, threshold: float = 0.01
    ) -> Bool[np.ndarray, " segments"]:
        """Return the coalition of the segments in important regions.

        Where regions overlap, as those of several cuts do, the saliency decides: its segments
        that reach the threshold, and are sure.
        """
        index = self.target(target)
        important = self.important(index, threshold)
        if spread(np.ones(len(self.regions), dtype=np.intp), self.regions).max() <= 1:
            return spread(important.astype(np.intp), self.regions) > 0
        influence = self.segment_influence(index)
        if self.margin is None:
            return np.asarray(influence >= threshold)
        columns = self.influence[:, index], self.margin[:, index]
        margin = segment_margins(self.segments, self.regions, *columns)
        return np.asarray((influence >= threshold) & (influence > margin))

    def segment_influence(self, target: int | str | None = None) -> Float[np.ndarray, " segments"]:
        """Return the saliency of each segment: the mean over the regions that hold it, or 0."""
        return segment_means(self.regions, self.influence[:, self.target(target)])

    def highlight(
        self, target: int | str | None = None, threshold: float = 0.01
    ) -> Bool[np.ndarray, "height width"]:
        """Return the pixels of the important regions.

        Parameters
        ----------
        target : int or str, optional
            A class index or name; by default the predicted class.
        threshold : float
            Regions count from this share of the output range on.

        Returns
        -------
        (height, width) bool array
            All False where no region surely reaches the threshold: an empty highlight.
        """
        return np.asarray(self.kept(target, threshold)[self.segments])

    def sure_pixels(
        self, target: int | str | None = None, threshold: float = 0.01
    ) -> Bool[np.ndarray, "height width"]:
        """Return where the saliency is sure and reaches the threshold, whatever its sign."""
        index = self.target(target)
        size = np.abs(self.saliency(index))
        return np.asarray((size >= threshold) & (size > self.saliency_margin(index)))

    def contrast(
        self,
        target: int | str | None = None,
        foil: int | str | None = None,
        threshold: float = 0.01,
    ) -> Contrast:
        """Compare what matters to a class with what matters to another; no model is called.

        Parameters
        ----------
        target : int or str, optional
            A class index or name; by default the predicted class.
        foil : int or str, optional
            The other class; by default, and for "runner-up", the class with the highest score but
            the target. The target itself is allowed: the difference is then zero everywhere. (The
            command line refuses it, as nobody can have meant it there.)
        threshold : float
            Regions count from this share of the output range on; above zero.

        Returns
        -------
        Contrast
            Swapping target and foil flips the sign of the difference and swaps the rest.

        Raises
        ------
        InputError
            If there is no such class, no other class, or the threshold is not above zero.

        Examples
        --------
        >>> import cilens
        >>> explanation = cilens.ContextualImportance.paper()(
        ...     cilens.load_model("digits"), cilens.read_image("mnist:18")
        ... )
        >>> found = explanation.contrast()
        >>> explanation.class_name(found.target), explanation.class_name(found.foil)
        ('3', '5')
        >>> np.flatnonzero(found.for_target_only).tolist()
        [0, 1]
        """
        if not checked("threshold", threshold, float) > 0:
            raise InputError(f"the threshold of a contrast must be above 0; got {threshold}")
        one = self.target(target)
        one_side, other_side = (
            Side(
                index,
                self.influence[:, index],
                self.important(index, threshold),
                self.opposing(index, threshold),
            )
            for index in (one, self.foil(one, foil))
        )
        return contrast(one_side, other_side, threshold)

    def foil(self, target: int, foil: int | str | None = None) -> int:
        """Return the index of the class that a target is held against.

        Parameters
        ----------
        target : int
            The class explained.
        foil : int or str, optional
            A class index or name; None and "runner-up" mean the best class but the target.

        Raises
        ------
        InputError
            If there is no such class, or no other class.
        """
        means_best = foil is None or (isinstance(foil, str) and foil == RUNNER_UP)
        if not means_best or (foil is not None and RUNNER_UP in self.class_names):
            return self.target(foil)
        best = runner_up(self.scores, target)
        if best is None:
            raise InputError("a runner-up needs a second class; the model has one class only")
        return self.target(best)

    def describe(
        self,
        check: object = None,
        *,
        foil: int | str | None = None,
        missing: object = None,
        target: int | str | None = None,
        threshold: float | None = None,
        kind: str = "image",
    ) -> str:
        """Explain in a paragraph; see `cilens.text.about` and `cilens.text.describe`."""
        topic = face("about")(self, target, foil, threshold, kind, check)
        told: str = face("describe")(topic, missing)
        return told

    def plot(self, target: int | str | None = None, threshold: float | None = None) -> Figure:
        """Draw the finding at a glance; see `cilens.text.about` and `cilens.plot.finding_figure`.

        Examples
        --------
        >>> import cilens
        >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
        >>> figure = cilens.explain(model, image).plot()
        """
        figure: Figure = face("finding_figure")(face("about")(self, target, threshold=threshold))
        return figure

    def to_html(
        self,
        target: int | str | None = None,
        foil: int | str | None = None,
        threshold: float | None = None,
        check: object = None,
    ) -> str:
        """Write the interactive page, one file that needs no other; see `cilens.text.about`.

        Examples
        --------
        >>> import cilens
        >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
        >>> cilens.explain(model, image).to_html()[:15]
        '<!doctype html>'
        """
        topic = face("about")(self, target, foil, threshold, check=check)
        document: str = face("page")(topic)
        return document

    def save_html(
        self,
        path: str | Path,
        target: int | str | None = None,
        foil: int | str | None = None,
        threshold: float | None = None,
        check: object = None,
    ) -> None:
        """Write the interactive page to a file; see `to_html`.

        Raises
        ------
        FileError
            If the file cannot be written; nothing is left half-written.
        """
        with whole_file(path) as draft:
            draft.write_text(self.to_html(target, foil, threshold, check), encoding="utf-8")

    def ranked(self, target: int | str | None = None) -> Integer[np.ndarray, " regions"]:
        """Return the regions' rows, strongest influence first, whatever its sign."""
        sizes = np.abs(self.influence[:, self.target(target)])
        return np.argsort(-sizes, kind="stable")

    def areas(self) -> Float[np.ndarray, " regions"]:
        """Return each region's share of the image's pixels."""
        return region_areas(self.segments, self.regions)

    def centroids(self) -> Float[np.ndarray, "regions 2"]:
        """Return each region's mean row and column, in pixels of `image`."""
        return region_centroids(self.segments, self.regions)

    def save(self, path: str | Path) -> None:
        """Write everything, exactly, to an .npz file.

        Raises
        ------
        FileError
            If the file cannot be written; nothing is left half-written.
        """
        texts = {name: getattr(self, name) for name in _TEXTS}
        more_texts, more_arrays = packed(self.proxy)
        write_npz(path, FORMAT, texts | more_texts, self._arrays() | more_arrays)

    @classmethod
    def load(cls, path: str | Path, *, max_bytes: int = MAX_BYTES) -> Explanation:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path
            The .npz file.
        max_bytes : int
            A file whose arrays, unpacked, have more is refused before any is read: 1 GiB.

        Raises
        ------
        FileError
            If the file is missing, damaged, not an explanation, too large, or of a newer format.
        """
        texts, arrays = read_npz(path, FORMAT, max_bytes)
        with reading(path, "is damaged or not a cilens explanation"):
            stated = texts.pop("pixel_range", None)  # formats 1 and 2 have none
            proxy = unpacked(texts, arrays)
            ranged = stated and PixelRange(*stated)
            return cls(**texts, **arrays, pixel_range=ranged, proxy=proxy)

    def _index(self, target: int | str | None) -> int:
        if target is None:
            return self.predicted
        return find_class(target, self.class_names, len(self.scores))

    def __repr__(self) -> str:
        return (
            f"<Explanation of {self.class_name()!r} ({self.scores.max():.1%}): "
            f"{int(self.important().sum())} of {len(self.regions)} regions important, "
            f"{' x '.join(map(str, self.image.shape))}, {self.model_rows} model rows>"
        )

    def _repr_html_(self) -> str:
        """Show the interactive page in a notebook, in a frame that cannot reach the notebook."""
        shown: str = face("frame")(self.to_html())
        return shown

    def _arrays(self) -> dict[str, Any]:
        names = (field.name for field in fields(self) if field.name not in (*_TEXTS, "proxy"))
        return {name: array for name in names if (array := getattr(self, name)) is not None}
