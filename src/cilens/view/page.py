"""One file that shows a finding: nothing in it is fetched, and no name in it is HTML."""

from __future__ import annotations

import base64
import hashlib
import html
from importlib.resources import files
from string import Template

from cilens.findings.finding import Finding
from cilens.text import Topic, sentence
from cilens.view.contents import arrays, texts
from cilens.view.pack import pack

_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)


def page(topic: Topic, finding: Finding | None = None) -> str:
    """Write the interactive page of a topic.

    Parameters
    ----------
    topic : Topic
        From `cilens.text.about`: the class, foil and threshold that the page opens with.
    finding : Finding, optional
        What else was found out about the image: where it came from, the audit, the words.

    Returns
    -------
    str
        HTML that needs no other file and no network, and may ask for none.

    Examples
    --------
    >>> import cilens
    >>> from cilens.text import about
    >>> model, image = cilens.load_model("digits"), cilens.read_image("mnist:18")
    >>> page(about(cilens.explain(model, image)))[:15]
    '<!doctype html>'
    """
    name = "" if finding is None else f"{finding.source}: "
    title, data = f"{name}{topic.label(topic.target)}", texts(topic, finding)
    return document("view.js", title, sentence(topic), pack(data, arrays(topic, finding)))


def document(script: str, title: str, said: str, data: str) -> str:
    """Write a page that runs one of `assets` on some data, and may do nothing else.

    Parameters
    ----------
    script : str
        The asset's name.
    title, said : str
        What there is to read without the script; escaped here.
    data : str
        From `cilens.view.pack.pack`.

    Examples
    --------
    >>> "<h1>a &lt; b</h1>" in document("gallery.js", "a < b", "", "")
    True
    """
    style, run = asset("view.css"), asset(script)
    return Template(asset("page.html")).substitute(
        policy=_POLICY.format(script=_hash(run), style=_hash(style)),
        title=html.escape(title),
        style=style,
        sentence=html.escape(said),
        data=data,
        script=run,
    )


def finding_page(finding: Finding) -> str:
    """Write the interactive page of a finding."""
    return page(finding.topic, finding)


def frame(document: str, height: int = 860) -> str:
    """Put a page into a frame of its own, as notebooks show it: it cannot reach the notebook.

    Parameters
    ----------
    document : str
        A whole page.
    height : int
        In pixels of the screen.

    Examples
    --------
    >>> frame("<p>", 100)[:24]
    '<iframe sandbox="allow-s'
    """
    return (
        f'<iframe sandbox="allow-scripts allow-downloads" title="cilens" width="100%" '
        f'height="{height}" style="border: 0" srcdoc="{html.escape(document)}"></iframe>'
    )


def asset(name: str) -> str:
    """Return a file of `assets`, as it runs."""
    return files("cilens.view").joinpath("assets", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
