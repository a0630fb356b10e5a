"""What a project has of a notebook: workflows, activities, workers, starts; and what it cannot have."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tutorial_lib.cells.export.layout import Layout
from tutorial_lib.cells.export.notebook_file import NotebookFile, imports_of
from tutorial_lib.cells.export.usage import NotebookUsage, WorkerCall, names_in
from tutorial_lib.cells.program.facts import imported_package
from tutorial_lib.cells.program.program import Program
from tutorial_lib.cells.program.slice import Slice, defines_activities, is_workflow_definition
from tutorial_lib.cells.sandbox.snapshot import NEVER_AGAIN
from tutorial_lib.errors import ExportError


class ProjectPlan:
    """What a project is to have.

    Args:
        title: The notebook's name.
        source: The notebook.

    Attributes:
        title: The notebook's name.
        program: What Run All would run.
        usage: The notebook's calls of the SDK.
        notes: What cannot be taken along, in sentences.
        workflows: Names of workflow classes.
        workers: What each worker runs.
        client: Options of the client, beside its address.
        starts: How workflows are started, by name.
        layout: The definitions' files.

    Raises:
        ExportError: There is no workflow.
    """

    def __init__(self, title: str, source: NotebookFile) -> None:
        self.title = title
        self.program: Program = source.program
        self.notes = list(source.notes)
        self._source = source
        self.workflows = self._defined(workflows=True)
        if not self.workflows:
            raise ExportError(
                " ".join([f"{title}.ipynb defines no workflow.", *source.notes]),
                "Export a notebook with a class that carries @workflow.defn.",
            )
        self.usage = NotebookUsage(self.program)
        self.starts = {start.workflow: start for start in self.usage.starts(self.workflows)}
        self.workers = self._all_run(self.usage.workers())
        self.client = self._written_options(self.usage.client_options(), "Client.connect")
        self.layout = self._laid_out()

    def given(self) -> set[str]:
        """Names in the arguments of starts."""
        return _names(value for start in self.starts.values() for value in start.arguments or ())

    def options(self) -> set[str]:
        """Names in the options of the client and the workers."""
        return _names(
            [*self.client.values(), *(v for worker in self.workers for v in worker.options.values())]
        )

    def listed(self) -> set[str]:
        """Names in what workers list as their workflows and activities."""
        activities = [_expression(each) for worker in self.workers for each in worker.activities]
        return _names(activities) | {name for worker in self.workers for name in worker.workflows}

    def imports(self, names: Iterable[str]) -> list[str]:
        """Import lines for a script that uses names: of libraries, then of the project's own files."""
        wanted = sorted(set(names))
        own = self.layout.imports(wanted)
        return [
            *(line for n in wanted if not self.layout.home(n) for line in imports_of(self.program, n)),
            *own,
        ]

    def _defined(self, *, workflows: bool) -> list[str]:
        """Names of the classes and functions that the cells leave behind, in the notebook's order."""
        wanted = is_workflow_definition if workflows else defines_activities
        names = {
            next(iter(ran.binds)): ran.at
            for ran in self.program.sequence
            if ran.statement.is_definition and not ran.opaque and wanted(ran.statement.node)
        }
        return sorted(names, key=names.__getitem__)

    def _all_run(self, workers: list[WorkerCall]) -> list[WorkerCall]:
        """The notebook's workers; what none lists runs where it is started, or in the first one."""
        workers = workers or [WorkerCall(f"{self.title.lower().replace('_', '-')}-tq")]
        for worker in workers:
            worker.workflows = [n for n in worker.workflows if n in self.workflows]
            worker.activities = [a for a in worker.activities if self._can_be_listed(a)]
            worker.options = self._written_options(worker.options, f"the worker of {worker.task_queue!r}")
        run = {name for worker in workers for name in (*worker.workflows, *worker.activities)}
        at = {worker.task_queue: worker for worker in workers}
        for name in self.workflows:
            if name not in run:
                start = self.starts.get(name)
                at.get((start and start.task_queue) or "", workers[0]).workflows.append(name)
        functions = [n for n in self._defined(workflows=False) if not self._is_class(n)]
        if not any(activity.startswith("*") for activity in run):
            workers[0].activities += [name for name in functions if name not in run]
        return [worker for worker in workers if worker.workflows or worker.activities]

    def _can_be_listed(self, activity: str) -> bool:
        names = names_in(_expression(activity))
        return bool(names) and names <= self.program.namespace.keys()

    def _is_class(self, name: str) -> bool:
        return isinstance(self.program.namespace.get(name), type)

    def _written_options(self, options: dict[str, ast.expr], where: str) -> dict[str, ast.expr]:
        """The options that mean something outside the notebook; the others are noted."""
        kept = {}
        for key, value in options.items():
            if self.usage.means_something(value):
                kept[key] = value
            elif key not in {"activity_executor", "identity"}:  # the project has its own
                self.notes.append(
                    f"`{key}={ast.unparse(value)}` of {where} exists only while the notebook runs: "
                    "set it in worker.py."
                )
        return kept

    def _laid_out(self) -> Layout:
        activities = self._defined(workflows=False)
        groups = {
            "workflows": self.workflows,
            "activities": [*activities, *sorted(self.listed() - {*activities, *self.workflows})],
            "options": sorted(self.options()),
            "shared": sorted(self.given()),
        }
        beside = [n for names in groups.values() for n in names if not imports_of(self.program, n)]
        beside = [name for name in beside if name not in {*self.workflows, *activities}]
        taken = Slice(self.program, [*self.workflows, *activities], bodies_need=beside)
        # Nothing was run, so there is nothing to compare the slice with: what may change a value is taken in.
        taken = Slice(self.program, [*self.workflows, *activities], taken.changeable(), bodies_need=beside)
        lost = set(taken.copies)
        for found in (taken.chosen, taken.passed):
            for ran in [ran for ran in found if imported_package(ran.statement.node) in NEVER_AGAIN]:
                lost |= found.pop(ran)
        placeholders = {name: self._placeholder(name) for name in sorted(lost)}
        self._note_unbound(taken)
        return Layout(taken, groups, placeholders)

    def _placeholder(self, name: str) -> str:
        """What a name is bound to that no statement makes anywhere else."""
        self.notes.append(
            f"`{name}` exists only while the notebook runs. It is None in the project: pass what is needed "
            "of it as an argument, or assign it by a statement that runs anywhere."
        )
        made = self.program.definitions(name, self.program.end)
        was = f"  # in the notebook: {made[0].statement.headline}" if made else ""
        return f"{name} = None{was}"

    def _note_unbound(self, taken: Slice) -> None:
        rans = [ran for ran in {*taken.chosen, *taken.outside} if not ran.statement.is_import]
        used = {name for ran in rans for name in ran.statement.facts.now | ran.statement.facts.later}
        for name in sorted(used):
            if not self._source.is_bound(name):
                self.notes.append(
                    f"`{name}` is bound by no cell: an IPython startup file, %run or another magic may do "
                    "it. Import or define it in a cell, then export again."
                )


def _names(expressions: Iterable[ast.expr]) -> set[str]:
    return {name for each in expressions for name in names_in(each)}


def _expression(activity: str) -> ast.expr:
    """An element of `activities=[...]`, without the star of `*ALL`."""
    return ast.parse(activity.removeprefix("*"), mode="eval").body
