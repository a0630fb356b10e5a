"""A notebook taken home: a project that runs outside Jupyter with `python worker.py`."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import json
import os
import pathlib
import re
import string
import sys
from collections.abc import Iterator

from tutorial_lib.cells.export.notebook_file import NotebookFile
from tutorial_lib.cells.export.plan import ProjectPlan
from tutorial_lib.cells.export.usage import WorkerCall
from tutorial_lib.cells.export.written import sorted_imports
from tutorial_lib.cells.sandbox.snapshot import NEVER_AGAIN
from tutorial_lib.disk.output import write_files
from tutorial_lib.errors import ExportError

_TEMPLATES = pathlib.Path(__file__).with_name("templates")
_PYTHON = "3.11"
_MODULES = ("activities", "options", "shared", "worker", "workflows")
_OWN_THREADS = "            activity_executor=threads,"
_THREADS = "\n# Activities that are plain functions run in these.\nthreads = ThreadPoolExecutor(20)\n"
# What worker.py imports whatever it runs.
_IMPORTED = {"Client", "ClientConfig", "ThreadPoolExecutor", "Worker", "asyncio", "signal", "timedelta"}
_ABOUT = {
    "worker.py": "Connects and runs all of it.",
    "starter.py": "Starts a workflow and prints its result.",
    "test_workflows.py": "Loads each workflow in the sandbox; a worker takes up those with known arguments.",
    "pyproject.toml": "The packages.",
}


@dataclasses.dataclass(frozen=True)
class Exported:
    """A project that was written.

    Attributes:
        files: Its files, in the order in which to read them.
        notes: What could not be written, in sentences.
    """

    files: tuple[pathlib.Path, ...]
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[pathlib.Path]:
        return iter(self.files)


def export_project(
    notebook_path: pathlib.Path | str, folder: pathlib.Path | str, *, force: bool = False
) -> Exported:
    """Writes a notebook's workflows and activities as a project of their own.

    The cells are read, not run. The project has what Run All would give a worker: the statements that make
    the workflows and activities, in their order. Cells that only talk to the lab are left out.

    Args:
        notebook_path: The .ipynb file.
        folder: Where to write; made if needed. An earlier export is replaced where nobody changed it.
        force: Replace all files of the same names.

    Raises:
        ExportError: There is no workflow, or this is no notebook.
        OverwriteError: A file is in the way that is not the course's, or was changed; none was written.
    """
    notebook = pathlib.Path(notebook_path)
    # A name that this terminal's settings, or its own bytes, make no text of cannot be written into a file.
    title = os.fsencode(notebook.stem).decode("utf-8", "replace")
    plan = ProjectPlan(title, NotebookFile.read(notebook))
    files = _Project(plan).files()
    target = pathlib.Path(folder)
    texts = {name: text.encode() for name, text in files.items()}
    write_files(target, texts, force=force, inputs=[notebook])
    return Exported(tuple(target / name for name in files), tuple(plan.notes))


class _Project:
    """The texts of a project's files.

    Args:
        plan: What it has.
    """

    def __init__(self, plan: ProjectPlan) -> None:
        self._plan = plan

    def files(self) -> dict[str, str]:
        """File names and their texts."""
        plan = self._plan
        files = plan.layout.modules()
        about = {name: plan.layout.about(name.removesuffix(".py")) for name in files} | _ABOUT
        files["worker.py"] = self._worker()
        files["starter.py"] = self._starter()
        files["test_workflows.py"] = self._test()
        files["pyproject.toml"] = self._pyproject([name.removesuffix(".py") for name in files])
        plan.notes[:] = dict.fromkeys(plan.notes)
        notes = "".join(f"- {note}\n" for note in plan.notes)
        files["README.md"] = _fill(
            "README.md",
            title=plan.title.replace("_", " "),
            notebook=f"{plan.title}.ipynb",
            python=_PYTHON,
            files="\n".join(f"| `{name}` | {about[name]} |" for name in files),
            notes=f"\n## What could not be taken along\n\n{notes}" if notes else "",
        )
        return files

    def _worker(self) -> str:
        plan = self._plan
        lines = [line for worker in plan.workers for line in self._one_worker(worker)]
        threads = _OWN_THREADS in lines
        used = plan.listed() | plan.options() - _IMPORTED
        executor = threads or "ThreadPoolExecutor" in plan.options()
        return _fill(
            "worker.py",
            imports="\n".join(sorted_imports(plan.imports(used), _MODULES)),
            threads=_THREADS if threads else "",
            executor_import="from concurrent.futures import ThreadPoolExecutor\n" if executor else "",
            options="".join(f", {key}={ast.unparse(value)}" for key, value in plan.client.items()),
            queues=", ".join(worker.task_queue for worker in plan.workers),
            workers="\n".join(lines),
        )

    def _one_worker(self, worker: WorkerCall) -> Iterator[str]:
        yield "        Worker("
        yield "            client,"
        yield f"            task_queue={_quoted(worker.task_queue)},"
        if worker.workflows:
            yield f"            workflows=[{', '.join(worker.workflows)}],"
        if worker.activities:
            yield f"            activities=[{', '.join(worker.activities)}],"
        if "activity_executor" not in worker.options and not all(
            map(self._plan.usage.is_async, worker.activities)
        ):
            yield _OWN_THREADS
        yield "            graceful_shutdown_timeout=GRACE,"
        for key, value in worker.options.items():
            yield f"            {key}={ast.unparse(value)},"
        yield "        ),"

    def _starter(self) -> str:
        plan = self._plan
        default = next(iter(plan.starts), plan.workflows[0])
        ordered = [default, *(name for name in plan.workflows if name != default)]
        imports = [*plan.imports([*plan.workflows, *plan.given()]), "from worker import connect"]
        return _fill(
            "starter.py",
            usage=f"Without a name it starts {default}. A worker must run: python worker.py",
            imports="\n".join(sorted_imports(imports, _MODULES)),
            starts="\n".join(map(self._start, ordered)),
            default=_quoted(default),
            **self._signal_lines(),
        )

    def _signal_lines(self) -> dict[str, str]:
        """The starter's lines on signals: without them a workflow that waits for one just hangs."""
        signals = {name: found for name in self._plan.workflows if (found := self._plan.usage.signals(name))}
        if not signals:
            return {"signals": "", "tell_signals": ""}
        rows = "\n".join(f"    {_quoted(name)}: {json.dumps(found)}," for name, found in signals.items())
        return {
            "signals": f"# Signals that a workflow takes while it runs.\nSIGNALS = {{\n{rows}\n}}\n",
            "tell_signals": "    for signal in SIGNALS.get(name, []):\n"
            '        print(f"It takes: temporal workflow signal -w {handle.id} --name {signal}")\n',
        }

    def _start(self, workflow: str) -> str:
        """A workflow's line in the starter's table."""
        call = self._plan.starts.get(workflow)
        run = self._plan.usage.run_method(workflow)
        if run is None:
            raise ExportError(
                f"Workflow {workflow!r} has no method with @workflow.run.",
                "Run its cell to see the SDK's error.",
            )
        polled = [worker.task_queue for worker in self._plan.workers if workflow in worker.workflows]
        # A lesson may start it where nobody asks for it, on purpose; here it is to run.
        queue = call.task_queue if call and call.task_queue in polled else polled[0]
        required = len(run.args.args) - len(run.args.defaults) - 1  # one is self
        arguments = "None" if required > 0 else "[]"
        if call is not None and call.arguments is not None and len(call.arguments) >= required:
            arguments = f"[{', '.join(map(ast.unparse, call.arguments))}]"
        known_id = _quoted(call.workflow_id) if call and call.workflow_id else "None"
        return f"    {_quoted(workflow)}: ({workflow}.{run.name}, {_quoted(queue)}, {known_id}, {arguments}),"

    def _test(self) -> str:
        return _fill(
            "test_workflows.py",
            imports="\n".join(self._plan.layout.imports(self._plan.workflows)),
            workflows=", ".join(self._plan.workflows),
        )

    def _pyproject(self, modules: list[str]) -> str:
        """The SDK, and the distribution of each package that the written files import."""
        packages = self._plan.layout.packages() - sys.stdlib_module_names - NEVER_AGAIN - {"temporalio"}
        # Asked for only where it is needed: it reads the metadata of all that is installed, half a second.
        homes = importlib.metadata.packages_distributions() if packages else {}
        found = sorted({homes[package][0] for package in packages if package in homes})
        unknown = sorted(packages - homes.keys())
        self._plan.notes += [
            f"The package of `import {each}` is not known: add it to pyproject.toml." for each in unknown
        ]
        needs = [f"temporalio=={importlib.metadata.version('temporalio')}", *found]
        name = re.sub(r"[^a-z0-9]+", "-", self._plan.title.lower()).strip("-") or "project"
        return _fill(
            "pyproject.toml",
            name=name,
            python=_PYTHON,
            dependencies="\n".join(f"    {_quoted(each)}," for each in needs),
            modules=", ".join(_quoted(module) for module in modules if not module.startswith("test_")),
        )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # the double quotes that formatters want


def _fill(template: str, **values: str) -> str:
    text = (_TEMPLATES / f"{template}.txt").read_text(encoding="utf-8")
    return string.Template(text).substitute(values)
