"""The bars of the design, each a function from Python source to what breaks it.

They live apart from `test_bars`, which holds the project against them, and them against source
that must not pass.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Sequence

from numpydoc.docscrape import get_doc_object
from numpydoc.validate import validate

MAX_FILE, MAX_BODY, MAX_PARAMETERS, MAX_FOLDER, MAX_FACE = 250, 40, 6, 15, 39

Function = ast.FunctionDef | ast.AsyncFunctionDef
Bar = Callable[[str], list[str]]

_BASES = {"Enum", "Exception", "Generic", "IntEnum", "Module", "NamedTuple", "Protocol", "StrEnum"}
_BASES |= {"TorchDispatchMode", "UserWarning"}
_MODELS = {"ImageModel", "Model"}
_MACHINE = re.compile(r"(?<![\w./<>{}()*~-])/(?:(?:home|Users|mnt|opt)/\w+|root\b|work\b)")

_ANY_NAME = {"GL05", "GL06", "GL07", "GL08", "GL10", "SS01", "SS02", "SS03", "SS04", "SS05"}
_ANY_NAME |= {"PR02", "PR03", "PR07", "PR10"}
_INTERFACE = {"PR01", "PR04", "RT01", "RT03", "YD01"}


def long_file(source: str) -> list[str]:
    lines = code_lines(source)
    return [f"{lines} lines of code; at most {MAX_FILE}"] if lines > MAX_FILE else []


def code_lines(source: str) -> int:
    """Count the lines that have code: no docstring, comment or blank one."""
    skipped = {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in skipped
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def face_with_logic(source: str) -> list[str]:
    """Name what an ``__init__`` does beside handing names on, and one that hands on too many."""
    faults = [
        f"line {node.lineno}: {ast.unparse(node).partition(chr(10))[0]}"
        for node in ast.parse(source).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
        and not (isinstance(node, ast.Expr) and _is_text(node.value))
        and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")
    ]
    lines = code_lines(source)
    return faults + [f"{lines} lines of code; at most {MAX_FACE}"] * (lines > MAX_FACE)


def wide_folder(files: Sequence[str]) -> list[str]:
    return [f"{len(files)} files; at most {MAX_FOLDER}"] if len(files) > MAX_FOLDER else []


_PARTICIPLES = {
    *("batching", "flipping", "scoring", "testing", "training"),  # of the field
    *("docstring", "finding", "ranking"),  # nouns
    *(
        "grouped",
        "missing",
        "quantised",
        "recommended",
        "sampled",
        "shipped",
    ),  # a kind of
}
"""Names in -ing and -ed that name a thing, and not what is done to it."""


def participles(names: Sequence[str]) -> list[str]:
    """Name the files and folders that are called after doing instead of a thing."""
    return [
        f"{name} is no noun"
        for name in names
        if name.endswith(("ing", "ed")) and name not in _PARTICIPLES
    ]


def twins(names: Sequence[str]) -> list[str]:
    """Name files of one folder that differ in an ending alone, as explain and explanations do."""
    endings = r"e?s|ings?|e?d|ations?|ers?|ors?|isons?|ments?"
    return [
        f"{one} and {other}"
        for one in names
        for other in names
        if one != other and re.fullmatch(f"{re.escape(one.removesuffix('e'))}(?:{endings})", other)
    ]


def long_bodies(source: str) -> list[str]:
    return [
        f"line {function.lineno}: {function.name} has {lines} lines; at most {MAX_BODY}"
        for function in _functions(source)
        if (lines := _body_lines(function)) > MAX_BODY
    ]


def many_parameters(source: str) -> list[str]:
    return [
        f"line {function.lineno}: {function.name} has {count} parameters; at most {MAX_PARAMETERS}"
        for function in _functions(source)
        if (count := len(_parameters(function))) > MAX_PARAMETERS
    ]


def keyword_catch_alls(source: str) -> list[str]:
    return [
        f"line {function.lineno}: {function.name} takes **{function.args.kwarg.arg}"
        for function in _functions(source)
        if function.args.kwarg
    ]


def attribute_guesses(source: str) -> list[str]:
    return [f"line {call.lineno}: hasattr" for call in _calls(source) if _name(call) == "hasattr"]


def inheritance(source: str) -> list[str]:
    """Name the classes with a parent that is no protocol, record, error or torch module."""
    return [
        f"line {node.lineno}: {node.name} inherits from {ast.unparse(base)}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if not (_last(base) in _BASES or _last(base).endswith(("Error", "Exception")))
    ]


def model_calls(source: str) -> list[str]:
    """Name the calls of anything that is named or annotated as a model."""
    known = {"model", *_annotated_models(source)}
    return [
        f"line {call.lineno}: {ast.unparse(call)}"
        for call in _calls(source)
        if _name(call) in known
    ]


def untyped(source: str) -> list[str]:
    """Name what a public function leaves without a type, and its arrays without a shape."""
    faults = []
    for function in public_functions(ast.parse(source)):
        hints = {p.arg: p.annotation for p in _parameters(function)} | {"return": function.returns}
        for name, hint in hints.items():
            if hint is None:
                faults.append(f"line {function.lineno}: {function.name} has no type for {name}")
            elif _shapeless(hint):
                faults.append(f"line {function.lineno}: {function.name} has no shape for {name}")
    return faults


def machine_paths(text: str) -> list[str]:
    return [f"{match[0]} exists on one machine only" for match in _MACHINE.finditer(text)]


def docstring_faults(thing: object, *, interface: bool) -> list[str]:
    """Name what numpydoc has against a docstring.

    What any public name documents must be true and complete. The names of the public interface
    must also document every parameter and result, and a function or class must have an example.
    """
    doc = get_doc_object(thing, config={"show_class_members": False})
    wanted = set(_ANY_NAME)
    if interface:
        wanted |= _INTERFACE
    elif doc["Parameters"]:
        wanted |= {"PR01"}
    if isinstance(thing, type) and doc["Attributes"]:
        listed = {part.strip() for entry in doc["Attributes"] for part in entry.name.split(",")}
        if listed >= set(inspect.signature(thing).parameters):
            wanted -= {"PR01"}
    if interface and not _is_member(thing) and not _is_error(thing):
        wanted |= {"EX01"}
    return [f"{code}: {text}" for code, text in validate(doc)["errors"] if code in wanted]


def public_functions(tree: ast.Module | ast.ClassDef) -> Iterator[Function]:
    """Give the functions of a module, and the methods of its classes, that anyone may call."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and _public(node.name):
            yield from public_functions(node)
        elif isinstance(node, Function) and (_public(node.name) or node.name == "__call__"):
            yield node


