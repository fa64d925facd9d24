"""What users install has a licence that is known, and none is the GPL."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from support import licences

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "licences.md"
CARRIED = [
    (library, name)
    for name in sorted({*licences.direct(), *licences.brought()})
    for library in sorted(licences.libraries(name))
]


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table in a section of the page."""
    text = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    body = next(part for part in text if part.startswith(section))
    table = [line for line in body.splitlines() if line.startswith("| ")][1:]
    return [line.strip("| ").split(" | ") for line in table]


def test_the_page_has_what_the_project_installs():
    listed = {name: licence for name, licence, _ in rows("What cilens")}
    assert listed == {name: licences.licence(name) for name in licences.direct()}


def test_the_page_says_by_what_it_is_installed():
    listed = {
        name: set(re.findall(r"\[(\w+)\]|cilens$", by)) for name, _, by in rows("What cilens")
    }
    assert listed == licences.direct()


def test_every_extra_is_for_users_or_for_the_checks():
    project = tomllib.loads(licences.PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = {extra for extras in licences.direct().values() for extra in extras}
    assert extras | licences.CHECKS == {"", *project["optional-dependencies"]}
    assert "pytest" not in licences.direct()


@pytest.mark.parametrize("name", sorted({*licences.direct(), *licences.brought()}))
def test_no_package_is_under_the_gpl(name):
    assert licences.is_free_of_copyleft(licences.licence(name))


@pytest.mark.skipif(sys.platform != "linux", reason="wheels carry other libraries elsewhere")
@pytest.mark.parametrize(("library", "name"), CARRIED)
def test_no_wheel_carries_what_is_under_the_gpl(library, name):
    assert licences.is_free_of_copyleft(licences.library_licence(library)), name


def test_the_gpl_would_be_seen():
    """Quantus is here, for the tests alone; its licence is one that users must not meet."""
    assert "quantus" not in {*licences.direct(), *licences.brought()}
    assert not licences.is_free_of_copyleft("GNU General Public License v3 (GPLv3)")
    assert licences.is_free_of_copyleft("GPL-3.0-or-later WITH GCC-exception-3.1")
    with pytest.raises(LookupError, match="was not read"):
        licences.library_licence("libx265")
