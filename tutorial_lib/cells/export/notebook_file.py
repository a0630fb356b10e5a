"""The program of a notebook *file*: what Run All would run, read from the text of its cells alone."""

from __future__ import annotations
import __future__

import ast
import builtins
import dataclasses
import json
import pathlib
import re
import types
from collections.abc import Iterator
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from tutorial_lib.cells.program.facts import DEFINITIONS, IMPORTS, first_name
from tutorial_lib.cells.program.journal import CellRun
from tutorial_lib.cells.program.program import Program
from tutorial_lib.cells.program.statements import FUTURES, parse
from tutorial_lib.errors import ExportError

NO_EXPORT = "no-export"
"""The tag of a cell that stays in the notebook: what it defines is there to be refused."""
_HERE = "pathlib.Path(__file__).parent"


@dataclasses.dataclass(frozen=True)
class NotebookFile:
    """A notebook file, as far as a project needs it.

    Attributes:
        program: What Run All would run. Its namespace has a substitute for each value: nothing was run.
        notes: What could not be read, in sentences.
    """

    program: Program
    notes: list[str]

    @classmethod
    def read(cls, notebook: pathlib.Path) -> NotebookFile:
        """Reads a notebook file.

        A lesson's exercises, which its cells' metadata name, are left out, and so are the classes and
        functions of cells with the tag `no-export`: they are broken or have gaps on purpose, and nobody takes
        those home.

        Raises:
            ExportError: This is no notebook file.
        """
        notes: list[str] = []
        cells = []
        for label, text in _cells(notebook):
            try:
                ast.parse(text)
            except (SyntaxError, ValueError) as error:
                line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
                notes.append(f"{label} is not Python ({error.args[0]}{line}): it is left out.")
            else:
                cells.append((label, text))
        texts = _beside_the_files(cells)
        flags = 0
        executions = []
        for label, text in texts:
            flags |= _futures(text)
            executions.append(CellRun(label, text, flags, label))
        return cls(Program(executions, _namespace(executions), unrun=True), notes)

    def is_bound(self, name: str) -> bool:
        """Whether a cell, a builtin or Python itself binds a name."""
        if name.startswith("__") or hasattr(builtins, name) or name in self.program.namespace:
            return True
        return any(
            name in {getattr(part, field, None) for field in ("id", "name", "asname", "rest", "arg")}
            and not (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))
            for ran in self.program.sequence
            for part in ast.walk(ran.statement.node)
        ) or bool(self.program.may_bind_any(name, self.program.end))


def _cells(notebook: pathlib.Path) -> list[tuple[str, str]]:
    """The code cells, as IPython would run them, each with a label."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise ExportError(f"There is no file {notebook}.", "Pass the path of an .ipynb file.") from None
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"{notebook.name} is not a notebook (version 4).", "Pass an .ipynb file.") from None
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    return [
        (f"cell {number}", _taken_along(_as_python("".join(source)), metadata))
        for number, (source, metadata) in enumerate(((c["source"], c.get("metadata", {})) for c in code), 1)
        if not metadata.get("course", {}).get("exercise")
    ]


def _taken_along(text: str, metadata: dict[str, Any]) -> str:
    """What of a cell's text a project gets: of one that stays in the notebook, what others need too."""
    if NO_EXPORT not in metadata.get("tags", []):
        return text
    return "\n".join(ast.unparse(node) for node in parse(text).body if not isinstance(node, DEFINITIONS))


def _as_python(text: str) -> str:
    """A cell's text with `!shell` lines and magics turned into Python calls, if that can be done."""
    try:
        return TransformerManager().transform_cell(text)
    except SyntaxError:
        return text


def _beside_the_files(cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a lesson keeps in its lab's folder, the project keeps beside its files."""
    labs = {
        node.targets[0].id
        for _, text in cells
        for node in parse(text).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and ast.unparse(node.value).startswith("await open_lab(")
    }
    found = cells
    for lab in labs:
        found = [(label, re.sub(rf"\b{lab}\.folder\b", _HERE, text)) for label, text in found]
    return found if found == cells else [("(export)", "import pathlib"), *found]


def _futures(text: str) -> int:
    """Compiler flags of the `from __future__` imports in a cell."""
    flags: int = 0
    for node in parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= int(getattr(__future__, alias.name).compiler_flag)
    return int(flags & FUTURES)


# ---- substitutes for values --------------------------------------------------------------------------


class _Substitute:
    """A placeholder for a value that nobody has made."""

    __module__ = "builtins"


def _namespace(executions: list[CellRun]) -> dict[str, Any]:
    """What each name will be, as far as slicing asks: which kind, and of which library."""
    found: dict[str, Any] = {}
    for execution in executions:
        for statement in execution.statements():
            for part in _binding_parts(statement.node):
                found.update(_meant(part, found))
            for name in statement.facts.binds:
                found.setdefault(name, _Substitute())
            for name in statement.facts.deletes:
                found.pop(name, None)
    return found


def _binding_parts(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those in its blocks, definitions whole."""
    yield node
    if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.stmt):
            yield from _binding_parts(part)
        elif isinstance(part, (ast.ExceptHandler, ast.match_case)):
            for inner in part.body:
                yield from _binding_parts(inner)


def _meant(node: ast.stmt, known: dict[str, Any]) -> dict[str, Any]:
    if isinstance(node, ast.ClassDef):
        return {node.name: _class(node, known)}
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return {node.name: _function(node.name)}
    if isinstance(node, ast.Import):
        return {a.asname or a.name.partition(".")[0]: types.ModuleType(a.name) for a in node.names}
    if isinstance(node, ast.ImportFrom):
        return {a.asname or a.name: type(a.name, (), {"__module__": node.module or ""}) for a in node.names}
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        value = _value(node.value, known)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {target.id: value for target in targets if isinstance(target, ast.Name)}
    return {}


def _class(node: ast.ClassDef, known: dict[str, Any]) -> type:
    own = {
        member.name: classmethod(_function(member.name))
        for member in node.body
        if isinstance(member, ast.FunctionDef) and member.name == "__init_subclass__"
    }
    bases = [known.get(first_name(base) or "") for base in node.bases]
    kind: Any = type
    if node.keywords or any(type(base) is not type and isinstance(base, type) for base in bases):
        kind = type("Meta", (type,), {"__module__": "__main__"})
    made: type = kind(node.name, (), {"__module__": "__main__", **own})
    return made


def _function(name: str) -> types.FunctionType:
    made = types.FunctionType((lambda *_, **__: None).__code__, {}, name)
    made.__module__ = "__main__"
    return made


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    """A literal's value; another name's; else a substitute of the class or the library that made it."""
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    called = node.value if isinstance(node, ast.Await) else node
    maker = known.get(first_name(called.func) or "") if isinstance(called, ast.Call) else None
    if isinstance(maker, type) and maker.__module__ == "__main__":
        return object.__new__(maker)
    if isinstance(maker, type):
        return type("Substitute", (), {"__module__": maker.__module__})()
    return _Substitute()


def imports_of(program: Program, name: str) -> list[str]:
    """The import lines that give a name its meaning at the end."""
    lines = []
    for ran in program.definitions(name, program.end):
        node = ran.statement.node
        if isinstance(node, IMPORTS):
            kept = [a for a in node.names if (a.asname or a.name.partition(".")[0]) == name]
            one = ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, 0)
            lines.append(ast.unparse(one))
    return lines
