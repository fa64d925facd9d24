"""How much memory and time a model in a separate process may take."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cilens.errors import InputError
from cilens.models.deadline import TIMEOUT, check_timeout

_LEAST = 256 * 2**20


@dataclass(frozen=True)
class Limits:
    """What a model in a separate process may take.

    Parameters
    ----------
    memory : int
        Bytes of memory, the framework's own included (LiteRT and ONNX Runtime take 0.2 GB of it,
        PyTorch 1 GB). Kept on Linux; other systems have no such limit for a single process.
    timeout : float
        Seconds that opening the file may take, and each question after that.

    Raises
    ------
    InputError
        If one is not a number, or too small for any model.

    Examples
    --------
    >>> str(Limits(memory=2 * 2**30, timeout=60))
    '2 GB of memory and 60 s'
    """

    memory: int = 4 * 2**30
    timeout: float = TIMEOUT

    def __post_init__(self) -> None:
        memory: object = self.memory
        if not isinstance(memory, int) or not _LEAST <= memory < 2**63:
            raise InputError(
                f"memory must be a whole number of bytes, {_LEAST} (256 MB) or more; got {memory!r}"
            )
        object.__setattr__(self, "timeout", check_timeout(self.timeout))

    def __str__(self) -> str:
        return f"{self.memory / 2**30:.3g} GB of memory and {self.timeout:g} s"


def limits_of(isolate: bool | Limits, timeout: float | None) -> Limits:
    """Return the limits that a caller states, here and there.

    Parameters
    ----------
    isolate : bool or Limits
        The limits, or whether a separate process is wanted with the usual ones.
    timeout : float, optional
        Wins over that of the limits.

    Examples
    --------
    >>> limits_of(True, 60).timeout
    60.0
    """
    limits = isolate if isinstance(isolate, Limits) else Limits()
    return limits if timeout is None else replace(limits, timeout=timeout)
