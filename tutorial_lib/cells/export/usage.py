"""How a notebook uses its definitions: which worker runs what on which queue, what is started how."""

from __future__ import annotations

import ast
import builtins
import dataclasses

from tutorial_lib.cells.export.helper_calls import HelperCalls
from tutorial_lib.cells.program.facts import DEFINITIONS
from tutorial_lib.cells.program.program import Program
from tutorial_lib.cells.program.slice import decorator_names

_WORKER_CALLS = {"Worker", "spawn_worker", "start_worker"}
_START_CALLS = {"execute_workflow", "start_workflow", "WithStartWorkflowOperation"}
# Of a worker's arguments: what the project writes itself, and what only the notebook has.
_OWN_ARGUMENTS = {"activities", "client", "graceful_shutdown_timeout", "name", "task_queue", "workflows"}
CLIENT_OPTIONS = ("data_converter", "plugins", "interceptors", "header_codec_behavior")
"""What a client is set up with in code; where it connects to, the environment says."""


@dataclasses.dataclass
class WorkerCall:
    """What runs on one task queue.

    Attributes:
        task_queue: Its name.
        workflows: Names of workflow classes.
        activities: Expressions: `charge`, `payments.charge`, `*ALL`.
        options: Further arguments.
    """

    task_queue: str
    workflows: list[str] = dataclasses.field(default_factory=list)
    activities: list[str] = dataclasses.field(default_factory=list)
    options: dict[str, ast.expr] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class StartCall:
    """How one workflow is started.

    Attributes:
        workflow: Name of its class.
        task_queue: Where.
        arguments: None when they mean nothing outside the notebook (a loop's variable).
        workflow_id: Its id, if that is a text.
    """

    workflow: str
    task_queue: str | None
    arguments: tuple[ast.expr, ...] | None
    workflow_id: str | None


