"""All that ran in a kernel as one sequence of statements, and what they do to names.

Each question has a time: `K = 2; SIX = times(3); K = 100` binds `K` twice, and the second statement means the
first one's.
"""

from __future__ import annotations

import builtins
import collections
import functools
import sys
import types
from collections.abc import Iterable
from typing import Any

from tutorial_lib.cells.program.facts import is_plain_def
from tutorial_lib.cells.program.journal import CellRun
from tutorial_lib.cells.program.objects import functions_of, is_immutable, is_of_notebook
from tutorial_lib.cells.program.statements import Statement

# What talks to a server, makes workers or belongs to the notebook alone.
_DRIVERS = (
    "IPython", "asyncio.runners", "ipykernel", "ipywidgets", "nest_asyncio", "nest_asyncio2",
    "temporalio.client", "temporalio.service", "temporalio.testing", "temporalio.worker", "tutorial_lib",
)  # fmt: skip
_BELOW_DRIVERS = tuple(f"{name}." for name in _DRIVERS)


class Ran:
    """One running of a statement.

    Attributes:
        at: Its place in the sequence.
        statement: What ran.
        execution: The cell's execution that it was a part of.
        latest: Whether this is the latest execution of its cell.
        binds: Names that it bound.
        opaque: Whether it cannot run again in a module: it awaits, drives workers and clients, reads files.
    """

    def __init__(self, at: int, statement: Statement, execution: CellRun, *, latest: bool) -> None:
        self.at = at
        self.statement = statement
        self.execution = execution
        self.latest = latest
        self.binds = statement.facts.binds | frozenset(
            name for module in statement.facts.stars for name in _star_names(module)
        )
        self.opaque = False

    def __repr__(self) -> str:
        return f"Ran({self.at}, {self.statement.headline!r})"


