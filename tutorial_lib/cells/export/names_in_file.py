"""Resolves names of a notebook *file*, from the text of its cells alone."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import itertools
import json
import pathlib
import re
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

from tutorial_lib.cells.export.file_pieces import Origin, Pieces
from tutorial_lib.cells.sandbox.sources import CellSources, import_statement
from tutorial_lib.cells.sandbox.statements import Statement, imported_package, parse
from tutorial_lib.errors import ExportError

# Bases that make a class a data type; `class Order(BaseModel)`, `class State(StrEnum)`.
_DATA_BASES = {
    "BaseModel", "Enum", "Exception", "IntEnum", "NamedTuple", "Protocol", "StrEnum", "TypedDict",
}  # fmt: skip
_PATHLIB = "import pathlib"
_DATA_DECORATORS = {"dataclass", "define", "frozen"}
# What a cell can be about without being the learner's own code: the course's helpers.
_EXERCISES = "tutorial_lib.course"
_COURSE = {"tutorial_lib", "IPython", "ipywidgets", "nest_asyncio", "nest_asyncio2"}


def read_cells(notebook: pathlib.Path) -> list[tuple[str, str]]:
    """The code cells of a notebook file, as IPython would run them, each with a label.

    A lesson's exercises, from the cell on that imports them, are left out: they are broken or have gaps on
    purpose, and nobody takes those home.

    Raises:
        ExportError: This is no notebook file.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise ExportError(f"There is no file {notebook}.", "Pass the path of an .ipynb file.") from None
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"{notebook.name} is not a notebook (version 4).", "Pass an .ipynb file.") from None
    to_python = TransformerManager().transform_cell  # !shell lines and magics become Python calls
    code = [cell["source"] for cell in cells if cell.get("cell_type") == "code"]
    texts = [source if isinstance(source, str) else "".join(source) for source in code]
    cells_of_lesson = itertools.takewhile(lambda text: not _imports_exercises(text), texts)
    return [(f"cell {number}", to_python(text)) for number, text in enumerate(cells_of_lesson, 1)]


def _imports_exercises(text: str) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == _EXERCISES for node in parse(text).body)


