"""Lists and mappings of YAML, as files of class names have them: a small part of the language.

What is not of that part is refused with its line: other values of a file are passed over.
"""

from __future__ import annotations

import json
import re

from cilens.errors import InputError

_ITEM = re.compile(r"-\s+(\S.*)")
_PAIR = re.compile(r"""("[^"]*"\s*|'[^']*'\s*|[^\s'"#\[\]{}:-][^:#]*):(?:\s+(\S.*))?""")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_QUOTED = re.compile(r"""(?<![^\s,\[{:])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_SPECIAL = tuple("&*!|>%@`")


def read_yaml(text: str) -> object:
    r"""Read a list or mapping of plain values, or those that a mapping has under ``names``.

    Parameters
    ----------
    text : str
        Text of a file.

    Returns
    -------
    list of str, or dict of str to str
        What stands at the top, or under ``names:``.

    Raises
    ------
    InputError
        With the line that is neither.

    Examples
    --------
    >>> read_yaml("nc: 2\nnames:\n  0: cat\n  1: 'the dog'  # ours\n")
    {'0': 'cat', '1': 'the dog'}
    >>> read_yaml("- cat\n- dog\n")
    ['cat', 'dog']
    """
    lines = [(number, _bare(line)) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line.strip() and line != "---"]
    start = next((at for at, (_, line) in enumerate(lines) if line.startswith("names:")), None)
    if start is None:
        return _block(lines)
    inline = lines[start][1].removeprefix("names:").strip()
    following = lines[start + 1 :]
    block = _indented(following)
    return _flow([(lines[start][0], inline), *block]) if inline else _block(block)


def _indented(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines that belong to the key before them."""
    found = []
    for number, line in lines:
        if not line.startswith((" ", "\t", "- ", "]", "}")):
            break
        found.append((number, line))
    return found


def _block(lines: list[tuple[int, str]]) -> list[str] | dict[str, str]:
    """Read one item or pair a line."""
    if not lines:
        raise InputError("a YAML file of class names must have a list or mapping, or names:")
    if lines[0][1].strip()[0] in "[{":
        return _flow(lines)
    depth = len(lines[0][1]) - len(lines[0][1].lstrip())
    values: list[str] = []
    pairs: dict[str, str] = {}
    for number, line in lines:
        item, pair = _ITEM.fullmatch(line.strip()), _PAIR.fullmatch(line.strip())
        if len(line) - len(line.lstrip()) != depth or not (item or (pair and pair[2])):
            raise InputError(f"line {number} must be '- NAME' or 'INDEX: NAME'; got {line[:40]!r}")
        if item:
            values.append(_value(item[1], number))
        elif pair:
            _add(pairs, _value(pair[1], number), _value(pair[2], number), number)
        if values and pairs:
            raise InputError(f"line {number} must be as those before it; got {line[:40]!r}")
    return values or pairs


def _flow(lines: list[tuple[int, str]]) -> list[str] | dict[str, str]:
    """Read what is written in brackets, on one line or several."""
    number = lines[0][0]
    text = " ".join(line.strip() for _, line in lines)
    if (text[0], text[-1]) not in (("[", "]"), ("{", "}")):
        raise InputError(f"line {number} must be a list or mapping of names; got {text[:40]!r}")
    parts = [part.strip() for part in _split(text[1:-1])]
    parts = parts[:-1] if parts[-1] == "" else parts
    if text[0] == "[":
        return [_value(part, number) for part in parts]
    pairs: dict[str, str] = {}
    for part in parts:
        found = _PAIR.fullmatch(part)
        if found is None or not found[2]:
            raise InputError(f"line {number} must have 'INDEX: NAME' in braces; got {part[:40]!r}")
        _add(pairs, _value(found[1], number), _value(found[2], number), number)
    return pairs


def _split(text: str) -> list[str]:
    """Split at commas that are not inside of quotes."""
    marked = _QUOTED.sub(lambda found: found[0].replace(",", "\0"), text)
    return [part.replace("\0", ",") for part in marked.split(",")]


def _add(pairs: dict[str, str], key: str, value: str, number: int) -> None:
    if key in pairs:
        raise InputError(f"line {number}: a class must have one name; {key!r} stands twice")
    pairs[key] = value


def _value(text: str, number: int) -> str:
    """Return a plain or quoted text."""
    text = text.strip()
    if _QUOTED.fullmatch(text):
        return str(json.loads(text)) if text[0] == '"' else text[1:-1].replace("''", "'")
    if not text or text[0] in "\"'[]{}" or text.startswith(_SPECIAL) or ": " in text:
        raise InputError(f"line {number} must have a plain or quoted name; got {text[:40]!r}")
    return text


def _bare(line: str) -> str:
    """Return a line without its comment."""
    marked = _QUOTED.sub(lambda found: "\0" * len(found[0]), line)
    found = _COMMENT.search(marked)
    return line[: found.start()].rstrip() if found else line.rstrip()
