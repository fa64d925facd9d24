"""Measure the house: how large it is, how wide, and what is said twice.

``python benchmarks/house.py [ROOT]`` prints one line a figure for a checkout. Lines of code have no
docstrings, comments or blanks. What needs the checkout's own environment is measured in it:
``import cilens``, ``cilens --help``.
"""

from __future__ import annotations

import ast
import io
import statistics
import subprocess
import sys
import time
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
_PAIR = 6
"""So many lines in a row, alike in two places, are a pair."""


def code_lines(source: str) -> list[str]:
    """Return the lines that have code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    numbers = {
        line
        for token in tokens
        if token.type not in _SKIPPED
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            numbers -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = source.splitlines()
    return [lines[number - 1] for number in sorted(numbers)]


def imports(path: Path, package: Path) -> Iterator[str]:
    """Give the modules of the package that a file imports, those for type checking too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] != package.name:
                continue
            place = package.joinpath(*parts[1:])
            if place.with_suffix(".py").is_file() or (place / "__init__.py").is_file():
                yield name


def circles(package: Path) -> int:
    """Count the groups of files that import each other in a circle."""
    graph = {_module(path, package): set(imports(path, package)) for path in package.rglob("*.py")}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = 0

    def visit(node: str) -> None:
        nonlocal found
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            found += len(group) > 1

    sys.setrecursionlimit(10_000)
    for node in graph:
        if node not in index:
            visit(node)
    return found


def pairs(files: dict[Path, list[str]]) -> int:
    """Count the runs of six lines of code that stand in more than one place."""
    runs: Counter[tuple[str, ...]] = Counter()
    for lines in files.values():
        kept = [line.strip() for line in lines if not line.startswith(("import", "from"))]
        kept = [line for line in kept if len(line) > 3]
        runs.update(tuple(kept[i : i + _PAIR]) for i in range(len(kept) - _PAIR + 1))
    return sum(count > 1 for count in runs.values())


def main(root: Path) -> None:
    """Print the figures of a checkout."""
    package = root / "src" / "cilens"
    files = {path: code_lines(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")}
    folders = Counter(path.parent for path in files)
    widest, width = folders.most_common(1)[0]
    longest = max(files, key=lambda path: len(files[path]))
    bodies = [
        (node.end_lineno or node.lineno) - node.lineno
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    print(f"files                {len(files)}")
    print(f"lines of code        {sum(map(len, files.values()))}")
    print(f"functions            {len(bodies)}")
    print(f"widest folder        {widest.relative_to(root)}, {width} files")
    print(f"longest file         {longest.relative_to(root)}, {len(files[longest])} lines")
    print(f"import circles       {circles(package)}")
    print(f"runs of {_PAIR} lines twice {pairs(files)}")
    environment = {"PYTHONPATH": str(root / "src")}
    for name, code in {
        "import cilens": "import cilens",
        "import numpy": "import numpy",
        "cilens --help": "import sys; from cilens.cli import main; main(['--help'])",
    }.items():
        print(f"{name:20} {_seconds(code, environment):.3f} s")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _module(path: Path, package: Path) -> str:
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


def _seconds(code: str, environment: dict[str, str]) -> float:
    """Return the median of five runs of a new interpreter."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=-3)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
