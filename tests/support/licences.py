"""The licences of what users install: `python -m support.licences` prints the reference page."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
CHECKS = {"test", "vision"}
"""Extras for working on cilens; nobody needs them to use it."""

_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_READ = {
    "keras": "Apache-2.0",
    "namex": "Apache-2.0",
    "protobuf": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",
}
"""Licences of packages that state them in prose only, as their licence files were read."""

_LIBRARIES = {
    "libXau|libbrotli|libharfbuzz|libxcb": "MIT",
    "libarrow|libparquet": "Apache-2.0",
    "libaec|libavif|libopenjp2|libsz": "BSD-2-Clause",
    "libhdf5|libhwloc|libscipy_openblas|libsharpyuv|libwebp|libzstd": "BSD-3-Clause",
    "libde265|libheif": "LGPL-3.0-or-later",
    "libfreetype": "FTL",
    "libgfortran|libgomp": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libjpeg": "IJG AND BSD-3-Clause",
    "liblcms2": "MIT",
    "liblzma": "0BSD",
    "libquadmath": "LGPL-2.1-or-later",
    "libonnxruntime": "MIT",
    "libopenvino|libtbb": "Apache-2.0",
    "libpng": "libpng-2.0",
    "libtiff": "libtiff",
}
"""What wheels carry beside the package's own code, by the start of its name."""


def direct() -> dict[str, set[str]]:
    """Return the packages that users may install, and by which extras; "" is cilens itself."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"]} | project["optional-dependencies"]
    found: dict[str, set[str]] = {}
    for extra, lines in groups.items():
        for name in (Requirement(line).name for line in lines):
            if extra not in CHECKS and name != "cilens":
                found.setdefault(canonicalize_name(name), set()).add(extra)
    return found


def brought() -> set[str]:
    """Return what the packages that users may install bring along, as far as it is here."""
    seen, waiting = set[str](), set(direct())
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for line in _found(name).requires or () if _found(name) else ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting |= {canonicalize_name(needed.name)} - seen
    return {name for name in seen - set(direct()) if _found(name)}


def licence(name: str) -> str:
    """Return a package's licence as an SPDX expression.

    Raises
    ------
    LookupError
        If it states none that is known: read its licence file, and write it down here.
    """
    if name in _READ:
        return _READ[name]
    found = _found(name)
    if found is None:
        raise LookupError(f"{name} is not installed")
    if stated := found.metadata.get("License-Expression"):
        return stated
    for line in found.metadata.get_all("Classifier") or ():
        known = _CLASSIFIERS.get(line.rpartition(" :: ")[2])
        if line.startswith("License") and known:
            return known
    stated = found.metadata.get("License") or ""
    if re.fullmatch(r"[\w. -]{2,40}", stated):
        return stated
    raise LookupError(f"{name} states no licence that is known")


def libraries(name: str) -> set[str]:
    """Return the shared libraries of others that a package's wheel carries."""
    files = found.files or () if (found := _found(name)) else ()
    carried = (file.name for file in files if re.search(r"\.(libs|dylibs)/|\.so\.\d", str(file)))
    return {re.split(r"[-.]", file)[0] for file in carried}


def library_licence(library: str) -> str:
    """Return the licence of a library that a wheel carries; see `licence`."""
    for names, stated in _LIBRARIES.items():
        if re.match(names, library):
            return stated
    raise LookupError(f"the licence of {library} was not read")


def is_free_of_copyleft(stated: str) -> bool:
    """Tell whether a licence lets a program under any other be given away with it.

    Examples
    --------
    >>> [is_free_of_copyleft(text) for text in ("MIT", "LGPL-3.0", "GPL-3.0", "AGPL-3.0-only")]
    [True, True, False, False]
    """
    copyleft = re.search(r"(?<!L)GPL|GNU General Public|GNU Affero", stated)
    return copyleft is None or "exception" in stated


def page() -> str:
    """Return the reference page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "| package | licence | installed by |\n|---|---|---|"
    for name, extras in sorted(direct().items()):
        shown = ", ".join(f"`cilens[{extra}]`" if extra else "cilens" for extra in sorted(extras))
        yield f"| {name} | {licence(name)} | {shown} |"
    yield "\n## What these bring along\n\n| package | licence |\n|---|---|"
    for name in sorted(brought()):
        yield f"| {name} | {licence(name)} |"
    yield "\n## What their wheels carry\n\n| library | in the wheel of | licence |\n|---|---|---|"
    everything = sorted({*direct(), *brought()})
    carried = {(library, name) for name in everything for library in libraries(name)}
    for library, name in sorted(carried):
        yield f"| {library} | {name} | {library_licence(library)} |"


def _found(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


_HEAD = """\
# Licences

cilens is MIT. Whatever it or an extra of it installs may be used by, and given away with, programs
under any licence: nothing is under the GPL or the AGPL, and a test keeps it so.

- `cilens[heif]` takes `pi-heif`, which only decodes. `pillow-heif`, the same with an encoder,
  carries x265 and is under the GPL as installed; it is not used.
- What is under the LGPL (libheif, libde265, libquadmath) is a library of its own beside the
  package, which anyone may replace.
- GCC's libraries, in many wheels, are under the GPL with an exception for what is linked to them.
- `cilens[test]` and `cilens[vision]` are for work on cilens itself. The first brings Quantus, which
  states the GPL: it judges explanations in tests, and no part of what is given away knows it.

Made by `PYTHONPATH=tests python -m support.licences` from what the installed packages state.

## What cilens and its extras install
"""

if __name__ == "__main__":
    sys.stdout.write(page())
