"""Finds statements in cells: the class or function behind an object, imports, assignments.

A kernel's `__main__` has no file. What it has is the text of every cell that ran (`In`, `linecache`),
and code objects that carry the file name and line under which a cell was compiled.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import linecache
import sys
import textwrap
import types
from collections.abc import Iterator
from typing import Any

from tutorial_lib.cells.sandbox.statements import (
    DEFINITIONS,
    FUTURES,
    Statement,
    import_alone,
    parse,
    python_magic_body,
    statements,
)


def functions_of(obj: Any) -> Iterator[types.FunctionType]:
    """The plain functions of a function or class, unwrapped from decorators and descriptors."""
    members = list(vars(obj).values()) if isinstance(obj, type) else [obj]
    for member in members:
        inner = member.fget if isinstance(member, property) else member
        inner = getattr(inner, "__func__", inner)
        if callable(inner):
            inner = inspect.unwrap(inner)
        if isinstance(inner, types.FunctionType):
            yield inner


def import_statement(text: str) -> Statement:
    """An import that is in no cell, for a value that was bound in another way (`D = datetime`)."""
    return Statement("<notebook import>", ast.parse(text).body[0])


class CellSources:
    """The statements of a notebook's cells, newest first.

    Args:
        cells: File name and text of each cell that ran, oldest first.
        flags: Compiler flags of `from __future__` imports that are in force now.
    """

    def __init__(self, cells: list[tuple[str, str]], flags: int = 0) -> None:
        self._flags = flags & FUTURES
        self._files: dict[str, str] = {}
        self._newest_first: list[Statement] = []
        for filename, text in cells:
            self._read(filename, text)

    @classmethod
    def of_shell(cls, shell: Any) -> CellSources:
        """The cells of a running IPython shell."""
        history = shell.history_manager
        cells = []
        for number, (text, raw) in enumerate(
            zip(history.input_hist_parsed, history.input_hist_raw, strict=False)
        ):
            if text:
                # History drops a cell's last newline, and a kernel names its cells by their hash.
                names = [shell.compile.get_code_name(raw + end, text, number) for end in ("", "\n")]
                cells.append((next(filter(linecache.getlines, names), names[0]), text))
        # Cells that ran without being stored, as nbval runs all of them, are known to linecache alone, in
        # the order in which they first ran.
        known = {filename for filename, _ in cells}
        cells += [
            (filename, "".join(linecache.getlines(filename)))
            for filename in list(linecache.cache)
            if filename not in known and shell.compile.format_code_name(filename) is not None
        ]
        return cls(cells, shell.compile.flags)

    def _read(self, filename: str, text: str) -> None:
        self._files[filename] = text
        found = list(statements(parse(text).body, filename, self._flags))
        for statement in list(found):
            body = python_magic_body(statement.node)
            if body is not None:
                found += statements(parse(body).body, filename, self._flags)
        self._newest_first[:0] = reversed(found)

    def definition(self, obj: Any) -> Statement | None:
        """The class, def or lambda assignment that made this object, found by its code's file and line."""
        for function in functions_of(obj):
            if isinstance(obj, type) and not function.__qualname__.startswith(obj.__qualname__ + "."):
                continue  # a function that was attached to the class, or inherited
            code = function.__code__
            text = "".join(linecache.getlines(code.co_filename))
            if not text or function.__module__ != "__main__":
                continue
            if code.co_filename not in self._files:  # a cell that ran without being stored in history
                self._read(code.co_filename, text)
            flags = code.co_flags & FUTURES
            for statement in statements(parse(text).body, code.co_filename, flags):
                if statement.holds_line(code.co_firstlineno) and _defines(statement.node, obj, function):
                    return statement
        return None

    def binding(self, name: str) -> Statement | None:
        """The newest def, class or plain assignment that bound the name, if it can run on its own."""
        for statement in self._newest_first:
            node = statement.node
            if isinstance(node, DEFINITIONS) and node.name == name:
                return statement
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in _targets(node):
                waits = any(isinstance(part, (ast.Await, ast.Yield)) for part in ast.walk(node))
                return None if waits or node.value is None else statement
        return None

    def text(self, statement: Statement) -> str:
        """The statement as it was typed, comments included; as Python writes it where lines are shared."""
        lines = self._files.get(statement.filename, "").splitlines()[
            statement.line - 1 : statement.node.end_lineno
        ]
        as_typed = textwrap.dedent("\n".join(lines))
        try:
            typed = ast.parse(as_typed).body
        except SyntaxError:  # `if fast: pause = 1`, or a %%time cell: these lines are not the statement
            typed = []
        if len(typed) == 1 and ast.dump(typed[0]) == ast.dump(statement.node):
            return as_typed
        return ast.unparse(statement.node)

    def static_imports(self, name: str) -> list[Statement]:
        """The import statements that bind a name, newest first, according to their text alone."""
        return [
            dataclasses.replace(statement, node=import_alone(statement.node, alias))
            for statement in self._newest_first
            if isinstance(statement.node, (ast.Import, ast.ImportFrom))
            for alias in statement.node.names
            if name == (alias.asname or alias.name.split(".")[0])
        ]

    def __iter__(self) -> Iterator[Statement]:
        """All statements, newest first."""
        return iter(self._newest_first)

    def binds(self, name: str) -> bool:
        """Whether any statement at a cell's top level gives the name a value, in whatever way."""
        return any(
            isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store)
            for statement in self._newest_first
            if not isinstance(statement.node, DEFINITIONS)
            for part in ast.walk(statement.node)
        )

    def imports(self, name: str, value: Any) -> list[Statement]:
        """The import statements that gave the name its present value; several for `import a.b, a.c`."""
        found: list[Statement] = []
        for statement in self._newest_first:
            for one in _single_imports(statement, name, value):
                known = {ast.dump(other.node) for other in found}
                if not found or (_may_have_more(one.node) and ast.dump(one.node) not in known):
                    found.append(one)
            if found and not _may_have_more(found[0].node):
                break
        return list(reversed(found))


def _defines(node: ast.stmt, obj: Any, function: types.FunctionType) -> bool:
    if isinstance(obj, type):
        return isinstance(node, ast.ClassDef) and node.name == obj.__name__
    if function.__name__ == "<lambda>":
        return isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Lambda)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == function.__name__


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _may_have_more(node: ast.stmt) -> bool:
    """`import a.b` binds `a`, and so does an `import a.c` in another cell: both are needed."""
    return isinstance(node, ast.Import) and node.names[0].asname is None


def _single_imports(statement: Statement, name: str, value: Any) -> Iterator[Statement]:
    """The parts of an import statement that bind this name to this value, one name each."""
    node = statement.node
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return
    for alias in node.names:
        if isinstance(node, ast.Import):
            bound = alias.asname or alias.name.split(".")[0]
            module = alias.name if alias.asname else bound
            if bound != name or sys.modules.get(module) is not value:
                continue
            yield dataclasses.replace(statement, node=import_alone(node, alias))
        else:
            origin = sys.modules.get(node.module or "")
            bound = name if alias.name == "*" else alias.asname or alias.name
            attribute = name if alias.name == "*" else alias.name
            missing = object()
            found = getattr(origin, attribute, sys.modules.get(f"{node.module}.{attribute}", missing))
            if bound != name or found is not value:
                continue
            one = ast.alias(attribute, name if attribute != name else None)
            yield dataclasses.replace(statement, node=import_alone(node, one))
