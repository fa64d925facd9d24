"""What attacks are made of, and how one sees that they failed."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import io
import pickle
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from cilens.errors import CilensError

SECONDS = 5.0
"""More than any refusal takes, of processor time."""


class Evil:
    """Unpickled, it leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable, tuple[Path]]:
        return Path.touch, (self.mark,)


def pickle_of(mark: Path) -> bytes:
    """Return a pickle that makes a file where it is read."""
    return pickle.dumps(Evil(mark), protocol=2)


def pickled_npy(mark: Path) -> bytes:
    """Return a .npy file whose array is a pickle that makes a file where it is read."""
    output = io.BytesIO()
    np.save(output, np.array([[Evil(mark)]], dtype=object), allow_pickle=True)
    return output.getvalue()


def npy(header: str, content: bytes = b"") -> bytes:
    """Return a .npy file with any header."""
    text = header.encode() + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + content


def png(
    width: int, height: int, *chunks: tuple[bytes, bytes], depth: int = 8, kind: int = 0
) -> bytes:
    """Return a PNG with any size, and the chunks given after it."""
    first = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (first, *chunks, (b"IEND", b""))
    )


def zeros(count: int) -> bytes:
    """Return that many zeros, deflated a thousand to one, without holding them."""
    packer, block = zlib.compressobj(9), bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, packer.compress(bytes(count % (1 << 20))), packer.flush()])


def refusal(read: Callable[[], object]) -> str:
    """Return the one line with which a reader refuses, soon, what it is asked to read."""
    begun = time.process_time()
    with pytest.raises(CilensError) as caught:
        read()
    assert time.process_time() - begun < SECONDS
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 1000
    return text


@contextmanager
def memory_below(limit: int) -> Iterator[None]:
    """Hold a block to the memory it may take beyond what the process has, in bytes."""
    gc.collect()
    _give_back()
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    try:
        reset.write_text("5")
    except OSError:
        pytest.skip("the most memory held is known on Linux alone")
    before = _kilobytes(status, "VmRSS")
    yield
    took = (_kilobytes(status, "VmHWM") - before) << 10
    assert took <= limit, f"{took >> 20} MB; at most {limit >> 20} MB"


def _give_back() -> None:
    """Return freed memory to the system, so that a reader cannot hide in it."""
    name = ctypes.util.find_library("c")
    trim = getattr(ctypes.CDLL(name), "malloc_trim", None) if name else None
    if trim is not None:
        trim(0)


def _kilobytes(status: Path, field: str) -> int:
    return int(status.read_text().partition(f"{field}:")[2].split()[0])
