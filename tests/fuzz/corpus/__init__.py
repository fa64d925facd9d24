"""Small valid files of every kind that cilens reads, each a name with its bytes."""

from __future__ import annotations
