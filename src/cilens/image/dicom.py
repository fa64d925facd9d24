"""DICOM, the pictures of medicine, through pydicom; imported only when such a file comes."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from jaxtyping import Shaped
from pydicom import Dataset, dcmread
from pydicom.filereader import read_dataset, read_preamble
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from cilens.errors import FileError
from cilens.image.limits import Ask, check_size, choose_frame
from cilens.image.raster import Raster
from cilens.types import Array

_PLAIN = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
_FILE_META = 2


def read(file: BinaryIO, ask: Ask) -> Raster:
    """Read one frame: grey in the units of its modality and the window that the file states."""
    header, frame = _header(file, ask)
    stored = _decoded(file, frame)
    kind = str(header.PhotometricInterpretation)
    if kind == "PALETTE COLOR":
        colours = apply_color_lut(stored, header)
        return Raster(colours, (0.0, float(np.iinfo(colours.dtype).max)))
    known = _stored_range(header, stored)
    if kind in {"RGB", "YBR_FULL", "YBR_FULL_422"}:
        return Raster(stored, known)
    if kind not in {"MONOCHROME1", "MONOCHROME2"}:
        raise FileError(f"has pixels of the kind {kind}, which cilens does not read")
    places = _places(header, frame)
    if any("ModalityLUTSequence" in place for place in places):
        raise FileError("maps its pixels by a modality LUT, which cilens does not apply")
    slope, intercept = _number(places, "RescaleSlope", 1), _number(places, "RescaleIntercept", 0)
    pixels = stored[..., None]
    if (slope, intercept) != (1, 0):
        pixels, known = pixels * slope + intercept, None
    window = _window(places)
    known = window or known
    if kind == "MONOCHROME1" and known is not None:
        known = known[::-1]
    return Raster(pixels, known, clips=window is not None)


def read_stored(file: BinaryIO, ask: Ask) -> Shaped[np.ndarray, "height width ..."]:
    """Read the numbers of one frame as they are stored."""
    return _decoded(file, _header(file, ask)[1])


def _header(file: BinaryIO, ask: Ask) -> tuple[Dataset, int]:
    """Read what is said of the pixels, and choose the frame; nothing is decompressed."""
    file.seek(0)
    read_preamble(file, force=False)
    meta = read_dataset(
        file,
        is_implicit_VR=False,
        is_little_endian=True,
        stop_when=lambda tag, _vr, _length: tag.group != _FILE_META,
    )
    syntax = UID(meta.TransferSyntaxUID)
    if syntax not in _PLAIN:
        raise FileError(
            f"is compressed DICOM ({ascii(syntax.name)[1:-1][:60]}): decompress it first "
            "(gdcmconv --raw), or read it with pydicom and pass the array"
        )
    file.seek(0)
    header = dcmread(file, stop_before_pixels=True)
    if "Rows" not in header or "Columns" not in header:
        raise FileError(
            f"is DICOM without a picture (modality {header.get('Modality', 'unknown')})"
        )
    channels = int(header.get("SamplesPerPixel", 1))
    check_size(int(header.Columns), int(header.Rows), ask.max_pixels, channels)
    return header, choose_frame(ask.frame, int(header.get("NumberOfFrames", 1) or 1))


def _decoded(file: BinaryIO, frame: int) -> Shaped[np.ndarray, "height width ..."]:
    file.seek(0)
    pixels: Shaped[np.ndarray, "height width ..."] = pixel_array(file, index=frame)
    return pixels


def _stored_range(header: Dataset, stored: Array) -> tuple[float, float] | None:
    """Return the range that the stated number of bits gives unsigned pixels."""
    return (0.0, 2.0 ** int(header.BitsStored) - 1) if stored.dtype.kind == "u" else None


def _places(header: Dataset, frame: int) -> list[Dataset]:
    """Return where rescaling and window can be stated: for the file, all frames, this frame."""
    groups = [header, *header.get("SharedFunctionalGroupsSequence", ())[:1]]
    groups += header.get("PerFrameFunctionalGroupsSequence", ())[frame : frame + 1]
    nested = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
    return groups + [item for group in groups for name in nested for item in group.get(name, ())]


def _number(places: list[Dataset], name: str, default: float) -> float:
    """Return what is stated nearest to the frame; of several windows, the first."""
    stated = [place[name].value for place in places if name in place]
    value = stated[-1] if stated else default
    return float(value if isinstance(value, str | float | int) else value[0])


def _window(places: list[Dataset]) -> tuple[float, float] | None:
    """Return black and white of the first window (DICOM PS3.3, C.11.2.1.2), if there is one."""
    centre, width = _number(places, "WindowCenter", 0), _number(places, "WindowWidth", 0)
    functions = [str(place.VOILUTFunction) for place in places if "VOILUTFunction" in place]
    form = functions[-1] if functions else "LINEAR"
    low, high = centre - width / 2, centre + width / 2
    if form == "LINEAR" and width > 1:
        return low, high - 1
    return (low, high) if form == "LINEAR_EXACT" and width > 0 else None
