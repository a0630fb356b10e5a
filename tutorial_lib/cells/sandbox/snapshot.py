"""The cells that a workflow needs, frozen when a worker is made: one module, run anew in each sandbox.

The module is a slice of all that ran in the notebook: what defines, binds, changes or registers anything that
the workflow uses, in the order in which it ran. As in a script, data types, enums, exceptions and activities
are made again with it. What no statement can make again is copied. Nothing that a later cell does reaches a
worker that exists already.
"""

from __future__ import annotations

import ast
import copy
import itertools
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from temporalio import workflow

from tutorial_lib.cells.program.facts import imported_package, only_names
from tutorial_lib.cells.program.objects import functions_of, is_of_notebook, is_plain
from tutorial_lib.cells.program.program import Ran
from tutorial_lib.cells.program.slice import AT_THE_BEGINNING, Slice
from tutorial_lib.cells.sandbox import proof
from tutorial_lib.cells.sandbox.copies import Copy
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.cells.sandbox.report import Entry, How, Report
from tutorial_lib.errors import NotebookSourceError

_numbers = itertools.count(1)
# Modules of the notebook itself: importing them anew for each run has no use and may not even work.
NEVER_AGAIN = {"IPython", "ipykernel", "ipywidgets", "nest_asyncio", "nest_asyncio2", "tutorial_lib"}
_SDK_PASSES = {
    "annotated_types", "google", "grpc", "nexusrpc", "pydantic", "pydantic_core", "temporalio",
    "typing_extensions",
}  # fmt: skip


class Snapshot:
    """A workflow class of a notebook and all that it uses, frozen.

    Args:
        workflow_class: The class as the cell left it.
        notebook: Where its names are looked up.
        more: Further classes of cells that the worker looks up: types of `workflow_failure_exception_types`.
        suspects: Names whose values came out different at the first try.

    Attributes:
        suspects: Names whose values came out different at the first try.
        module: Name under which the sandbox imports the snapshot.
        address: A class of that module and the workflow's name, and nothing else.
        report: What was taken, and how.
        differs: Names whose values came out different; None before the first import.

    Raises:
        NotebookSourceError: The source of something that must run in the sandbox cannot be found, or it uses
            something that lives outside.
    """

    def __init__(
        self,
        workflow_class: type,
        notebook: Notebook,
        more: Iterable[type] = (),
        suspects: frozenset[str] = frozenset(),
    ) -> None:
        self.workflow_class = workflow_class
        self.suspects = suspects
        self.module = f"{proof.SNAPSHOT_PREFIX}{workflow_class.__name__}_{next(_numbers)}"
        self.address = type(workflow_class.__name__, (), {"__module__": self.module})
        self.differs: frozenset[str] | None = None
        self.found_there: dict[str, Any] = {}
        namespace = notebook.namespace
        taken = Slice(notebook.program, [workflow_class, *more], suspects)
        _require_sources(taken, namespace, workflow_class)
        copies = _copies(taken, namespace)
        self._parts = list(_Parts(taken, copies))
        made_again = [
            (ran, name) for ran in taken.in_order() if not ran.statement.is_import for name in ran.binds
        ]
        present = {name for _, name in made_again if name in namespace}
        # For plain data the notebook is right: a counter's cell ran again, an activity appended to a list.
        self._plain = {n: copy.deepcopy(namespace[n]) for n in sorted(present) if is_plain(namespace[n])}
        self._corrected: frozenset[str] | None = None
        final = {name for ran, name in made_again if name in present and taken.is_final(name, ran)}
        self.expected = proof.shapes(namespace, sorted(final - self._plain.keys()))
        self.report = Report(
            f"Snapshot of {workflow_class.__name__}",
            list(_entries(taken, copies, notebook, workflow_class.__name__)),
        )

    def populate(self, module: types.ModuleType) -> None:
        """Fills the module, *inside* the sandbox's importer: imports there get restricted modules."""
        names = vars(module)
        for part in self._parts:
            if isinstance(part, types.CodeType):
                exec(part, names)  # noqa: S102 - running the learner's cell is what a snapshot is for
            elif isinstance(part, Copy):
                part.put(names)
            else:
                with workflow.unsafe.imports_passed_through():
                    exec(part.code, names)  # noqa: S102 - as above
        if self._corrected is None:
            with workflow.unsafe.sandbox_unrestricted():
                self._compare(names)
        names.update(copy.deepcopy(self.corrections()))
        # What the SDK looks up by `__main__`: types of workflow_failure_exception_types, quoted annotations.
        own = {name: value for name, value in names.items() if not name.startswith("__")}
        vars(sys.modules["__main__"]).update(own)

    def corrections(self) -> dict[str, Any]:
        """Plain data that is not what its statements give, by name, as the notebook has it."""
        return {name: self._plain[name] for name in sorted(self._corrected or ())}

    def _compare(self, names: dict[str, Any]) -> None:
        """Asks of the first module: is what was made here like what the notebook has?"""
        self.found_there = proof.shapes(names, [name for name in self.expected if name in names])
        self.differs = frozenset(n for n, found in self.found_there.items() if found != self.expected[n])
        self._corrected = frozenset(
            name for name, value in self._plain.items() if name in names and _is_other(names[name], value)
        )


