"""Models: adapters that know a framework's layout, range and device, and what each file holds."""

from __future__ import annotations
