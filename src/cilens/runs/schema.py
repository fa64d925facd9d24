"""The columns of a run's two tables."""

from __future__ import annotations

from typing import NamedTuple

VERSION = 1
"""Of the tables and of the manifest; a run is gone on with under the same one only."""


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    type : str
        As Arrow names it; ``list`` is a list of doubles.
    text : str
        What stands in it.
    """

    type: str
    text: str


IMAGES = {
    "index": Column("int64", "The image's place in the run, from 0."),
    "id": Column("string", "Hash of the image's pixels, as read, and its index."),
    "image": Column("string", "Its name."),
    "error": Column("string", "Why it could not be explained; all below is null then."),
    "label": Column("int64", "The class that it is said to show, where that is known."),
    "label_name": Column("string", "That class's name."),
    "correct": Column("bool", "Whether the label was predicted."),
    "predicted": Column("int64", "The class with the highest score."),
    "predicted_name": Column("string", "Its name, or its index where classes have no names."),
    "score": Column("double", "Its score."),
    "runner_up": Column("int64", "The class with the second highest score."),
    "runner_up_name": Column("string", "Its name."),
    "runner_up_score": Column("double", "Its score."),
    "target": Column("int64", "The class explained: the predicted one, unless `--target` says."),
    "target_name": Column("string", "Its name."),
    "target_score": Column("double", "Its score."),
    "scores": Column("list", "The scores of all classes."),
    "height": Column("int64", "Of the image as the model looks at it, in pixels."),
    "width": Column("int64", "Of the same."),
    "regions": Column("int64", "How many regions it was cut into."),
    "important": Column("int64", "How many are important for the target."),
    "highlight_area": Column("double", "The highlight's share of the image."),
    "highlight_score": Column("double", "The target's score on the highlight alone."),
    "highlight_predicted": Column("int64", "The class predicted for the highlight alone."),
    "remainder_score": Column("double", "The target's score without the highlight."),
    "remainder_predicted": Column("int64", "The class predicted for the rest."),
    "blank_score": Column("double", "The target's score with every region hidden."),
    "blank_predicted": Column("int64", "The class predicted for the blank image."),
    "method": Column("string", "The method, with its settings."),
    "computed_by": Column("string", "What computed the scores, where the model says so."),
    "model_rows": Column("int64", "Images the model was asked about for the explanation."),
    "check_rows": Column("int64", "Those it was asked about for the highlight."),
    "seconds": Column("double", "Time since the row before was ready."),
    "asked": Column("string", "JSON of what was asked for beside: words, objects, an audit, …."),
    "bytes": Column("int64", "Size of the image's file."),
    "modified": Column("int64", "When it was last changed, in nanoseconds of its file system."),
}
"""One row an image. Columns of a table of images that are none of these follow."""

REGIONS = {
    "index": Column("int64", "The image's place in the run."),
    "id": Column("string", "The image's id."),
    "region": Column("int64", "The region, as in the explanation."),
    "name": Column("string", "Its name, or the segmenter's own label."),
    "class": Column("int64", "The class that the numbers are for."),
    "class_name": Column("string", "Its name."),
    "is_target": Column("bool", "Whether that is the class explained."),
    "importance": Column("double", "Share of the output range it controls (Eq. 1), 0 to 1."),
    "utility": Column("double", "Where between low and high the score stands, 0 to 1."),
    "influence": Column("double", "Share of the output range it adds (Eq. 2), -1 to 1."),
    "margin": Column("double", "How far the influence may be off; null where it is exact."),
    "sure": Column("bool", "Whether the influence has a sure sign."),
    "important": Column("bool", "Whether it is sure, and at least the threshold."),
    "low": Column("double", "The class's lowest score with the region replaced."),
    "high": Column("double", "Its highest."),
    "highlight": Column("bool", "Whether the region lies in the target's highlight."),
    "area": Column("double", "Its share of the image."),
    "row": Column("double", "Its centroid, from 0 at the top to 1 at the bottom."),
    "column": Column("double", "The same, from 0 on the left to 1 on the right."),
    "top": Column("double", "Where it begins, in shares of the height."),
    "left": Column("double", "Where it begins, in shares of the width."),
    "bottom": Column("double", "Where it ends, in shares of the height."),
    "right": Column("double", "Where it ends, in shares of the width."),
    "colour": Column("list", "Its mean colour, a number for each channel, in shares."),
}
"""One row a region and kept class, of the images without an error."""