class _Passed:
    """Code of an import that is passed through the sandbox."""

    def __init__(self, code: types.CodeType) -> None:
        self.code = code


class _Parts:
    """What the import of a snapshot does, in order: code of cells, copies, imports to pass through.

    Args:
        taken: The slice.
        copies: Copies by name.
    """

    def __init__(self, taken: Slice, copies: dict[str, Copy]) -> None:
        self._taken = taken
        self._copies = copies
        self._group: list[ast.stmt] = []
        self._last: Ran | None = None

    def __iter__(self) -> Iterator[types.CodeType | Copy | _Passed]:
        taken = self._taken
        at: dict[int, list[Copy]] = {}
        for made in self._copies.values():
            at.setdefault(_time_of(made, taken), []).append(made)
        yield from at.get(AT_THE_BEGINNING, [])
        for ran in taken.program.sequence:
            if ran.at in at:
                yield from self._compiled()
                yield from at[ran.at]
            only_activities = taken.passed.get(ran, set()) - taken.chosen.get(ran, set())
            if only_activities:  # as a project does, from outside the sandbox
                yield from self._compiled()
                yield _Passed(_code([_import(ran, only_activities)], ran))
            if ran in taken.chosen:
                yield from self._again(ran)
        yield from self._compiled()
        yield from (made for each in sorted(at) if each >= taken.program.end for made in at[each])

    def _again(self, ran: Ran) -> Iterator[types.CodeType | _Passed]:
        statement = ran.statement
        if statement.is_import:
            node = _import(ran, taken_names(self._taken, ran))
            if is_passed(ran):
                yield from self._compiled()
                yield _Passed(_code([node], ran))
                return
        else:
            node = statement.node
        # Statements of one cell run as one: one line table, one `__annotations__`.
        if self._last is not None and ran.execution is not self._last.execution:
            yield from self._compiled()
        self._last = ran
        self._group.append(node)

    def _compiled(self) -> Iterator[types.CodeType]:
        if self._group and self._last is not None:
            yield _code(self._group, self._last)
            self._group = []


def _code(nodes: list[ast.stmt], ran: Ran) -> types.CodeType:
    """Code that keeps the cell's file name and lines, so that tracebacks point at the cell."""
    statement = ran.statement
    made: types.CodeType = compile(
        ast.Module(list(nodes), []), statement.filename, "exec", statement.flags, dont_inherit=True
    )
    return made


def taken_names(taken: Slice, ran: Ran) -> set[str]:
    """The names that an import is chosen for."""
    return taken.chosen[ran] or set(ran.binds)


def is_passed(ran: Ran) -> bool:
    """Whether a chosen import is passed through the sandbox."""
    return ran.statement.passed_through or imported_package(ran.statement.node) in NEVER_AGAIN


def _import(ran: Ran, names: Iterable[str]) -> ast.stmt:
    node = ran.statement.node
    return only_names(node, names) if isinstance(node, (ast.Import, ast.ImportFrom)) else node


def _is_other(made: Any, value: Any) -> bool:
    return is_plain(made) and (type(made) is not type(value) or repr(made) != repr(value))


def _require_sources(taken: Slice, namespace: dict[str, Any], workflow_class: type) -> None:
    for name in taken.missing:
        raise _no_source(name, namespace.get(name, workflow_class))
    for name in taken.copies:
        if taken.is_asked_for(name) and is_of_notebook(namespace[name]):
            raise _no_source(name, namespace[name])