def public_names(source: str) -> Iterator[str]:
    """Give the names of a module's public functions, classes and, after a dot, methods."""
    for node in ast.parse(source).body:
        if isinstance(node, Function | ast.ClassDef) and _public(node.name):
            yield node.name
        if isinstance(node, ast.ClassDef) and _public(node.name):
            for member in node.body:
                if isinstance(member, Function) and _public(member.name):
                    yield f"{node.name}.{member.name}"


def _is_member(thing: object) -> bool:
    return isinstance(thing, property) or "." in getattr(thing, "__qualname__", "")


def _is_error(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, Exception)


def _public(name: str) -> bool:
    return not name.startswith("_")


def _functions(source: str) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, Function))


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _last(node: ast.expr) -> str:
    """Return the last word of a dotted and perhaps subscripted name."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _name(call: ast.Call) -> str:
    """Return what is called; `model.__call__(…)` is a call of `model`, `model.cells(…)` another."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("__call__", "cells"):
        return _last(call.func.value)
    return _last(call.func)


def _parameters(function: Function) -> list[ast.arg]:
    """Return all parameters, the first of a method aside."""
    given = function.args
    listed = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    starred = [arg for arg in (given.vararg, given.kwarg) if arg]
    return [arg for arg in listed if arg.arg not in ("self", "cls")] + starred


def _body_lines(function: Function) -> int:
    body = function.body[ast.get_docstring(function) is not None :]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _annotated_models(source: str) -> set[str]:
    """Return the names of parameters and fields annotated as a model."""
    hinted = {
        (node.arg if isinstance(node, ast.arg) else _last(node.target)): node.annotation
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation
    }
    return {
        name
        for name, hint in hinted.items()
        if _MODELS & {_last(part) for part in ast.walk(hint) if isinstance(part, ast.expr)}
    }


def _shapeless(hint: ast.expr) -> bool:
    """Tell whether an annotation has an array that is not inside a jaxtyping shape."""
    shaped = {
        id(node.slice.elts[0])
        for node in ast.walk(hint)
        if isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Tuple)
        and isinstance(node.slice.elts[-1], ast.Constant)
    }
    return any(
        _last(node) in ("ArrayLike", "NDArray", "ndarray") and id(node) not in shaped
        for node in ast.walk(hint)
        if isinstance(node, ast.Name | ast.Attribute)
    )
