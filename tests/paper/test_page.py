"""The page says what was found, failures too, and is complete in itself."""

from __future__ import annotations

import html.parser
import re

import pytest

from cilens.errors import FileError
from cilens.paper import run as results
from cilens.paper.claims import CLAIMS
from cilens.paper.page import number, page, spread, threshold
from cilens.paper.steps import Result
from cilens.paper.verdicts import Measured

CHECKS = [check for claim in CLAIMS for check in claim.checks]
PNG = b"\x89PNG not really"


def numbers(value=0.5):
    return {
        name: Measured(value, 5, 7, (0.25, 0.75))._asdict()
        for name in (
            "rows",
            "ink",
            "alone",
            "empty",
            "mif",
            "lif",
            "srg",
            "class",
            "noise",
            "ranks",
        )
    }


def found(changes):
    """Return steps' results in which every check holds but those given."""
    checks = {
        check.id: Measured(check.bound.value if check.bound else 0.5, 10, 20, note="")
        for check in CHECKS
        if not check.id.startswith("P20")
    }
    checks["P16.spread"] = checks["P16.spread"]._replace(note="best: a; worst: b; 2 segmentations")
    methods = ("occlusion", "LIME", "contextual-importance", "random", "forest")
    done = {f"compare-{name}": Result({}, {"numbers": numbers()}) for name in methods}
    done["compare-forest"] = Result({}, {"numbers": numbers(), "trained": "the other half"})
    done["distorted-line"] = Result({}, {"numbers": numbers()})
    done["errors"] = Result({}, {"errors": 127})
    done["highlights"] = Result({}, {"blank": 1})
    done["words"] = Result({}, {"example": "The model <reads> this.", "image": "mnist:7"})
    done["all"] = Result(checks | changes)
    return done


@pytest.fixture
def figures(tmp_path):
    (tmp_path / "figures").mkdir()
    for claim in CLAIMS:
        for name in claim.figures:
            (tmp_path / "figures" / f"{name}.png").write_bytes(PNG)
    return tmp_path


def rendered(study, folder, changes=()):
    document = results.document(study, found(dict(changes)), folder)
    return document, page(document, folder / "figures")


