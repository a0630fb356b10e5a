"""The cells that a workflow needs, collected when a worker is made.

A snapshot follows the names that a workflow class uses through the notebook and decides for each how
it enters the sandbox: notebook code runs again there, imports run again there (and so get the
sandbox's restricted modules), activities and data classes are used as they are, other values are
copied. Nothing that a later cell does reaches a worker that exists already.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import itertools
import sys
import types
from typing import Any

from temporalio import workflow

from tutorial_lib import sdk
from tutorial_lib.cells.sandbox import values
from tutorial_lib.cells.sandbox.names import global_names
from tutorial_lib.cells.sandbox.notebook import Notebook, import_statement
from tutorial_lib.cells.sandbox.report import Entry, How, Report
from tutorial_lib.cells.sandbox.statements import Statement, imported_package
from tutorial_lib.errors import NotebookSourceError

_MISSING = object()
_numbers = itertools.count(1)
# Modules of the notebook itself: importing them anew for each run has no use and may not even work.
_NEVER_AGAIN = {"tutorial_lib", "IPython", "ipykernel", "ipywidgets", "nest_asyncio", "nest_asyncio2"}


@dataclasses.dataclass(frozen=True)
class SnapshotStep:
    """One thing to do when the sandbox imports a snapshot."""

    name: str
    statement: Statement | None
    """The statement to execute; None binds the value."""
    value: Any = None
    made: str = ""
    """The name that the statement binds, when it differs (`hello = greet`)."""
    copied: bool = False


class Snapshot:
    """A workflow class of a notebook and all that it uses, frozen.

    Args:
        workflow_class: The class as the cell left it.
        notebook: Where its names are looked up.

    Attributes:
        module: Name under which the sandbox imports the snapshot.
        address: A class of that module and the workflow's name, and nothing else.
        report: What was taken, and how.
        steps: What the import does.

    Raises:
        NotebookSourceError: The source of something that must run in the sandbox cannot be found.
    """

    def __init__(self, workflow_class: type, notebook: Notebook) -> None:
        self.workflow_class = workflow_class
        self.module = f"notebook_{workflow_class.__name__}_{next(_numbers)}"
        self.address = type(workflow_class.__name__, (), {"__module__": self.module})
        self.steps: list[SnapshotStep] = []
        self._notebook: Notebook | None = notebook
        self._entries: list[Entry] = []
        self._seen: set[str] = set()
        self._follow(workflow_class.__name__, workflow_class)
        self.report = Report(
            f"Snapshot of {workflow_class.__name__}", [self._entries[-1], *self._entries[:-1]]
        )
        # Quoted annotations of classes that pass through are looked up in `__main__`, which is empty in
        # the sandbox. Only types: holding all of a notebook's values would keep old workers alive.
        self._types = {n: v for n, v in notebook.namespace.items() if values.names_a_type(v)}
        self._notebook = None
        self._prepared = [(step, self._runner(step)) for step in self.steps]

    def _follow(self, name: str, value: Any) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        assert self._notebook is not None  # noqa: S101 - only called while the snapshot is taken
        sources = self._notebook.sources
        imports = sources.imports(name, value)
        if imports:
            self._import(name, imports)
        elif values.in_notebook(value):
            if values.passes_through(value):
                self._bind(name, value)
            else:
                statement = sources.definition(value) or self._reassigned(name, value)
                if statement is None:
                    raise _no_source(name, value)
                self._execute(name, statement)
        elif isinstance(value, types.ModuleType):
            self._import(name, [import_statement(f"import {value.__name__} as {name}")])
        elif path := values.import_path(value):
            self._import(name, [import_statement(f"from {path[0]} import {path[1]} as {name}")])
        elif values.needs_own_code(value) and (statement := sources.binding(name)):
            self._execute(name, statement)
        else:
            self._bind(name, value)

    def _reassigned(self, name: str, value: Any) -> Statement | None:
        """The statement that can make a function again which another function made.

        A decorated def, or `discount = make_discount(0.1)`. The workflow class itself is never looked
        for by name: a later cell may have reused the name for another class.
        """
        if value is self.workflow_class:
            return None
        assert self._notebook is not None  # noqa: S101 - only called while the snapshot is taken
        return self._notebook.sources.binding(name)

    def _execute(self, name: str, statement: Statement) -> None:
        assert self._notebook is not None  # noqa: S101 - only called while the snapshot is taken
        for used in sorted(global_names(statement)):
            if used in self._notebook.namespace:
                self._follow(used, self._notebook.namespace[used])
        made = getattr(statement.node, "name", name)
        self.steps.append(SnapshotStep(name, statement, made=made))
        first = ast.unparse(statement.node).splitlines()
        headline = next((line for line in first if not line.startswith("@")), "")
        where = self._notebook.label(statement.filename)
        self._tell(name, "re-executed in the sandbox", f"{where}, line {statement.node.lineno}: {headline}")

    def _import(self, name: str, imports: list[Statement]) -> None:
        for statement in imports:
            own = imported_package(statement.node) in _NEVER_AGAIN
            passed = dataclasses.replace(statement, passed_through=statement.passed_through or own)
            self.steps.append(SnapshotStep(name, passed, made=name))
            how: How = "imported, passed through" if passed.passed_through else "imported"
            self._tell(name, how, ast.unparse(statement.node), _import_hint(passed))

    def _bind(self, name: str, value: Any) -> None:
        is_copied = values.is_copied(value)
        self.steps.append(
            SnapshotStep(name, None, values.copied(value) if is_copied else value, copied=is_copied)
        )
        kind = "class" if isinstance(value, type) else type(value).__name__
        if sdk.is_activity(value):
            kind = "activity" if not isinstance(value, type) else "class of activities"
        self._tell(name, "copied for each run" if is_copied else "passed through", kind)

    def _tell(self, name: str, how: How, source: str, hint: str = "") -> None:
        self._entries.append(Entry(name, how, source, hint))

    @staticmethod
    def _runner(step: SnapshotStep) -> types.CodeType | None:
        return step.statement.compiled() if step.statement else None

    def populate(self, module: types.ModuleType) -> None:
        """Fills the module, *inside* the sandbox's importer: imports there get restricted modules."""
        names = vars(module)
        vars(sys.modules["__main__"]).update(self._types)
        for step, code in self._prepared:
            if code is None:
                names[step.name] = values.copied(step.value) if step.copied else step.value
                continue
            before = names.get(step.made, _MISSING) if step.made != step.name else _MISSING
            passed = step.statement is not None and step.statement.passed_through
            through = workflow.unsafe.imports_passed_through() if passed else contextlib.nullcontext()
            with through:
                exec(code, names)  # noqa: S102 - running the learner's cell is what a snapshot is for
            if step.made != step.name:
                names[step.name] = names.pop(step.made)
                if before is not _MISSING:
                    names[step.made] = before


def _import_hint(statement: Statement) -> str:
    """Describes an import that costs time on every run, as the SDK imports it again each time.

    It is not passed through without being asked: that would lift the sandbox from a library (a
    `requests.get` in a workflow would just run), and the same code would behave differently in the
    learner's own project.
    """
    package = imported_package(statement.node)
    passed = statement.passed_through or package in _SDK_PASSES
    if passed or package in sys.stdlib_module_names:
        return ""
    return "imported again for every run; put it under `with workflow.unsafe.imports_passed_through():`"


_SDK_PASSES = {
    "temporalio",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "nexusrpc",
    "google",
    "grpc",
}


def _no_source(name: str, value: Any) -> NotebookSourceError:
    kind = "class" if isinstance(value, type) else "function"
    if "<locals>" in value.__qualname__:
        return NotebookSourceError(
            f"{kind} {name!r} was made inside another function, so a worker cannot copy its source.",
            f"Define {name!r} at the top level of a cell, or assign it there: {name} = make_it(...).",
        )
    return NotebookSourceError(
        f"The cell that defines {kind} {name!r} cannot be found, so a worker cannot copy it.",
        "Run its cell again. If the cell starts with a magic such as %%time, remove that line: "
        "it hides the source.",
    )
