"""All English: an explanation in a sentence or a paragraph, for a person who knows the image."""

from __future__ import annotations

from cilens.text.minimal import minimal_lines
from cilens.text.names import class_label, shortened
from cilens.text.numbers import degree, percent, round_percent, score_text, typicality
from cilens.text.objects import objects_lines
from cilens.text.order import order_line
from cilens.text.paragraph import describe
from cilens.text.places import place, spot
from cilens.text.reasons import because, because_not, why
from cilens.text.sentence import sentence
from cilens.text.topic import Kind, Topic, about

__all__ = [
    "Kind",
    "Topic",
    "about",
    "because",
    "because_not",
    "class_label",
    "degree",
    "describe",
    "minimal_lines",
    "objects_lines",
    "order_line",
    "percent",
    "place",
    "round_percent",
    "score_text",
    "sentence",
    "shortened",
    "spot",
    "typicality",
    "why",
]