def _copies(taken: Slice, namespace: dict[str, Any]) -> dict[str, Copy]:
    """The values that are taken as they are; a copy may need the class of its value."""
    wanted = {name for names in taken.outside.values() for name in names if name in namespace}
    made: dict[str, Copy] = {}
    while todo := (wanted | taken.copies.keys()) - made.keys() - _made_again(taken):
        name = min(todo)
        made[name] = Copy(name, namespace[name])
        for needed in sorted(made[name].needs):
            taken.need(needed)
    for name, each in made.items():
        if each.is_live and taken.is_asked_for(name):
            raise _made_outside(name, each.value)
    # What can be found by a string only, and lives outside, is not there: code that asks gets a NameError.
    return {n: each for n, each in made.items() if not (each.is_live and taken.is_in_workflows(n))}


def _time_of(made: Copy, taken: Slice) -> int:
    """When a module gets a copy: at its time, but after the classes that it needs."""
    program = taken.program
    needed = [program.definitions(name, program.end) for name in made.needs]
    return max(
        [taken.copies.get(made.name, AT_THE_BEGINNING), *(found[0].at + 1 for found in needed if found)]
    )


def _made_again(taken: Slice) -> set[str]:
    """Names that only bodies of activities need, and that the slice makes again for other reasons."""
    return {name for names in taken.chosen.values() for name in names} - taken.copies.keys()


def _entries(taken: Slice, copies: dict[str, Copy], notebook: Notebook, own_name: str) -> Iterator[Entry]:
    found = []
    for ran in taken.in_order():
        statement = ran.statement
        if statement.is_import:
            passed = is_passed(ran)
            for name in sorted(taken_names(taken, ran)):
                one = _import(ran, {name})
                how: How = "imported, passed through" if passed else "imported"
                found.append(Entry(name, how, ast.unparse(one), _import_hint(one, passed=passed)))
            continue
        where = f"{notebook.label(statement.filename)}, line {statement.node.lineno}: {statement.headline}"
        changed = sorted(taken.program.changed_by(ran))
        wanted = sorted(taken.chosen[ran]) or changed[:1] or ["(statement)"]
        found += [Entry(name, "runs again in the sandbox", where) for name in wanted]
    outside = {name for names in taken.outside.values() for name in names}
    for name, made in copies.items():
        kind = "class" if isinstance(made.value, type) else type(made.value).__name__
        if name in outside and not taken.is_in_workflows(name):
            found.append(Entry(name, "stays outside", kind))
        else:
            found.append(Entry(name, "copied" if made.is_changeable else "passed through", kind))
    for ran, names in taken.passed.items():
        only = sorted(names - taken.chosen.get(ran, set()))
        found += [Entry(n, "imported, passed through", ast.unparse(_import(ran, {n}))) for n in only]
    yield from [entry for entry in found if entry.name == own_name][:1]
    yield from [entry for entry in found if entry.name != own_name]


def _import_hint(node: ast.stmt, *, passed: bool) -> str:
    """Describes an import that costs time on every run, as the SDK imports it again each time.

    It is not passed through without being asked: that would lift the sandbox from a library (a
    `requests.get` in a workflow would just run), and the same code would behave differently in the
    learner's own project.
    """
    package = imported_package(node)
    if passed or package in _SDK_PASSES or package in sys.stdlib_module_names:
        return ""
    return "imported again for every run; put it under `with workflow.unsafe.imports_passed_through():`"


def _no_source(name: str, value: Any) -> NotebookSourceError:
    kind = "class" if isinstance(value, type) else "function"
    if "<locals>" in value.__qualname__:
        return NotebookSourceError(
            f"{kind} {name!r} was made inside another function, so a worker cannot copy its source.",
            f"Define {name!r} at the top level of a cell, or assign it there: {name} = make_it(...).",
        )
    return NotebookSourceError(
        f"The cell that defines {kind} {name!r} cannot be found, so a worker cannot copy it.",
        "Run its cell again.",
    )


def _made_outside(name: str, value: Any) -> NotebookSourceError:
    return NotebookSourceError(
        f"`{name}` ({type(value).__name__}) was made outside; a workflow cannot use it.",
        "Use it in an activity, and have the workflow execute that.",
    )


def globals_of(workflow_class: type) -> dict[str, Any] | None:
    """The globals of a class's own methods; None if it has none."""
    return next((function.__globals__ for function in functions_of(workflow_class)), None)
