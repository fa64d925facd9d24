"""What work costs: bytes and seconds, as people read them."""

from __future__ import annotations


def size(count: int) -> str:
    """Write a number of bytes.

    Examples
    --------
    >>> size(6272), size(38_535_168)
    ('6.3 kB', '38.5 MB')
    """
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"


def duration(seconds: float) -> str:
    """Write a time.

    Examples
    --------
    >>> duration(0.0123), duration(59.4), duration(61)
    ('12 ms', '59.4 s', '1 min 1 s')
    """
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
