"""The interactive page: a finding that can be looked at and touched, in one file."""

from __future__ import annotations

from cilens.view.gallery import gallery, save_gallery
from cilens.view.page import finding_page, frame, page

__all__ = ["finding_page", "frame", "gallery", "page", "save_gallery"]
