"""The expressions for sizes in an exported program, which PyTorch would evaluate as Python."""

from __future__ import annotations

import ast
import re

from cilens.models.torch.allowlist import allowed

_LONGEST = 20_000  # characters, as a deep network of any size writes
_LARGEST = 2**63
_POWER = 8
_SYMBOL = re.compile(r"[a-z]{1,3}\d{1,6}\Z", re.ASCII)
_FLOAT = re.compile(r"-?\d{1,30}(\.\d{1,30})?(e[+-]?\d{1,3})?\Z", re.ASCII)
_CHARACTERS = re.compile(r"[\w'(),=.+ -]*+\Z", re.ASCII)
_CONSTANTS = allowed("constants")
_POWERS = frozenset({"Pow", "PowByNatural"})
_FUNCTIONS = _POWERS | allowed("functions")
_ASSUMPTIONS = allowed("assumptions")


def is_expression(text: str) -> bool:
    """Say whether a text is an expression for a size, as PyTorch writes it, and nothing more.

    Parameters
    ----------
    text : str
        As `sympy.srepr` writes it: calls of named functions on symbols and numbers.

    Returns
    -------
    bool
        False also for what would take long: numbers, powers and texts are of limited size.

    Examples
    --------
    >>> is_expression("FloorDiv(Symbol('s0', positive=True, integer=True), Integer(2))")
    True
    >>> is_expression("Integer(1)+0*__import__('os').getpid()")
    False
    """
    if len(text) > _LONGEST or not _CHARACTERS.match(text):
        return False
    try:
        return _is_term(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return False


def is_symbol(name: str) -> bool:
    """Say whether a text is a symbol's name: a few letters and a number.

    Examples
    --------
    >>> is_symbol("s77"), is_symbol("system")
    (True, False)
    """
    return bool(_SYMBOL.match(name))


def _is_term(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _CONSTANTS
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
        return False
    name = node.func.id
    if name in ("Symbol", "Float"):
        return _is_atom(name, _text(node.args) or "", node.keywords)
    if node.keywords:
        return False
    if name in ("Integer", "Rational"):
        return len(node.args) in (1, 2) and all(_whole(one) is not None for one in node.args)
    small = name not in _POWERS or _is_small_power(node.args)
    return small and name in _FUNCTIONS and all(map(_is_term, node.args))


def _is_atom(name: str, text: str, keywords: list[ast.keyword]) -> bool:
    """Say whether a call makes a symbol with what is assumed of it, or a number."""
    if name == "Symbol":
        return is_symbol(text) and all(map(_is_flag, keywords))
    precise = [(one.arg, _whole(one.value)) for one in keywords]
    return bool(_FLOAT.match(text)) and precise in ([], [("precision", 53)])


def _text(given: list[ast.expr]) -> str | None:
    """Return the text that is a call's one argument, or None."""
    values = [one.value for one in given if isinstance(one, ast.Constant)]
    return values[0] if len(given) == len(values) == 1 and isinstance(values[0], str) else None


def _is_flag(keyword: ast.keyword) -> bool:
    """Say whether a keyword is something assumed of a symbol, true or false."""
    value = keyword.value
    return (
        keyword.arg in _ASSUMPTIONS
        and isinstance(value, ast.Constant)
        and isinstance(value.value, bool)
    )


def _whole(node: ast.expr) -> int | None:
    """Return a whole number that is written out, or None."""
    sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
    number = node.operand if isinstance(node, ast.UnaryOp) and sign < 0 else node
    if not (isinstance(number, ast.Constant) and type(number.value) is int):
        return None
    return sign * number.value if number.value < _LARGEST else None


def _is_small_power(given: list[ast.expr]) -> bool:
    """Say whether a power has a small exponent, and no power in its base."""
    if len(given) != 2 or not isinstance(given[1], ast.Call) or not given[1].args:
        return False
    inner = {one.id for one in ast.walk(given[0]) if isinstance(one, ast.Name)}
    sizes = [_whole(one) for one in given[1].args]
    return not inner & _POWERS and all(one is not None and abs(one) <= _POWER for one in sizes)
