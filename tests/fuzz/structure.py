"""Damage to what a file says, with its container put right again.

A flipped bit rarely gets past a checksum or a parser. Here a zip member, a PNG chunk, a field of a
protocol buffer or a word of a text is damaged, and the file around it is written anew as a good
writer would, so that the damage is met by whoever reads the content.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from random import Random

from fuzz.damage import Damage, damage, number

_PNG = b"\x89PNG\r\n\x1a\n"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[\w.+-]+|\s+|.', re.DOTALL)
_WORDS = (
    *("", "0", "-1", "1e999", "-1e999", "NaN", "Infinity", "-0.0", "nan", "0x", "1e-400", "1e308"),
    *("1" * 25, "9" * 400, "1" * 5000, "1979-05-27", "null", "true", "None", "True", "{}", "[]"),
    *("()", '""', '"\\ud800"', '"\\u0000"', '"a\\nb"', "\x1b[31m", "\ud7ff", "\ufeff", "\u2028"),
    *("[" * 3000, "(" * 300, '{"a":' * 2000, "a." * 2000 + "a = 1", "[" * 300 + "]" * 300),
    *("'|O'", "'<f8'", "'>i2'", "'<U9999999'", "[('a', 'O')]", "(10**9, 10**9)", "(1 << 60,)"),
    *('"../../x"', '"/etc/passwd"', "__import__('os')", "\r", "\n\n", "\t", "=", ",", ":", "#"),
    *("size=99999x99999", "size=-1x0", "mean=nan", "scale=0", "std=0", "60000x60000", "[[0], [1]]"),
)
_NAMES = (
    *(
        "../evil",
        "/evil",
        "a/../../evil",
        "..\\evil",
        "",
        "a\0b",
        "x" * 300,
        "\x1b[2J",
        "\u00fc.npy",
    ),
    *("config.json", "metadata.json", "data.pkl", "constants.pkl", "texts.npy", "version.npy/"),
)


def rebuild(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    """Damage a file inside its structure; where it has none that is known, anywhere."""
    try:
        return _form(data)(data, rng, others)
    except (ValueError, IndexError, struct.error, zipfile.BadZipFile, zlib.error, RuntimeError):
        return damage(data, rng, others)  # what an earlier damage left is no such file any more
    except (EOFError, OSError, NotImplementedError):
        return damage(data, rng, others)


def _form(data: bytes) -> Damage:
    """Tell by its first bytes how a file is built."""
    for first, form in _FORMS.items():
        if data.startswith(first):
            return form
    if len(data) > 9 and data[8:9] == b"{" and int.from_bytes(data[:8], "little") < len(data):
        return _safetensors
    if data.startswith(b"\x08") and _fields(data):
        return _protobuf
    return _text if b"\0" not in data[:1000] and _is_text(data) else damage


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _zip(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(entry.filename, archive.read(entry)) for entry in archive.infolist()]
    place = rng.randrange(len(members))
    name, content = members[place]
    match rng.randrange(12):
        case 0:
            del members[place]
        case 1:
            members[place] = (rng.choice(_NAMES), content)
        case 2:
            members.append((name, rebuild(content, rng, others)))
        case 3:
            members[place] = (name, rng.choice(members)[1])
        case _:
            members[place] = (name, rebuild(content, rng, others))
    output = io.BytesIO()
    kind = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(output, "w", kind) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name or "_")
            entry.external_attr = rng.choice((0, 0, 0, 0, 0o120777 << 16))  # a symbolic link
            entry.compress_type = kind
            archive.filelist = [one for one in archive.filelist if one.filename != name]
            archive.NameToInfo.pop(entry.filename, None)
            archive.writestr(entry, content)
    written = output.getvalue()
    return damage(written, rng, others) if rng.random() < 0.05 else written


def _png(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    chunks, place = [], len(_PNG)
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += length + 12
    at = rng.randrange(len(chunks))
    kind, content = chunks[at]
    match rng.randrange(8):
        case 0:
            del chunks[at]
        case 1:
            chunks.insert(rng.randrange(len(chunks)), (kind, content))
        case 2:
            chunks[at] = (rng.choice(chunks)[0], content)
        case 3 if kind in (b"IDAT", b"fdAT"):
            skip = 4 * (kind == b"fdAT")
            pixels = damage(zlib.decompress(content[skip:]), rng, others)
            chunks[at] = (kind, content[:skip] + zlib.compress(pixels))
        case _:
            chunks[at] = (kind, damage(content, rng, others))
    return _PNG + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )


def _npy(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    wide = data[6] >= 2
    start = 12 if wide else 10
    end = start + int.from_bytes(data[8:start], "little")
    header, content = data[start:end], data[end:]
    if rng.random() < 0.7:
        header = _text(header, rng, others)
        header = header + b" " * (-(start + len(header) + 1) % 64) + b"\n"
    else:
        content = damage(content, rng, others)
    return data[:8] + struct.pack("<I" if wide else "<H", len(header)) + header + content


def _tiff(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    """Change a field of a directory entry: tag, type, count or value."""
    order = "little" if data[:2] == b"II" else "big"
    first = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[first : first + 2], order)
    if not entries or rng.random() < 0.3:
        return damage(data, rng, others)
    place = first + 2 + 12 * rng.randrange(entries)
    offset, size = rng.choice(((0, 2), (2, 2), (4, 4), (8, 4), (8, 4), (8, 2)))
    value = number(rng, size)
    if offset < 4 and rng.random() < 0.6:
        value = (rng.choice((*range(20), *range(254, 350))) % (1 << 8 * size)).to_bytes(size, order)
    return data[: place + offset] + value + data[place + offset + size :]


def _safetensors(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    end = 8 + int.from_bytes(data[:8], "little")
    header = _text(data[8:end], rng, others)
    return len(header).to_bytes(8, "little") + header + data[end:]


def _text(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    tokens = _TOKEN.findall(data.decode())
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not tokens or rng.random() < 0.1:
            return damage("".join(tokens).encode(), rng, others)
        at = rng.randrange(len(tokens))
        match rng.randrange(5):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, rng.choice(tokens))
            case 2:
                tokens[at] = rng.choice(tokens)
            case 3:
                tokens.insert(at, rng.choice(_WORDS))
            case _:
                tokens[at] = rng.choice(_WORDS)
    return "".join(tokens).encode()


Field = tuple[int, int, bytes]
"""Number, wire type, and the bytes of the value without its length."""


def _protobuf(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    fields = _fields(data)
    if not fields:
        return damage(data, rng, others)
    at = rng.randrange(len(fields))
    key, wire, value = fields[at]
    choice = rng.random()
    if wire == 2 and choice < 0.7:
        fields[at] = (key, wire, _protobuf(value, rng, others))
    elif choice < 0.75:
        del fields[at]
    elif choice < 0.8:
        fields.insert(rng.randrange(len(fields) + 1), fields[at])
    elif choice < 0.85:
        fields[at] = (rng.randrange(1, 25), wire, value)
    elif wire == 0:
        bits = rng.choice(
            (rng.getrandbits(4), rng.getrandbits(7), (1 << 63), (1 << 64) - 1, 1 << 31)
        )
        fields[at] = (key, wire, _varint(bits))
    else:
        fields[at] = (key, wire, damage(value, rng, others))
    return b"".join(
        _varint(key << 3 | wire) + (_varint(len(value)) if wire == 2 else b"") + value
        for key, wire, value in fields
    )


def _fields(data: bytes) -> list[Field]:
    """Return the fields of a message; none where the bytes are no message."""
    fields, place = [], 0
    try:
        while place < len(data):
            tag, place = _read_varint(data, place)
            start, wire = place, tag & 7
            if wire == 0:
                _, place = _read_varint(data, place)
            elif wire == 2:
                length, start = _read_varint(data, place)
                place = start + length
            else:
                place += {1: 8, 5: 4}[wire]
            if place > len(data) or tag < 8:
                return []
            fields.append((tag >> 3, wire, data[start:place]))
    except (IndexError, KeyError):
        return []
    return fields


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _varint(value: int) -> bytes:
    output = bytearray()
    while value > 0x7F:
        output.append(value & 0x7F | 0x80)
        value >>= 7
    output.append(value)
    return bytes(output)


_FORMS = {
    b"PK\3\4": _zip,
    _PNG: _png,
    b"\x93NUMPY": _npy,
    b"II*\0": _tiff,
    b"MM\0*": _tiff,
}