class Program:
    """All that ran in a kernel.

    Args:
        executions: Executions of cells, oldest first.
        namespace: What names mean now.
        unrun: Whether this is only the text of a notebook: the namespace has a substitute for each value.

    Attributes:
        namespace: What names mean now.
        unrun: Whether this is only the text of a notebook.
        sequence: What ran, oldest first.
        suspects: Names whose values came out different before: every statement that mentions one of them is
            taken for a change.
    """

    def __init__(
        self, executions: Iterable[CellRun], namespace: dict[str, Any], *, unrun: bool = False
    ) -> None:
        self.namespace = namespace
        self.unrun = unrun
        self.suspects: frozenset[str] = frozenset()
        self.sequence: list[Ran] = []
        self._by_name: dict[str, list[Ran]] = collections.defaultdict(list)
        listed = [(execution, list(execution.statements())) for execution in executions]
        latest = _latest([execution for execution, statements in listed if statements])
        for execution, statements in listed:
            for statement in statements:
                self._add(Ran(len(self.sequence), statement, execution, latest=execution in latest))
        self._asks_for_subclasses = any(ran.statement.facts.asks_for_subclasses for ran in self.sequence)
        self._changes: dict[Ran, frozenset[str]] = {}
        self._changers: dict[str, list[Ran]] | None = None

    @property
    def end(self) -> int:
        """The time after all that ran."""
        return len(self.sequence)

    def _add(self, ran: Ran) -> None:
        facts = ran.statement.facts
        own = ran.statement.is_definition or ran.statement.is_import
        ran.opaque = (
            facts.waits or ran.statement.is_guard or (not own and (self._drives(ran) or facts.reads_files))
        )
        self.sequence.append(ran)
        for name in ran.binds | facts.deletes:
            self._by_name[name].append(ran)

    def may_bind_any(self, name: str, until: int) -> list[Ran]:
        """What may have bound a name that no statement binds: `exec(...)`, `globals()[name] = ...`."""
        if self.unrun:
            unknown = name not in self.namespace and not hasattr(builtins, name)
        else:
            unknown = is_of_notebook(self.namespace.get(name))
        found = []
        for ran in self.sequence[:until] if unknown else ():
            stars = self.unrun and bool(ran.statement.facts.stars)
            if not ran.opaque and (stars or ran.statement.facts.now & {"exec", "globals"}):
                found.append(ran)
        return found

    def _drives(self, ran: Ran) -> bool:
        """Whether running it talks to a server, makes workers, writes to the cell."""
        facts = ran.statement.facts
        if facts.drives or any(word.startswith(_BELOW_DRIVERS) for word in facts.words):
            return True
        for name in facts.now:
            if self.is_driver(name):
                return True
            if is_of_notebook(self.namespace.get(name)):
                for made in self.definitions(name, ran.at):
                    inner = made.statement.facts
                    if inner.says_print or any(map(self.is_driver, inner.later)):
                        return True
        return False

    def is_driver(self, name: str) -> bool:
        """Whether the name is a client's, a worker's, the lab's, or their module's."""
        value = self.namespace.get(name)
        if value is None:
            return False
        home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
        home = home if isinstance(home, str) else type(value).__module__
        return home in _DRIVERS or home.startswith(_BELOW_DRIVERS)

    def reaches_driver(self, name: str) -> bool:
        """Whether what the name means, or something that it uses, is a client, a worker, the lab."""
        seen: set[str] = set()
        todo = [name]
        while todo:
            each = todo.pop()
            if each in seen:
                continue
            seen.add(each)
            if self.is_driver(each):
                return True
            for made in self.definitions(each, self.end):
                todo += made.statement.facts.now | made.statement.facts.later
        return False

    # ---- what a name means at a time

    def definitions(self, name: str, until: int) -> list[Ran]:
        """What may have bound the name last before a time, latest first, up to one that surely did."""
        found = []
        for ran in reversed(self._by_name.get(name, ())):
            if ran.at >= until:
                continue
            if name in ran.statement.facts.deletes:
                break
            found.append(ran)
            if ran.statement.surely or ran.opaque:
                break
        return found

    def next_binding(self, name: str, ran: Ran) -> int:
        """When the name is bound again after that; the end, if it is not."""
        return next(
            (r.at for r in self._by_name.get(name, ()) if r.at > ran.at and name in r.binds), self.end
        )

    def changes(self, name: str, since: int, until: int) -> list[Ran]:
        """What may have changed the name's value between two times.

        Of a cell that ran again, only the latest run counts: a step that is registered by a cell is one step,
        however often the cell ran.
        """
        names = {name} | self._aliases(name)
        if name in self.suspects:
            for ran in self.sequence:
                if ran.statement.facts.now & names and _is_alias(ran.statement):
                    names |= ran.binds
            return [
                ran
                for ran in self.sequence[since + 1 : until]
                if ran.latest
                and (names & self.changed_by(ran) or (names & ran.statement.facts.now and _may_change(ran)))
            ]
        if self._changers is None:
            self._changers = collections.defaultdict(list)
            for ran in self.sequence:
                for changed in self.changed_by(ran) if ran.latest else ():
                    self._changers[changed].append(ran)
        between = {r for each in names for r in self._changers.get(each, ()) if since < r.at < until}
        return sorted(between, key=lambda ran: ran.at)

    def _aliases(self, name: str) -> set[str]:
        """Other names of the same object."""
        value = self.namespace.get(name)
        if is_immutable(value):
            return set()
        return self._names_of.get(id(value), set())

    @functools.cached_property
    def _names_of(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = collections.defaultdict(set)
        for name, value in self.namespace.items():
            found[id(value)].add(name)
        return found

    # ---- what a statement changes

    def changed_by(self, ran: Ran) -> frozenset[str]:
        """Names whose objects it may have changed while it ran."""
        found = self._changes.get(ran)
        if found is None:
            found = self._changes[ran] = frozenset(self._changed_by(ran))
        return found

    def _changed_by(self, ran: Ran) -> set[str]:
        statement, facts = ran.statement, ran.statement.facts
        found = set(facts.changes.stored) | self._called_on(facts.changes.called_on)
        if ran.opaque:
            return found
        found |= facts.given
        found |= {base for base in facts.bases if self._notes_subclasses(base)}
        for name, whole in facts.decorators:
            value = self.namespace.get(name)
            plain = isinstance(value, types.FunctionType) and whole
            if not (plain or _is_librarys(value) or isinstance(value, types.ModuleType)):
                found.add(name)
        if facts.calls and not is_plain_def(statement.node):
            found |= self._changed_by_calling(facts.now, ran.at)
        return found

    def _called_on(self, names: frozenset[str]) -> set[str]:
        """Those of the names that a call may change: no modules, no classes of libraries."""
        values = ((name, self.namespace.get(name)) for name in names)
        return {
            n for n, value in values if not isinstance(value, types.ModuleType) and not _is_librarys(value)
        }

    def _notes_subclasses(self, base: str) -> bool:
        """Whether a new subclass changes its base: `__init_subclass__`, a metaclass, `__subclasses__`."""
        value = self.namespace.get(base)
        if not isinstance(value, type) or value.__module__ != "__main__":
            return False
        own = getattr(value.__init_subclass__, "__func__", None)
        return (
            self._asks_for_subclasses
            or type(value).__module__ == "__main__"
            or getattr(own, "__module__", None) == "__main__"
        )

    def _changed_by_calling(self, names: Iterable[str], until: int) -> set[str]:
        """What functions and classes of the notebook change, if any of these names is called."""
        found: set[str] = set()
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in seen or not is_of_notebook(self.namespace.get(name)):
                continue
            seen.add(name)
            for made in self.definitions(name, until):
                statement, facts = made.statement, made.statement.facts
                if made.opaque or statement.is_import:
                    continue
                found |= facts.inner_changes.stored | self._called_on(facts.inner_changes.called_on)
                found |= facts.globals_bound
                todo += facts.later
                todo += facts.now if statement.is_definition and not is_plain_def(statement.node) else ()
        return found

    # ---- where an object was made

    def of_object(self, obj: Any) -> Ran | None:
        """What made this very class or function, whatever its name means now."""
        for function in functions_of(obj):
            if isinstance(obj, type) and not function.__qualname__.startswith(f"{obj.__qualname__}."):
                continue  # a function that was attached to the class, or inherited
            code = function.__code__
            for ran in reversed(self._by_name.get(obj.__name__, ())):
                statement = ran.statement
                if statement.filename == code.co_filename and statement.holds_line(code.co_firstlineno):
                    return ran
        return None

    def times_ran(self, execution: CellRun) -> int:
        """How often the cell of an execution ran."""
        return sum(each.cell == execution.cell for each in {ran.execution for ran in self.sequence})


def _latest(executions: list[CellRun]) -> set[CellRun]:
    """The latest execution of each cell. A cell that ran before it had an id has its text's name for one."""
    ids = {
        execution.filename: execution.cell for execution in executions if execution.cell != execution.filename
    }
    return set({ids.get(e.cell, e.cell): e for e in executions}.values())


def _is_alias(statement: Statement) -> bool:
    """Whether this is `other = name...`, which may make a second name for a value or a part of it."""
    return type(statement.node).__name__ == "Assign"


def _may_change(ran: Ran) -> bool:
    """Whether a statement that only mentions a name may be part of what made its value."""
    kind = type(ran.statement.node).__name__
    return not ran.opaque and kind not in {
        "Assert",
        "AsyncFunctionDef",
        "FunctionDef",
        "Import",
        "ImportFrom",
    }


def _is_librarys(value: Any) -> bool:
    return isinstance(value, type) and value.__module__ != "__main__"


def _star_names(module: str) -> Iterable[str]:
    found = sys.modules.get(module)
    if found is None:
        return ()
    return getattr(found, "__all__", [name for name in vars(found) if not name.startswith("_")])
