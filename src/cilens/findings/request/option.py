"""What every face is told of an option, beside its name and type."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """What a face tells of an option.

    Attributes
    ----------
    help : str
        What it does, in a sentence or two.
    takes : str
        What a value looks like; nothing for a switch.
    default : str
        What holds without it, where the field's default does not say so.
    panel: str
        Options that belong together; by default those of one record.
    names : str
        What its values name, for completion: "image", "model" or a kind of part.
    """

    help: str
    takes: str = ""
    default: str = ""
    panel: str = ""
    names: str = ""
