"""Statements of cells: what a cell has at its top level, and how to compile one of them again."""

from __future__ import annotations
import __future__

import ast
import dataclasses
import functools
import types
from collections.abc import Iterator

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# Cell magics whose body is plain Python in the notebook's own namespace.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}


@dataclasses.dataclass(frozen=True)
class Statement:
    """One statement of a cell, with all that is needed to compile it as if it were still there."""

    filename: str
    node: ast.stmt
    flags: int = 0
    """Compiler flags of `from __future__` imports that were in force."""
    passed_through: bool = False
    """Whether it stands in a `with workflow.unsafe.imports_passed_through():` block."""

    @property
    def line(self) -> int:
        """Line of its first character, decorators included."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])

    def holds_line(self, line: int) -> bool:
        """Whether the line is one of this statement's."""
        return self.line <= line <= (self.node.end_lineno or self.node.lineno)

    def compiled(self) -> types.CodeType:
        """Code that keeps the cell's file name and lines, so that tracebacks point at the cell."""
        module = ast.Module([self.node], [])
        code: types.CodeType = compile(module, self.filename, "exec", self.flags, dont_inherit=True)
        return code


@functools.lru_cache(maxsize=512)
def parse(text: str) -> ast.Module:
    """The syntax tree of a cell; empty for a cell that is not Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def statements(
    body: list[ast.stmt], filename: str, flags: int = 0, *, passed: bool = False
) -> Iterator[Statement]:
    """All statements that run at a cell's top level, also inside its if, with, try and for blocks."""
    for node in body:
        yield Statement(filename, node, flags, passed)
        if isinstance(node, DEFINITIONS):
            continue
        inner = passed or _passes_imports_through(node)
        blocks = [getattr(node, field, []) for field in ("body", "orelse", "finalbody")]
        blocks += [part.body for field in ("handlers", "cases") for part in getattr(node, field, [])]
        for block in blocks:
            yield from statements(block, filename, flags, passed=inner)


def _passes_imports_through(node: ast.stmt) -> bool:
    if not isinstance(node, ast.With):
        return False
    calls = [item.context_expr for item in node.items]
    names = [
        getattr(call.func, "attr", getattr(call.func, "id", ""))
        for call in calls
        if isinstance(call, ast.Call)
    ]
    return "imports_passed_through" in names


def python_magic_body(node: ast.stmt) -> str | None:
    """The Python below a `%%time`-like line, as IPython wrote it: run_cell_magic('time', '', body)."""
    match node:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(attr="run_cell_magic"),
                args=[ast.Constant(value=str(magic)), _, ast.Constant(value=str(body))],
            )
        ) if magic in _PYTHON_MAGICS:
            return body
    return None


def import_alone(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> ast.stmt:
    """An import of one name, in the place of the whole statement."""
    single: ast.stmt = (
        ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], 0)
    )
    return ast.fix_missing_locations(ast.copy_location(single, node))


def imported_package(node: ast.stmt) -> str:
    """The top package that an import statement names; empty for any other statement."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0] if isinstance(node, ast.Import) else ""
