"""What a process takes from itself before it opens a file that it does not trust."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
import tempfile
from collections.abc import Callable

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment]

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every processor
_NO_NEW_PRIVILEGES = 38
_BENEATH = 1
_EXECUTE, _WRITE_FILE, _TRUNCATE = 1 << 0, 1 << 1, 1 << 14
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_REFER = 1 << 13
_TCP = 0b11
_SCOPES = 0b11


def confine(memory: int) -> tuple[str, ...]:
    """Give up what a model does not need, for good; call it before there is a second thread.

    Parameters
    ----------
    memory : int
        Bytes that the process may have.

    Returns
    -------
    tuple of str
        What is kept from it on this system: ``"memory"``, ``"writes"`` (no byte into any file),
        ``"files"`` (none made, deleted, renamed or cut), ``"programs"`` (none started),
        ``"network"`` (no TCP).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this process
    if resource is None:
        return ()
    tempfile.gettempdir()  # found by writing there, as frameworks ask when they are imported
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    kept = ["writes"]
    if sys.platform == "linux":
        # Of data, not of addresses: an allocator reserves 64 MB of those for each thread.
        _limit(resource.RLIMIT_DATA, memory)
        kept += ["memory", *_landlock()]
    return tuple(kept)


def spend(seconds: float) -> None:
    """Let this process work for so long from now, on all processors, and be ended after that.

    The parent ends it sooner. This is for one whose parent is gone.
    """
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (int(most) + 1, hard))


def _limit(which: int, most: int) -> None:
    """Lower a limit to `most`, or leave it where the system has a lower one."""
    _, hard = resource.getrlimit(which)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(which, (most, most))


def _landlock() -> tuple[str, ...]:
    """Ask Linux for its rules on files, where it has them: reading stays, and devices' ioctl."""
    libc = ctypes.CDLL(None, use_errno=True)
    call: Callable[..., int] = libc.syscall
    version = call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return ()
    files = _EXECUTE | _WRITE_FILE | _REMOVE_AND_MAKE
    files |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = struct.pack("=QQQ", files, _TCP, _SCOPES)[:size]
    handle = call(_CREATE_RULESET, rules, ctypes.c_size_t(size), ctypes.c_uint32(0))
    if handle < 0:
        return ()
    try:
        _allow(call, handle, "/dev", _WRITE_FILE)  # /dev/null, and the devices of a GPU
        nothing = ctypes.c_ulong(0)
        if libc.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), nothing, nothing, nothing):
            return ()
        if call(_RESTRICT_SELF, handle, ctypes.c_uint32(0)):
            return ()
    finally:
        os.close(handle)
    return ("files", "programs", "network") if version >= 4 else ("files", "programs")


def _allow(call: Callable[..., int], handle: int, folder: str, what: int) -> None:
    place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        call(_ADD_RULE, handle, _BENEATH, struct.pack("=Qi", what, place), ctypes.c_uint32(0))
    finally:
        os.close(place)
