"""What work costs and how far it is: bytes, seconds and rates, as people read them."""

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


def progress_line(done: int, total: int, failed: int, rates: tuple[float, float]) -> str:
    """Say how far a run is, and how fast.

    Parameters
    ----------
    done, total, failed : int
        Images.
    rates : tuple of float
        Images a second and model rows a second; not said where they are 0.

    Returns
    -------
    str

    Examples
    --------
    >>> progress_line(1200, 10_000, 3, (80.0, 720.0))
    '1,200 of 10,000 images · 3 failed · 80.0 images/s · 720 rows/s · 1 min 50 s left'
    """
    images, rows = rates
    said = [f"{done:,} of {total:,} images"]
    if failed:
        said.append(f"{failed:,} failed")
    if images:
        said += [f"{images:,.1f} images/s", f"{rows:,.0f} rows/s"]
        if done < total:
            said.append(f"{duration((total - done) / images)} left")
    return " · ".join(said)


def profile_line(spent: dict[str, float], seconds: float) -> str:
    """Say where the time of a run went.

    Parameters
    ----------
    spent : dict of str to float
        Seconds by what took them; reading and cutting are sums over threads, beside the rest.
    seconds : float
        Of the whole.

    Returns
    -------
    str

    Examples
    --------
    >>> profile_line({"reading": 1.0, "cutting": 5.0, "model": 6.0, "writing": 1.0}, 10.0)
    '10.0 s: model 6.0 s, writing 1.0 s, perturbing, checking and waiting 3.0 s; on other threads
    reading 1.0 s, cutting 5.0 s'
    """
    beside = {name: spent[name] for name in ("reading", "cutting") if name in spent}
    here = {name: took for name, took in spent.items() if name not in beside}
    here["perturbing, checking and waiting"] = max(seconds - sum(here.values()), 0.0)
    said, threads = (
        ", ".join(f"{name} {duration(took)}" for name, took in times.items())
        for times in (here, beside)
    )
    return f"{duration(seconds)}: {said}" + (f"; on other threads {threads}" if threads else "")
