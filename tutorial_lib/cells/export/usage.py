"""How a notebook uses its definitions: which worker runs what on which queue, what is started how."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from tutorial_lib.cells.export.names_in_file import NamesInFile

_WORKER_CALLS = {"Worker", "start_worker", "spawn_worker"}
_START_CALLS = {"execute_workflow", "start_workflow"}


@dataclasses.dataclass
class WorkerCall:
    """What runs on one task queue."""

    task_queue: str
    workflows: list[str] = dataclasses.field(default_factory=list)
    activities: list[str] = dataclasses.field(default_factory=list)
    """Expressions: `charge`, or `payments.charge` for a method."""


@dataclasses.dataclass(frozen=True)
class StartCall:
    """How one workflow is started."""

    workflow: str
    task_queue: str | None
    arguments: tuple[ast.expr, ...] | None
    """None when the call's arguments mean nothing outside the notebook (a loop's variable)."""
    workflow_id: str | None


class NotebookUsage:
    """The calls of a notebook that create workers and start workflows."""

    def __init__(self, names: NamesInFile) -> None:
        self._names = names

    def _calls(self, wanted: set[str]) -> Iterator[ast.Call]:
        """Calls of functions or methods of these names in any cell, in the notebook's order."""
        seen: set[int] = set()  # a statement in a `with` is listed by itself, too
        for statement in reversed(list(self._names.sources)):
            for node in ast.walk(statement.node):
                if isinstance(node, ast.Call) and _called(node) in wanted and id(node) not in seen:
                    seen.add(id(node))
                    yield node

    def workers(self) -> list[WorkerCall]:
        """What the notebook's workers run, a task queue each, in the order of first use."""
        queues: dict[str, WorkerCall] = {}
        for call in self._calls(_WORKER_CALLS):
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            name = self._text(keywords.get("task_queue"))
            if name is None:
                continue
            worker = queues.setdefault(name, WorkerCall(name))
            for field, into in (("workflows", worker.workflows), ("activities", worker.activities)):
                listed = keywords.get(field)
                elements = listed.elts if isinstance(listed, (ast.List, ast.Tuple)) else []
                into += [text for text in map(ast.unparse, elements) if text not in into]
        return list(queues.values())

    def starts(self, workflows: list[str]) -> list[StartCall]:
        """How each workflow is started; the latest call whose arguments mean something elsewhere."""
        found: dict[str, StartCall] = {}
        for call in self._calls(_START_CALLS):
            workflow = self._workflow_of(call, workflows)
            if workflow is None:
                continue
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            given = keywords.get("args")
            listed = list(given.elts) if isinstance(given, (ast.List, ast.Tuple)) else call.args[1:]
            arguments = tuple(listed) if all(map(self._means_something, listed)) else None
            if given is not None and not isinstance(given, (ast.List, ast.Tuple)):
                arguments = None
            start = StartCall(
                workflow, self._text(keywords.get("task_queue")), arguments, self._text(keywords.get("id"))
            )
            if workflow not in found or start.arguments is not None:
                found[workflow] = start
        return list(found.values())

    def _workflow_of(self, call: ast.Call, workflows: list[str]) -> str | None:
        match call.args[:1]:
            case [ast.Attribute(value=ast.Name(id=name))] if name in workflows:
                return name
            case [ast.Constant(value=str(name))] if name in workflows:
                return name
        return None

    def _text(self, expression: ast.expr | None) -> str | None:
        """The string that an expression evaluates to, if it is a literal or a name for one."""
        match expression:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name):
                bound = self._names.statement(name)
                value = getattr(bound.node, "value", None) if bound else None
                return self._text(value) if not isinstance(value, ast.Name) else None
        return None

    def _means_something(self, expression: ast.expr) -> bool:
        """Whether an argument can be written elsewhere: literals, and names that have a definition."""
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        waits = any(isinstance(node, ast.Await) for node in ast.walk(expression))
        return not waits and all(self._names.exists_elsewhere(name) for name in names)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
