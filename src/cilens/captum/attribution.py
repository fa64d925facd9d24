"""From Captum's arguments to questions, and from the answers to Captum's attributions.

All inputs of a call are laid out as one line of numbers, a picture of a single row of pixels
whose segments are the features. One model row is the whole batch with one feature replaced. So
the inputs may have any shape, the forward function may answer for each example or once for the
batch, and the one loop asks it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from jaxtyping import Float64

from cilens import scoring
from cilens.captum.tensors import Fill, Forward, Line, Target
from cilens.coalitions import everything
from cilens.errors import InputError
from cilens.explanation import numbers
from cilens.scoring import consistency
from cilens.scoring.question import Question
from cilens.types import Batch, Coalitions, Image, OutputRange, Progress, Segments

if TYPE_CHECKING:
    import torch

Tensors = TypeVar("Tensors", "torch.Tensor", "tuple[torch.Tensor, ...]")


@dataclass(frozen=True)
class ContextualImportance:
    """Contextual importance with the interface of `captum.attr.FeatureAblation`.

    Each feature is replaced by its baseline in turn; its attribution is how much that lowers the
    output (Eq. 2), painted on all of the feature's numbers.

    Parameters
    ----------
    forward_func : callable
        A module in evaluation mode, or any function of tensors, as Captum takes it. On a
        processor, ``cilens.OnnxForward(module)`` is a faster one.
    output_range : (absmin, absmax), optional
        Gives attributions as shares of this range, in [-1, 1]; outputs outside it are an error.
        By default attributions have the output's own units, as Captum's have.

    Examples
    --------
    >>> import torch
    >>> left = lambda images: images[..., :2].mean(dim=(1, 2, 3))
    >>> mask = torch.tensor([0, 0, 1, 1])
    >>> method = ContextualImportance(left)
    >>> method.attribute(torch.ones(2, 1, 1, 4), feature_mask=mask)[0].tolist()
    [[[1.0, 1.0, 0.0, 0.0]]]
    """

    forward_func: Callable[..., object]
    output_range: OutputRange | None = None

    def attribute(
        self,
        inputs: Tensors,
        baselines: Fill | tuple[Fill, ...] = None,
        target: Target = None,
        additional_forward_args: object = None,
        feature_mask: torch.Tensor | tuple[torch.Tensor, ...] | None = None,
        perturbations_per_eval: int = 1,
        show_progress: bool = False,
    ) -> Tensors:
        """Return each number's attribution, in the shape Captum gives it.

        Parameters
        ----------
        inputs : tensor or tuple of tensors
            The first dimension of each is the batch.
        baselines : number, tensor or tuple of these, optional
            What stands in a feature's place: a tensor has the input's shape, or one that
            broadcasts to it. By default 0.
        target : int, tuple, tensor or list, optional
            Which output to explain: one for all examples, or one for each. By default all.
        additional_forward_args : any or tuple of any, optional
            Given to `forward_func` after the inputs; tensors go along with the batch.
        feature_mask : int tensor or tuple of these, optional
            Numbers with one label are one feature, and replaced together, in all inputs. Of the
            input's shape, or one that broadcasts to it. By default each number is a feature.
        perturbations_per_eval : int
            Features replaced in one call of `forward_func`. The more, the faster, but 1 where it
            answers once for the whole batch.
        show_progress : bool
            Count on standard error.

        Returns
        -------
        tensor or tuple of tensors
            As `inputs`, in the dtype of the output. Where the output has not one number for each
            example, the first dimension is that of the flattened output.

        Raises
        ------
        InputError
            If tensors do not fit, or the output does not grow with the batch.
        ModelError
            If `forward_func` raises, does not return finite numbers, or answers the same inputs
            otherwise another time: which is tried with two rows beside the features'.
        """
        line = Line.of(inputs)
        given = additional_forward_args
        extra = given if isinstance(given, tuple) else () if given is None else (given,)
        ask = Forward(self.forward_func, line, target, extra)
        segments = line.segments(feature_mask)
        fill = line.fill(baselines)

        def replaced(image: Image, segments: Segments, coalitions: Coalitions) -> Batch:
            kept = np.take(coalitions, segments, axis=1)[..., None]
            batch: Batch = np.where(kept, image, fill)
            return batch

        whole = Question(line.image, segments, everything(int(segments.max()) + 1), replaced)
        drops = self._ask(ask, whole, perturbations_per_eval, show_progress)
        painted = line.paint(drops, segments, ask.dtype)
        several = isinstance(cast("object", inputs), tuple)
        return cast("Tensors", painted if several else painted[0])

    def _ask(
        self, ask: Forward, whole: Question, rows: int, show_progress: bool
    ) -> Float64[np.ndarray, "features outputs"]:
        """Ask about the batch as it is, then with each feature replaced."""
        if rows < 1:
            raise InputError(f"perturbations_per_eval must be at least 1; got {rows}")
        n_features = whole.coalitions.shape[1]
        told = _counter(n_features + 1) if show_progress else None
        (first,) = scoring.score(ask, [whole], batch_size=1, progress=told)
        questions = _each_out(whole, n_features, rows)
        answers = scoring.score(ask, questions, batch_size=rows, progress=told)
        hidden = [answer.against(first.scores[0]) for answer in answers]
        table = np.concatenate([first.scores, *hidden])
        width, unit = np.ones(table.shape[1]), np.abs(table).max() or 1.0
        if self.output_range is not None:
            (table,), (low, high), _ = numbers.within([table], self.output_range)
            width, unit = high - low, 1.0
        pair = [whole, next(_each_out(whole, n_features, 1))]
        consistency.check(ask, pair, unit * width, rows, table[:2])
        drops: Float64[np.ndarray, "features outputs"] = (table[0] - table[1:]) / width
        return drops


def _each_out(whole: Question, n_features: int, rows: int) -> Iterator[Question]:
    """Hide each feature in turn, a few in each question: pixels can be very many features."""
    for start in range(0, n_features, rows):
        hidden = np.arange(start, min(start + rows, n_features))
        yield whole._replace(coalitions=hidden[:, None] != np.arange(n_features))


def _counter(total: int) -> Progress:
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        end = "\n" if done == total else ""
        sys.stderr.write(f"\rContextualImportance: {done} of {total} rows{end}")
        sys.stderr.flush()

    return count