def decorator_names(node: ast.stmt) -> list[str]:
    """A definition's decorators as written, calls stripped: `workflow.defn`."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    plain = [d.func if isinstance(d, ast.Call) else d for d in decorators]
    return [ast.unparse(decorator) for decorator in plain]


class NamesInFile:
    """The names that a notebook's cells bind, the latest definition of each.

    Attributes:
        sources: Its statements.
    """

    def __init__(self, sources: CellSources) -> None:
        self.sources = sources

    def _definitions(self) -> Iterator[Statement]:
        """The latest definition of each name, in the notebook's order."""
        latest: dict[str, Statement] = {}
        for statement in self.sources:
            if isinstance(statement.node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                latest.setdefault(statement.node.name, statement)
        return iter(reversed(latest.values()))

    def workflows(self) -> list[str]:
        """Names of workflow classes."""
        return [s.node.name for s in self._definitions() if _is_workflow(s.node)]  # type: ignore[attr-defined]

    def activities(self) -> list[str]:
        """Names of activity functions, and of classes with activity methods."""
        return [s.node.name for s in self._definitions() if is_activity(s.node)]  # type: ignore[attr-defined]

    def statement(self, name: str) -> Statement | None:
        """The newest def, class or assignment of a name that can run on its own."""
        return self.sources.binding(name)

    def is_passed(self, statement: Statement) -> bool:
        """Whether a definition is an activity or a data type, which workflows share with activities."""
        node = statement.node
        if is_activity(node):
            return True
        if not isinstance(node, ast.ClassDef):
            return False
        if {name.rpartition(".")[2] for name in decorator_names(node)} & _DATA_DECORATORS:
            return True
        bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        if any(base in _DATA_BASES or base.endswith(("Error", "Exception")) for base in bases):
            return True
        known = [found for base in bases if base != node.name and (found := self.statement(base))]
        return any(self.is_passed(base) for base in known)

    def resolve(self, name: str) -> Origin | None:
        """What the name means; None when the notebook does not bind it.

        Raises:
            ExportError: It exists only while the notebook runs.
        """
        bound = self.sources.binding(name)
        imports = self.sources.static_imports(name)
        newest = next((s for s in self.sources if s is bound or _imports(s, name)), None)
        if newest is not None and newest is not bound:
            first = imports[0].node
            if imported_package(first) in _COURSE:
                raise _only_in_notebook(name)
            more = [s for s in imports if isinstance(first, ast.Import) and isinstance(s.node, ast.Import)]
            chosen = more or imports[:1]
            text = "\n".join(sorted({ast.unparse(statement.node) for statement in chosen}))
            return Origin(chosen, text)
        if bound is not None:
            return self._beside_the_files(bound)
        if self.sources.binds(name):
            raise _only_in_notebook(name)
        if name == "pathlib":
            return Origin([import_statement(_PATHLIB)], _PATHLIB)
        every_files_own = name.startswith("__") or hasattr(builtins, name)
        if not every_files_own and not self._may_bind(name):
            raise ExportError(
                f"{name!r} is bound by no cell: an IPython startup file, %run or another magic may do it.",
                f"Import or define {name!r} in a cell, then export again.",
            )
        return None

    def _may_bind(self, name: str) -> bool:
        """Whether anything in the cells could bind the name, at whatever depth."""
        for statement in self.sources:
            for part in ast.walk(statement.node):
                bound = {getattr(part, field, None) for field in ("name", "asname", "rest")}
                bound |= set(part.names) if isinstance(part, (ast.Global, ast.Nonlocal)) else set()
                if name in bound or "*" in bound:
                    return True
        return False

    def _beside_the_files(self, bound: Statement) -> Origin:
        """A statement's text; what a lesson keeps in its lab's folder, the project keeps beside its files."""
        text = self.sources.text(bound)
        passed = self.is_passed(bound)
        for name in {node.value.id for node in ast.walk(bound.node) if _is_folder_of(node)}:  # type: ignore[attr-defined]
            if self._is_lab(name):
                text = re.sub(rf"\b{name}\.folder\b", "pathlib.Path(__file__).parent", text)
                bound = dataclasses.replace(bound, node=ast.parse(text).body[0])
        return Origin([bound], text, passed)

    def _is_lab(self, name: str) -> bool:
        """Whether the name is bound by `lab = await open_lab(...)`."""
        return any(
            isinstance(s.node, ast.Assign)
            and [ast.unparse(target) for target in s.node.targets] == [name]
            and ast.unparse(s.node.value).startswith("await open_lab(")
            for s in self.sources
        )

    def is_class(self, name: str) -> bool:
        """Whether the name is a class's."""
        statement = self.statement(name)
        return statement is not None and isinstance(statement.node, ast.ClassDef)

    def is_activity_expression(self, expression: str) -> bool:
        """Whether an element of `activities=[...]` is `charge` or `payments.charge`, known here."""
        base = expression.partition(".")[0]
        return expression.replace(".", "").isidentifier() and self.statement(base) is not None

    def is_async(self, activity: str) -> bool:
        """Whether an activity, or the method of an object, is an `async def`."""
        base, _, method = activity.partition(".")
        statement = self.statement(base)
        if statement is None or not method:
            return statement is not None and isinstance(statement.node, ast.AsyncFunctionDef)
        maker = getattr(getattr(statement.node, "value", None), "func", None)  # payments = Payments(...)
        owner = self.statement(ast.unparse(maker)) if maker is not None else None
        members = owner.node.body if owner is not None and isinstance(owner.node, ast.ClassDef) else []
        return any(isinstance(m, ast.AsyncFunctionDef) and m.name == method for m in members)

    def exists_elsewhere(self, name: str) -> bool:
        """Whether the name means something without the notebook: a builtin, or a definition that does."""
        pieces = Pieces(self.resolve)
        try:
            pieces.add(name)
        except ExportError:
            return False
        return name in pieces or hasattr(builtins, name)


def _is_folder_of(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "folder" and isinstance(node.value, ast.Name)


def _is_workflow(node: ast.stmt) -> bool:
    return isinstance(node, ast.ClassDef) and "workflow.defn" in decorator_names(node)


def is_activity(node: ast.stmt) -> bool:
    """Whether a statement defines an activity, or a class with activity methods."""
    members = node.body if isinstance(node, ast.ClassDef) else [node]
    return any("activity.defn" in decorator_names(member) for member in members)


def _imports(statement: Statement, name: str) -> bool:
    node = statement.node
    return isinstance(node, (ast.Import, ast.ImportFrom)) and any(
        name == (alias.asname or alias.name.split(".")[0]) for alias in node.names
    )


def _only_in_notebook(name: str) -> ExportError:
    return ExportError(
        f"{name!r} exists only while the notebook runs.",
        f"Pass what is needed of it as an argument, or assign {name!r} by a statement that runs anywhere.",
    )