class NotebookUsage:
    """The calls of a notebook that create clients and workers, and start workflows.

    Args:
        program: The notebook.
    """

    def __init__(self, program: Program) -> None:
        self._program = program

    def workers(self) -> list[WorkerCall]:
        """What the notebook's workers run, a task queue each, in the order of first use."""
        queues: dict[str, WorkerCall] = {}
        for call in HelperCalls(self._program, _WORKER_CALLS):
            keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            name = self.text(keywords.get("task_queue"))
            if name is None:
                continue
            worker = queues.setdefault(name, WorkerCall(name))
            for given, into in (("workflows", worker.workflows), ("activities", worker.activities)):
                into += [text for text in _elements(keywords.get(given)) if text not in into]
            # A lesson gives several workers of a queue other options; the project has the latest one's.
            worker.options = {key: value for key, value in keywords.items() if key not in _OWN_ARGUMENTS}
        return list(queues.values())

    def client_options(self) -> dict[str, ast.expr]:
        """What `Client.connect(...)` is given beside the address; the latest call that gives it counts."""
        found: dict[str, ast.expr] = {}
        for call in HelperCalls(self._program, {"connect"}):
            if ast.unparse(call.func).endswith("Client.connect"):
                found |= {k.arg: k.value for k in call.keywords if k.arg in CLIENT_OPTIONS}
        return found

    def starts(self, workflows: list[str]) -> list[StartCall]:
        """How each workflow is started; the latest call whose arguments mean something elsewhere."""
        found: dict[str, StartCall] = {}
        for call in HelperCalls(self._program, _START_CALLS):
            workflow = _workflow_of(call, workflows)
            if workflow is None:
                continue
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            given = keywords.get("args")
            listed = list(given.elts) if isinstance(given, (ast.List, ast.Tuple)) else call.args[1:]
            arguments = tuple(listed) if all(map(self.means_something, listed)) else None
            if given is not None and not isinstance(given, (ast.List, ast.Tuple)):
                arguments = None
            start = StartCall(
                workflow, self.text(keywords.get("task_queue")), arguments, self.text(keywords.get("id"))
            )
            if workflow not in found or start.arguments is not None:
                found[workflow] = start
        return list(found.values())

    def text(self, expression: ast.expr | None) -> str | None:
        """The string that an expression evaluates to, if it is a literal or a name for one."""
        match expression:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name):
                value = self._program.namespace.get(name)
                return value if isinstance(value, str) else None
        return None

    def means_something(self, expression: ast.expr) -> bool:
        """Whether an expression can be written elsewhere: names in it have definitions that run anywhere."""
        if any(isinstance(node, (ast.Await, ast.Yield)) for node in ast.walk(expression)):
            return False
        own = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        return all(name in own or self._exists_elsewhere(name) for name in names_in(expression))

    def _exists_elsewhere(self, name: str) -> bool:
        program = self._program
        if hasattr(builtins, name):
            return True
        todo, seen = [name], set[str]()
        while todo:
            each = todo.pop()
            if each in seen or each not in program.namespace:
                if each == name:
                    return False
                continue
            seen.add(each)
            made = program.definitions(each, program.end)
            if program.is_driver(each) and not all(ran.statement.is_import for ran in made):
                return False
            if not made or any(ran.opaque or _of_the_course(ran.statement.node) for ran in made):
                return False
            todo += [n for ran in made for n in ran.statement.facts.now]
        return True

    def is_async(self, activity: str) -> bool:
        """Whether an activity, or the method of an object, is known to be an `async def`."""
        base, _, method = activity.partition(".")
        node = self._definition(base)
        if isinstance(node, DEFINITIONS) and not method:
            return isinstance(node, ast.AsyncFunctionDef)
        owner = node
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            owner = self._definition(ast.unparse(node.value.func))  # payments = Payments(...)
        members = owner.body if isinstance(owner, ast.ClassDef) else []
        return any(isinstance(m, ast.AsyncFunctionDef) and m.name == method for m in members)

    def _definition(self, name: str) -> ast.stmt | None:
        made = self._program.definitions(name, self._program.end)
        return made[0].statement.node if made else None

    def run_method(self, workflow: str) -> ast.AsyncFunctionDef | None:
        """A workflow's method with `@workflow.run`, also a base class's."""
        node = self._definition(workflow)
        if not isinstance(node, ast.ClassDef):
            return None
        for member in node.body:
            if isinstance(member, ast.AsyncFunctionDef) and _is_run(member):
                return member
        bases = [ast.unparse(base) for base in node.bases if ast.unparse(base) != workflow]
        return next(filter(None, map(self.run_method, bases)), None)

    def signals(self, workflow: str) -> list[str]:
        """A workflow's signals, as options of the temporal CLI: `packed`, `add --input JSON`."""
        node = self._definition(workflow)
        found = []
        for member in getattr(node, "body", []):
            for decorator in getattr(member, "decorator_list", []):
                call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                if ast.unparse(call.func) == "workflow.signal":
                    names = [k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)]
                    takes = " --input JSON" if len(member.args.args) > 1 else ""
                    found.append(f"{next(iter(names), member.name)!s}{takes}")
        return found


def names_in(expression: ast.AST) -> set[str]:
    """Names that an expression reads."""
    parts = (node for node in ast.walk(expression) if isinstance(node, ast.Name))
    return {node.id for node in parts if isinstance(node.ctx, ast.Load)}


def _elements(listed: ast.expr | None) -> list[str]:
    """Elements of `[a, b]`; of any other expression, the whole of it unpacked: `*ALL`."""
    if listed is None:
        return []
    if isinstance(listed, (ast.List, ast.Tuple)):
        return [ast.unparse(each) for each in listed.elts]
    return [f"*{ast.unparse(listed)}"]


def _workflow_of(call: ast.Call, workflows: list[str]) -> str | None:
    match call.args[:1]:
        case [ast.Attribute(value=ast.Name(id=name))] if name in workflows:
            return name
        case [ast.Constant(value=str(name))] if name in workflows:
            return name
    return None


def _is_run(member: ast.AsyncFunctionDef) -> bool:
    return any(name == "run" or name.endswith("workflow.run") for name in decorator_names(member))


def _of_the_course(node: ast.stmt) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom)) and "tutorial_lib" in ast.unparse(node)
