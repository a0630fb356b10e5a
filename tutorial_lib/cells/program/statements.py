"""The top level of a cell, as statements that can be compiled again one by one."""

from __future__ import annotations
import __future__

import ast
import dataclasses
import functools
import textwrap
from collections.abc import Iterator

from tutorial_lib.cells.program.facts import DEFINITIONS, IMPORTS, Facts, facts_of, first_line

FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
# Cell magics whose body is plain Python in the notebook's own namespace.
_PYTHON_MAGICS = {"capture", "prun", "time", "timeit"}


@dataclasses.dataclass(frozen=True, eq=False)
class Statement:
    """One statement of a cell.

    Attributes:
        filename: File name under which its cell was compiled.
        node: Its syntax tree, with the cell's line numbers.
        flags: Compiler flags of `from __future__` imports that were in force.
        facts: What it does with names.
        cell_line: Line of the cell's own statement that it is a part of: it ran if that one did.
        passed_through: Whether it is in a `with workflow.unsafe.imports_passed_through():` block.
        surely: Whether it binds its names whatever happens.
        is_guard: Whether this is `if __name__ == "__main__":`.
        text: The whole cell.
    """

    filename: str
    node: ast.stmt
    flags: int
    facts: Facts
    cell_line: int
    passed_through: bool
    surely: bool
    is_guard: bool
    text: str = dataclasses.field(repr=False)

    @property
    def is_definition(self) -> bool:
        """Whether this is a class or a def."""
        return isinstance(self.node, DEFINITIONS)

    @property
    def is_import(self) -> bool:
        """Whether this is an import."""
        return isinstance(self.node, IMPORTS)

    @property
    def headline(self) -> str:
        """Its first line without decorators, as Python writes it."""
        lines = ast.unparse(self.node).splitlines()
        return next((line for line in lines if not line.startswith("@")), "")

    def holds_line(self, line: int) -> bool:
        """Whether a line of the cell is one of this statement's."""
        return first_line(self.node) <= line <= (self.node.end_lineno or self.node.lineno)

    @functools.cached_property
    def source(self) -> str:
        """The statement as it was typed, comments included; as Python writes it where lines are shared."""
        lines = self.text.splitlines()[first_line(self.node) - 1 : self.node.end_lineno]
        as_typed = textwrap.dedent("\n".join(lines))
        try:
            typed = ast.parse(as_typed).body
        except SyntaxError:  # `if fast: pause = 1`, or a %%time cell: these lines are not the statement
            typed = []
        if len(typed) == 1 and ast.dump(typed[0]) == ast.dump(self.node):
            return as_typed
        return ast.unparse(self.node)


@functools.lru_cache(maxsize=512)
def parse(text: str) -> ast.Module:
    """The syntax tree of a cell; empty for a cell that is not Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


@functools.lru_cache(maxsize=4096)
def read_cell(text: str, filename: str, flags: int = 0) -> tuple[Statement, ...]:
    """The statements of a cell's top level; none for a cell that is not Python.

    The body of a `%%time`-like magic counts, and so do definitions in an `async with` and imports in
    `with workflow.unsafe.imports_passed_through():`.

    Args:
        text: The cell, as Python: magics are calls already.
        filename: File name under which it was compiled.
        flags: Compiler flags of `from __future__` imports.
    """
    cell = _Cell(text, filename, flags)
    return tuple(part for node in parse(text).body for part in cell.read(node, node.lineno))


@dataclasses.dataclass(frozen=True)
class _Cell:
    text: str
    filename: str
    flags: int

    def read(
        self, node: ast.stmt, line: int, *, surely: bool = True, passed: bool = False
    ) -> Iterator[Statement]:
        body = python_magic_body(node)
        if body is not None:  # it begins in the line below the magic
            for inner in parse(body).body:
                yield from self.read(_moved_down(body, inner), line)
            return
        opened = _passes_imports_through(node)
        if opened or (
            _awaits_around(node) and any(isinstance(inner, DEFINITIONS) for inner in _blocks(node))
        ):
            for inner in _blocks(node):
                yield from self.read(inner, line, surely=surely and opened, passed=passed or opened)
            return
        try:
            facts = facts_of(node, self.flags)
        except SyntaxError:  # `return` at top level: the cell did not run
            return
        yield Statement(
            self.filename,
            node,
            self.flags,
            facts,
            line,
            passed,
            surely and facts.surely,
            _is_guard(node),
            self.text,
        )


def _moved_down(body: str, node: ast.stmt) -> ast.stmt:
    number = next(i for i, each in enumerate(parse(body).body) if each is node)
    return ast.increment_lineno(ast.parse(body).body[number], 1)  # a tree of its own


def _blocks(node: ast.stmt) -> list[ast.stmt]:
    """The statements in a compound statement's blocks."""
    blocks = [inner for field in ("body", "orelse", "finalbody") for inner in getattr(node, field, [])]
    parts = [part for field in ("handlers", "cases") for part in getattr(node, field, [])]
    return [*blocks, *(inner for part in parts for inner in part.body)]


def _awaits_around(node: ast.stmt) -> bool:
    return not isinstance(node, DEFINITIONS) and (
        isinstance(node, (ast.AsyncWith, ast.AsyncFor))
        or any(isinstance(part, ast.Await) for inner in [node] for part in _outside_functions(inner))
    )


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, (*DEFINITIONS, ast.Lambda)):
            yield from _outside_functions(part)


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and any(
        isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
    )


def _passes_imports_through(node: ast.stmt) -> bool:
    if not isinstance(node, ast.With):
        return False
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(
        getattr(call.func, "attr", getattr(call.func, "id", "")) == "imports_passed_through" for call in calls
    )


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