class Reader(html.parser.HTMLParser):
    """Collect what the page points at, and check that what is opened is closed."""

    EMPTY = ("meta", "img", "br")

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.ids = [], [], set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids.add(given.get("id"))
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        assert tag != "link"
        assert tag != "script"
        if tag == "img":
            assert given["alt"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_complete_in_itself(study, figures):
    _, text = rendered(study, figures)
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    inside = [a for a in reader.addresses if a.startswith("#")]
    assert {address[1:] for address in inside} <= reader.ids
    pictures = [a for a in reader.addresses if a.startswith("data:image/png;base64,")]
    assert len(pictures) == sum(len(claim.figures) for claim in CLAIMS)
    others = set(reader.addresses) - set(inside) - set(pictures)
    assert others == {"https://doi.org/10.1007/978-3-030-82017-6_6"}
    assert "url(" not in text
    assert "@import" not in text


def test_every_claim_and_check_is_told(study, figures):
    _, text = rendered(study, figures)
    for claim in CLAIMS:
        assert f'<section id="{claim.id}">' in text
        assert claim.title in text
    plain = re.sub(r"&#39;", "'", text)
    for check in CHECKS:
        assert check.what in plain, check.id


def test_all_that_holds_holds(study, figures):
    document, text = rendered(study, figures)
    assert document["verdicts"] == {"holds": 20}
    assert 'class="verdict fails"' not in text
    assert '<tr class="fails">' not in text


def test_a_claim_that_fails_stays_failed(study, figures):
    changes = {"P10.kept": Measured(0.5, 100, 200, (0.4, 0.99), "a note")}
    document, text = rendered(study, figures, changes)
    assert document["verdicts"] == {"fails": 1, "holds": 19}
    (claim,) = (claim for claim in document["claims"] if claim["id"] == "P10")
    assert claim["verdict"] == "fails"
    (check,) = (check for check in claim["checks"] if check["id"] == "P10.kept")
    assert check == {
        "id": "P10.kept",
        "what": "highlights that keep the class",
        "unit": "share",
        "value": 0.5,
        "interval": [0.4, 0.99],
        "threshold": {"at least": 0.98},
        "verdict": "fails",
        "close": True,
        "images": 100,
        "model_rows": 200,
        "note": "a note",
    }
    assert '<tr class="fails">' in text
    assert "fails, narrowly" in text
    assert "1</b>claim fails" in text


def test_what_is_not_measured_says_so(study, figures):
    changes = {"P11.additive": Measured(None, note="needs LIME")}
    document, text = rendered(study, figures, changes)
    assert document["verdicts"] == {"holds": 20}
    assert "1 not measured" in text
    assert "needs LIME" in text


def test_the_headline_counts_what_was_measured_and_names_the_rest(study, figures):
    lacking = {name: Measured(None, note="needs more") for name in ("P7.golden", "P7.kept")}
    _, text = rendered(study, figures, lacking | {"P10.kept": Measured(0.5, 10)})
    head = re.sub(r"<[^>]+>", "", text[: text.index("<main>")])
    head = re.sub(r"\s+", " ", head)
    assert "18claims hold, measured in full 1claim holds as far as measured 1claim fails" in head
    decided = sum(check.bound is not None for check in CHECKS)
    assert f"{len(CHECKS) - 2} of {len(CHECKS)} numbers were measured." in head
    assert f"{decided - 2} of them have a threshold: {decided - 3} meet it, 1 misses it." in head
    assert "Not measured: P7 (2 numbers): needs more." in head
    _, text = rendered(study, figures)
    assert "Not measured:" not in text
    assert "none misses it" in text


def test_text_is_escaped(study, figures):
    _, text = rendered(study, figures)
    assert "The model &lt;reads&gt; this." in text


def test_a_figure_that_is_gone_is_an_error_and_is_counted(study, figures):
    (figures / "figures" / "fig3.png").unlink()
    document = results.document(study, found({}), figures)
    (claim,) = (claim for claim in document["claims"] if claim["id"] == "P20")
    assert (claim["verdict"], claim["checks"][0]["value"]) == ("fails", 7.0)
    with pytest.raises(FileError, match=r"fig3.png cannot be read"):
        page(document, figures / "figures")


def test_the_authors_network_is_named_as_such(study, figures):
    document, text = rendered(study, figures)
    assert document["authors_network"]
    assert "is the authors' own" in text
    document, text = rendered(study, figures, {"P17.four": Measured(None, note="needs more")})
    assert not document["authors_network"]
    assert "is the authors' own" not in text


@pytest.mark.parametrize(
    ("value", "unit", "bound", "written"),
    [
        (0.7999694, "share", {"at least": 0.8}, "79.997 %"),
        (0.80004, "share", {"at least": 0.8}, "80.004 %"),
        (0.8, "share", {"at least": 0.8}, "80.0 %"),
        (0.01999, "number", {"at most": 0.02}, "0.01999"),
        (1e-12, "share", None, "0.0 %"),
        (-0.0301, "number", None, "−0.030"),
        (1234567.0, "count", None, "1,234,567"),
        (103.4, "count", None, "103.4"),
        (1.0, "number", None, "1.000"),
    ],
)
def test_a_number_stays_on_its_side(value, unit, bound, written):
    assert number(value, unit, bound) == written


@pytest.mark.parametrize(
    ("bound", "unit", "written"),
    [
        ({"at most": 1e-12}, "error", "at most 1 × 10⁻¹²"),
        ({"at most": 0}, "error", "exactly 0"),
        ({"at least": 8}, "count", "at least 8"),
        ({"at least": 1e-9}, "number", "above 0"),
        ({"at most": 0.02}, "number", "at most 0.02"),
    ],
)
def test_thresholds_in_words(bound, unit, written):
    assert threshold(bound, unit) == written


def test_intervals_in_words():
    assert spread([0.0, 1.0]) == "0.0 – 100.0 %"
    assert spread([102.4, 104.0], "count") == "102.4 – 104"
