"""A notebook taken home: a project that runs outside Jupyter with `python worker.py`."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import pathlib
import string
import sys

from tutorial_lib.cells.export.layout import ABOUT, Layout
from tutorial_lib.cells.export.names_in_file import NamesInFile, decorator_names, read_cells
from tutorial_lib.cells.export.usage import NotebookUsage, WorkerCall
from tutorial_lib.cells.sandbox.sources import CellSources
from tutorial_lib.cells.sandbox.statements import imported_package
from tutorial_lib.disk.output import write_files
from tutorial_lib.errors import ExportError

_TEMPLATES = pathlib.Path(__file__).with_name("templates")
_PYTHON = "3.11"
_STOPPING = "Stopping: finishes what is in hand. Ctrl-C ends it at once."
_ABOUT = {
    "worker.py": "Connects and runs all of it.",
    "starter.py": "Starts a workflow and prints its result.",
    "requirements.txt": "The packages.",
}


def export_project(
    notebook_path: pathlib.Path | str, folder: pathlib.Path | str, *, force: bool = False
) -> list[pathlib.Path]:
    """Writes a notebook's workflows and activities as a project of their own.

    The cells are read, not run: the latest definition of a name wins, and cells that only talk to the
    lab are left out.

    Args:
        notebook_path: The .ipynb file.
        folder: Where to write; made if needed. An earlier export is replaced where nobody changed it.
        force: Replace all files of the same names.

    Returns:
        The files, in the order in which to read them.

    Raises:
        ExportError: There is no workflow, or a definition uses something that exists only while the
            notebook runs.
        OverwriteError: A file is in the way that is not the course's, or was changed; none was written.
    """
    notebook = pathlib.Path(notebook_path)
    names = NamesInFile(CellSources(read_cells(notebook)))
    # A name that this terminal's settings, or its own bytes, make no text of cannot be written into a file.
    title = os.fsencode(notebook.stem).decode("utf-8", "replace")
    files = _Project(title, names).files()
    target = pathlib.Path(folder)
    texts = {name: text.encode() for name, text in files.items()}
    write_files(target, texts, force=force, inputs=[notebook])
    return [target / name for name in files]


class _Project:
    def __init__(self, title: str, names: NamesInFile) -> None:
        self._title = title
        self._names = names
        self._workflows = names.workflows()
        if not self._workflows:
            raise ExportError(
                f"{title}.ipynb defines no workflow.",
                "Export a notebook with a class that carries @workflow.defn.",
            )
        calls = NotebookUsage(names)
        self._workers = self._all_run(calls.workers())
        self._starts = {start.workflow: start for start in calls.starts(self._workflows)}
        listed = {a.partition(".")[0] for worker in self._workers for a in worker.activities}
        self._layout = Layout(
            names, self._workflows, {*names.activities(), *listed}, self._named_in_arguments()
        )

    def _all_run(self, workers: list[WorkerCall]) -> list[WorkerCall]:
        """The notebook's workers; the first one also runs what none of them lists."""
        names = self._names
        workers = workers or [WorkerCall(f"{self._title.lower().replace('_', '-')}-tq")]
        for worker in workers:
            worker.workflows = [n for n in worker.workflows if n in self._workflows]
            worker.activities = [a for a in worker.activities if names.is_activity_expression(a)]
        run = {name for worker in workers for name in (*worker.workflows, *worker.activities)}
        workers[0].workflows += [name for name in self._workflows if name not in run]
        functions = [name for name in names.activities() if not names.is_class(name)]
        workers[0].activities += [name for name in functions if name not in run]
        return [worker for worker in workers if worker.workflows or worker.activities]

    def _named_in_arguments(self) -> list[str]:
        arguments = [argument for start in self._starts.values() for argument in start.arguments or ()]
        nodes = [node for argument in arguments for node in ast.walk(argument)]
        names = {node.id for node in nodes if isinstance(node, ast.Name)}
        return sorted(name for name in names if self._names.resolve(name) is not None)

    def files(self) -> dict[str, str]:
        """File names and their texts."""
        files = self._layout.modules()
        files["worker.py"] = self._worker()
        files["starter.py"] = self._starter()
        files["requirements.txt"] = self._requirements()
        about = {f"{module}.py": text for module, text in ABOUT.items()} | _ABOUT
        files["README.md"] = _fill(
            "README.md",
            title=self._title.replace("_", " "),
            notebook=f"{self._title}.ipynb",
            python=_PYTHON,
            files="\n".join(f"| `{name}` | {about[name]} |" for name in files),
        )
        return files

    def _worker(self) -> str:
        threads = False
        lines = ["async with ("]
        names = [f"worker_{number}" for number, _ in enumerate(self._workers, start=1)]
        for name, worker in zip(names, self._workers, strict=True):
            options = [f"task_queue={_quoted(worker.task_queue)}"]
            if worker.workflows:
                options.append(f"workflows=[{', '.join(worker.workflows)}]")
            if worker.activities:
                options.append(f"activities=[{', '.join(worker.activities)}]")
            if not all(map(self._names.is_async, worker.activities)):
                options.append("activity_executor=threads")
                threads = True
            options.append("graceful_shutdown_timeout=GRACE")
            close = f") as {name}," if len(names) > 1 else "),"
            lines += [
                "    Worker(",
                "        client,",
                *(f"        {one}," for one in options),
                f"    {close}",
            ]
        queues = ", ".join(worker.task_queue for worker in self._workers)
        lines += ["):", f'    print("Worker runs on {queues}; Ctrl-C stops it.", flush=True)']
        lines += ["    await stop.wait()", f'    print("{_STOPPING}", flush=True)']
        if len(names) > 1:
            drains = ", ".join(f"{name}.shutdown()" for name in names)
            lines += ["    # Together; the block by itself would stop one after the other."]
            lines += [f"    await asyncio.gather({drains})"]
        if threads:
            inner = [f"    {line}" for line in lines]
            lines = ["# Activities that are plain functions run in threads."]
            lines += ["with ThreadPoolExecutor(20) as threads:", *inner]
        used = {name for w in self._workers for name in w.workflows}
        used |= {activity.partition(".")[0] for w in self._workers for activity in w.activities}
        return _fill(
            "worker.py",
            executor_import="from concurrent.futures import ThreadPoolExecutor\n" if threads else "",
            imports=self._layout.imports(used),
            workers="\n".join(f"    {line}" for line in lines),
        )

    def _starter(self) -> str:
        default = next(iter(self._starts), self._workflows[0])
        ordered = [default, *(name for name in self._workflows if name != default)]
        return _fill(
            "starter.py",
            usage=f"Without a name it starts {default}. A worker must run: python worker.py",
            imports=self._layout.imports([*self._workflows, *self._named_in_arguments()]),
            starts="\n".join(self._start(name) for name in ordered),
            default=_quoted(default),
            **self._signal_lines(),
        )

    def _signal_lines(self) -> dict[str, str]:
        """The starter's lines on signals: without them a workflow that waits for one just hangs."""
        signals = {name: found for name in self._workflows if (found := self._signals(name))}
        if not signals:
            return {"signals": "", "tell_signals": ""}
        rows = "\n".join(f"    {_quoted(name)}: {json.dumps(found)}," for name, found in signals.items())
        return {
            "signals": f"# Signals that a workflow takes while it runs.\nSIGNALS = {{\n{rows}\n}}\n",
            "tell_signals": "    for signal in SIGNALS.get(name, []):\n"
            '        print(f"It takes: temporal workflow signal -w {handle.id} --name {signal}")\n',
        }

    def _signals(self, workflow: str) -> list[str]:
        """A workflow's signals, as options of the temporal CLI: `packed`, `add --input JSON`."""
        node = self._layout.pieces[workflow].origin.statements[0].node
        found = []
        for member in getattr(node, "body", []):
            for decorator in getattr(member, "decorator_list", []):
                call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                if ast.unparse(call.func) == "workflow.signal":
                    names = [k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)]
                    takes = " --input JSON" if len(member.args.args) > 1 else ""
                    found.append(f"{next(iter(names), member.name)!s}{takes}")
        return found

    def _start(self, workflow: str) -> str:
        """A workflow's line in the starter's table."""
        call = self._starts.get(workflow)
        run = self._run_method(workflow)
        polled = [worker.task_queue for worker in self._workers if workflow in worker.workflows]
        # A lesson may start it where nobody asks for it, on purpose; here it is to run.
        queue = call.task_queue if call and call.task_queue in polled else polled[0]
        required = len(run.args.args) - len(run.args.defaults) - 1  # one is self
        arguments = "None" if required > 0 else "[]"
        if call is not None and call.arguments is not None and len(call.arguments) >= required:
            arguments = f"[{', '.join(map(ast.unparse, call.arguments))}]"
        known_id = _quoted(call.workflow_id) if call and call.workflow_id else "None"
        return f"    {_quoted(workflow)}: ({workflow}.{run.name}, {_quoted(queue)}, {known_id}, {arguments}),"

    def _run_method(self, workflow: str) -> ast.AsyncFunctionDef:
        node = self._layout.pieces[workflow].origin.statements[0].node
        for member in getattr(node, "body", []):
            if isinstance(member, ast.AsyncFunctionDef) and "workflow.run" in decorator_names(member):
                return member
        raise ExportError(
            f"Workflow {workflow!r} has no method with @workflow.run.", "Run its cell to see the SDK's error."
        )

    def _requirements(self) -> str:
        """The SDK, and the distribution of each package that the written files import."""
        pieces = self._layout.pieces
        statements = [s for name in pieces.names() for s in pieces[name].origin.statements]
        packages = {imported_package(statement.node) for statement in statements} - {""}
        packages -= sys.stdlib_module_names | {"temporalio"}
        homes = importlib.metadata.packages_distributions()
        found = {homes[package][0] for package in packages if package in homes}
        return "\n".join([f"temporalio=={importlib.metadata.version('temporalio')}", *sorted(found)]) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # the double quotes that formatters want


def _fill(template: str, **values: str) -> str:
    text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return string.Template(text).substitute(values)
