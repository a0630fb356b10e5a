"""The part of a program that some of its definitions use: a program slice.

A slice follows names backwards through what ran: the statements that bound what is used, those that changed
it since, and all that these use. Run again in the same order they make the same definitions, as a file would.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable
from typing import Any

from tutorial_lib.cells.program.facts import DEFINITIONS, IMPORTS, is_plain_def
from tutorial_lib.cells.program.objects import is_immutable
from tutorial_lib.cells.program.program import Program, Ran

AT_THE_BEGINNING = -1
_REPEATABLE = (*DEFINITIONS, *IMPORTS, ast.Assign, ast.AnnAssign)


@dataclasses.dataclass(frozen=True)
class _Need:
    """What a name means at a time, to be taken in."""

    name: str
    until: int
    deep: bool
    found_by_string: bool


class Slice:
    """What definitions of a notebook use, and what else has to run to make it.

    What only the *bodies* of activities use is kept apart: nothing of it runs in a workflow. A project has it
    outside the sandbox, too.

    Args:
        program: All that ran.
        roots: Classes and functions as they are in the notebook, or names.
        suspects: Names of which every mention counts as a change (the second try, after a comparison).
        bodies_need: Names to take in as if the body of an activity used them: objects whose methods are
            activities.

    Attributes:
        program: All that ran.
        chosen: What runs again, each with the names that it is wanted for: imports are cut down to them.
        copies: Names whose values are taken as they are, with the time at which the module gets them.
        passed: Imports that only bodies of activities need.
        outside: Other statements that only these need. They make connections and the like.
        missing: Names of roots of which no statement is known.
    """

    def __init__(
        self,
        program: Program,
        roots: Iterable[Any],
        suspects: frozenset[str] = frozenset(),
        *,
        bodies_need: Iterable[str] = (),
    ) -> None:
        self.program = program
        program.suspects = suspects
        self.chosen: dict[Ran, set[str]] = {}
        self.copies: dict[str, int] = {}
        self.passed: dict[Ran, set[str]] = {}
        self.outside: dict[Ran, set[str]] = {}
        self.missing: list[str] = []
        self._roots: dict[str, Ran] = {}
        self._todo: list[_Need] = []
        self._needed: set[tuple[str, int, bool]] = set()
        self._soft: set[str] = set()
        self._soft_todo = dict.fromkeys(bodies_need)
        self._done: set[tuple[Ran, bool]] = set()
        self._takes_all = False
        self._sweeping = False  # whether what is needed now may only be found by a string
        self._asked_for: set[str] = set()
        for root in roots:
            self._add_root(root)
        for name, ran in self._roots.items():
            self._choose(ran, name)
            for change in program.changes(name, ran.at, program.next_binding(name, ran)):
                self._choose(change)
        self._follow()
        for name, ran in self._roots.items():  # a later class of the same name is another one
            for other in [r for r in self.chosen if r.at > ran.at and name in r.binds]:
                del self.chosen[other]

    def _add_root(self, root: Any) -> None:
        program = self.program
        name = root if isinstance(root, str) else root.__name__
        ran = None if isinstance(root, str) else program.of_object(root)
        if ran is None:
            made = program.definitions(name, program.end)
            is_it = isinstance(root, str) or program.namespace.get(name) is root
            if not made or not is_it or made[0].opaque:
                self.missing.append(name)
                return
            ran = made[0]
        self._roots[name] = ran

    # ---- what the result is made of

    def in_order(self) -> list[Ran]:
        """What runs again, in the order in which it ran."""
        return sorted(self.chosen, key=lambda ran: ran.at)

    def is_in_workflows(self, name: str) -> bool:
        """Whether other code than the bodies of activities may use a name."""
        return any(name == needed for needed, _, _ in self._needed)

    def is_asked_for(self, name: str) -> bool:
        """Whether workflow code mentions a name, in contrast to: it may find it by a string."""
        return name in self._asked_for

    def is_final(self, name: str, ran: Ran) -> bool:
        """Whether this gave the name what it means now (or, for a root, what the given class is)."""
        program = self.program
        if name in self._roots:
            return self._roots[name] is ran and program.next_binding(name, ran) == program.end
        return ran in program.definitions(name, program.end)

    def changeable(self) -> frozenset[str]:
        """Names of values that statements may change in a way that reading does not find."""
        return frozenset(
            name
            for ran in {*self.chosen, *self.outside}
            if isinstance(ran.statement.node, (ast.Assign, ast.AnnAssign))
            for name in ran.binds
            if not is_immutable(self.program.namespace.get(name))
        )

    def need(self, name: str) -> None:
        """Takes a name in that a copied value turned out to need."""
        self._need(name, self.program.end)
        self._follow()

    # ---- following names

    def _choose(self, ran: Ran, name: str = "", *, softly: bool = False) -> None:
        self.chosen.setdefault(ran, set()).update({name} if name else ())
        soft = softly or defines_activities(ran.statement.node)
        if (ran, False) in self._done or (ran, soft) in self._done:
            return
        self._done.add((ran, soft))
        facts = ran.statement.facts
        for used in facts.now - facts.own_targets:
            self._need(used, ran.at, deep=not is_plain_def(ran.statement.node))
        for used in facts.later:
            if soft:
                self._soft_todo[used] = None
            else:
                self._need(used, self.program.end)
        if facts.by_string:
            self._need_all()

    def _need_all(self) -> None:
        """Code that finds names by strings may find any: all that can be made again, and drives nothing."""
        if self._takes_all:
            return
        self._takes_all = True
        was, self._sweeping = self._sweeping, True
        program = self.program
        for ran in program.sequence:
            if not ran.opaque and isinstance(ran.statement.node, _REPEATABLE):
                for name in ran.binds:
                    made = program.definitions(name, program.end)
                    if any(each.opaque for each in made) or program.reaches_driver(name):
                        continue
                    if name in program.namespace:
                        self._need(name, program.end)
        self._sweeping = was

    def _need(self, name: str, until: int, *, deep: bool = False) -> None:
        """Notes that what a name means at a time is to be taken in.

        Args:
            name: The name.
            until: The time.
            deep: Whether it is called at that time: what functions use then must be there then.
        """
        if not self._sweeping:
            self._asked_for.add(name)
        if (name, until, deep) not in self._needed:
            self._needed.add((name, until, deep))
            self._todo.append(_Need(name, until, deep, self._sweeping))

    def _follow(self) -> None:
        """Takes in all that was noted. No recursion: a value may have been made in a thousand steps."""
        while self._todo or self._soft_todo:
            if self._todo:
                need = self._todo.pop()
                self._sweeping = need.found_by_string
                self._take_in(need.name, need.until, deep=need.deep)
                self._sweeping = False
            else:
                self._need_softly(self._soft_todo.popitem()[0])

    def _take_in(self, name: str, until: int, *, deep: bool) -> None:
        program = self.program
        known = name in program.namespace
        if until == program.end and (name in self._roots or not (known or program.unrun)):
            return
        made = program.definitions(name, until)
        if not made:
            self._need_unbound(name, until)
            return
        changes = program.changes(name, made[-1].at, until)
        opaque = [ran for ran in changes if ran.opaque] or [ran for ran in made if ran.opaque]
        if known and opaque:
            self.copies[name] = opaque[-1].at
            if made[0].opaque or opaque[-1] not in made:
                return
        for ran in [*made, *changes]:
            if not ran.opaque:
                self._choose(ran, name if ran in made else "")
        if deep:
            for used in {each for ran in made if not ran.opaque for each in ran.statement.facts.later}:
                self._need(used, until, deep=True)

    def _need_unbound(self, name: str, until: int) -> None:
        """A name that no statement binds by itself: `exec(...)`, `globals()[name] = ...`, a start-up file."""
        makers = self.program.may_bind_any(name, until)
        for ran in makers:
            self._choose(ran)
        if not makers and name in self.program.namespace:
            self.copies.setdefault(name, AT_THE_BEGINNING)

    # ---- bodies of activities

    def _need_softly(self, name: str) -> None:
        program = self.program
        if name in self._soft or name in self._roots:
            return
        if name not in program.namespace:
            for ran in program.may_bind_any(name, program.end):
                self._choose(ran)
            return
        if any((name, program.end, deep) in self._needed for deep in (True, False)):
            return
        self._soft.add(name)
        made = program.definitions(name, program.end)
        if made and made[0].statement.is_import:
            for ran in made:
                self.passed.setdefault(ran, set()).add(name)
        elif made and made[0].statement.is_definition and not made[0].opaque:
            self._choose(made[0], name, softly=True)
        elif made and not any(ran.opaque and not _connects(ran) for ran in made):
            self._keep_outside(name, made)
        else:
            self.copies.setdefault(name, made[0].at if made else AT_THE_BEGINNING)

    def _keep_outside(self, name: str, made: list[Ran]) -> None:
        """Values that only bodies of activities use: connections, caches, and all that fills them."""
        program = self.program
        for ran in [*made, *program.changes(name, made[-1].at, program.end)]:
            if not ran.opaque or _connects(ran):
                self.outside.setdefault(ran, set()).add(name)
                self._soft_todo |= dict.fromkeys(ran.statement.facts.now | ran.statement.facts.later)


def _connects(ran: Ran) -> bool:
    """Whether the only reason why it is not made again in a workflow is that it reads files or connects."""
    facts = ran.statement.facts
    return facts.reads_files and not facts.waits and not facts.drives and not ran.statement.is_guard


def defines_activities(node: ast.stmt) -> bool:
    """Whether this defines an activity, or a class with activities that is no workflow."""
    if is_workflow_definition(node):
        return False
    members = node.body if isinstance(node, ast.ClassDef) else [node]
    return any("activity.defn" in name for member in members for name in decorator_names(member))


def is_workflow_definition(node: ast.stmt) -> bool:
    """Whether this is a class with `@workflow.defn`, also by `from temporalio.workflow import defn`."""
    names = decorator_names(node)
    return isinstance(node, ast.ClassDef) and any(
        name == "defn" or name.endswith("workflow.defn") for name in names
    )


def decorator_names(node: ast.stmt) -> list[str]:
    """A definition's decorators as written, without calls: `workflow.defn`."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return [ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in decorators]
