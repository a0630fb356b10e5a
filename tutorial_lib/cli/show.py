"""`tutorial show`: an event history as a page to look at, and to hand on with a bug report."""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from tutorial_lib.cli.course import Force, console, shorten
from tutorial_lib.errors import TutorialError

if TYPE_CHECKING:
    from temporalio.converter import DataConverter

    from tutorial_lib.history import History
    from tutorial_lib.views import Stepper

_MORE = (
    "more events follow: the file ends with a page of the server's answer (nextPageToken)\n"
    "  → have them all: temporal workflow show -w ID -o json > history.json"
)
TWO = 2  # versions of the code that can be compared


class CodeError(TutorialError):
    """The code that was given cannot be replayed with."""


def show(
    history: Annotated[
        Path,
        typer.Argument(
            metavar="HISTORY",
            help="As `temporal workflow show -o json`, the Web UI's Download or an SDK writes it.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="The page; HISTORY.html if not given."),
    ] = None,
    code: Annotated[
        list[Path] | None,
        typer.Option(
            "--code",
            metavar="FILE.py",
            help="The workflow's code: adds its replay. Given twice: two versions side by side.",
        ),
    ] = None,
    data_converter: Annotated[
        str | None,
        typer.Option(
            "--data-converter",
            metavar="MODULE:NAME",
            help="The project's DataConverter, for payloads that are encrypted, compressed, or its own.",
        ),
    ] = None,
    which: Annotated[
        str | None,
        typer.Option("--which", metavar="N|ID", help="Of a file with several: its number, or workflow id."),
    ] = None,
    force: Force = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Write an event history as one HTML file that needs nothing else: timeline, table, replay."""
    from tutorial_lib.disk.output import write_sealed
    from tutorial_lib.history import read_history
    from tutorial_lib.views import HistoryTable, Timeline, View
    from tutorial_lib.views.kit.page import standalone_parts

    gc.disable()  # no circles are made here, and to look for some in millions of objects takes long
    files = code or []
    if len(files) > TWO:
        raise CodeError(f"{len(files)} files were given with --code", "give one, or two versions to compare")
    converter = _converter(data_converter) if data_converter else None
    read = read_history(history, data_converter=converter, which=which)
    timeline = Timeline.of(read)
    part = f" of events 1 to {len(read)}: more follow, which the file does not have" if read.more else ""
    views: list[View | tuple[str, View]] = [(f"Timeline{part}", timeline)]
    if files:
        views.append((f"Replay{part}", _stepper(read, files, converter)))
    views.append((f"Event history{part}", HistoryTable.of(read, beside=timeline)))
    page = output or Path(f"{history.stem}.html")
    html = standalone_parts(views, " · ".join(filter(None, (read.workflow_type, read.workflow_id))))
    write_sealed(page, html, force=force, inputs=[history, *files])
    what = f"the first {len(read)} events" if read.more else f"{len(read)} events, {read.status}"
    console.print(escape(f"{read.workflow_type}, {what}: {shorten(page.resolve())}"))
    if read.more:
        console.print(escape(_MORE))
    if read.unreadable:
        console.print(escape(_unreadable(read, data_converter)))
    if open_page:
        webbrowser.open(page.resolve().as_uri())


def _unreadable(history: History, data_converter: str | None) -> str:
    """What of a history's payloads is not shown, and how to have it shown."""
    many = sum(history.unreadable.values())
    kinds = ", ".join(f"{count} of {kind}" for kind, count in sorted(history.unreadable.items()))
    what = "1 payload cannot" if many == 1 else f"{many} payloads cannot"
    cure = (
        f"{data_converter} does not decode them"
        if data_converter
        else "give the data converter that the project's workers have: --data-converter MODULE:NAME"
    )
    return (
        f"{what} be read ({kinds}): their values, and a replay with them, are not the real ones\n  → {cure}"
    )


def _converter(named: str) -> DataConverter:
    """The data converter that an option names.

    Raises:
        CodeError: If there is none of that name.
    """
    from temporalio.converter import DataConverter

    module_name, _, name = named.partition(":")
    if not module_name or not name:
        raise CodeError(
            f"--data-converter takes a module and a name in it, not {named!r}",
            "e.g. --data-converter shop.converters:data_converter",
        )
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(_import(module_name, Path(module_name)), name, None)
    finally:
        sys.path.remove(str(Path.cwd()))
    if not isinstance(found, DataConverter):
        what = f"has no {name}" if found is None else f"has {name}, a {type(found).__name__}"
        raise CodeError(
            f"module {module_name} {what}; a DataConverter is needed",
            "name the object that Client.connect(data_converter=...) gets",
        )
    return found


def _stepper(history: History, files: list[Path], converter: DataConverter | None) -> Stepper:
    """The replay of a history with each version of the code."""
    from tutorial_lib.replay.recorder import record_replay
    from tutorial_lib.views import Stepper

    options: dict[str, Any] = {"data_converter": converter} if converter else {}
    recordings = []
    for file in files:
        with _imported(file) as module:
            try:
                recordings.append(asyncio.run(record_replay(history, _workflows(module, file), **options)))
            except RuntimeError as error:
                raise CodeError(f"{file} cannot be replayed: {error.__cause__ or error}") from error
    return Stepper.of(*recordings, labels=tuple(file.name for file in files) if len(files) == TWO else ())


@contextmanager
def _imported(file: Path) -> Iterator[ModuleType]:
    """A file as the module that it is in its project: the sandbox imports it again, by its name.

    Raises:
        CodeError: If there is no such file, or it cannot be imported.
    """
    if not file.is_file():
        raise CodeError(f"no file {file}", "name the .py file that defines the workflow")
    root, names = file.resolve().parent, [file.stem]
    while (root / "__init__.py").exists():
        names.insert(0, root.name)
        root = root.parent
    name, before = ".".join(names), set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        importlib.invalidate_caches()
        module = _import(name, file)
        if Path(module.__file__ or "").resolve() != file.resolve():
            raise CodeError(
                f"{file} has the name of another module, {module.__file__}", "rename a copy of it"
            )
        yield module
    finally:
        sys.path.remove(str(root))
        for other in (
            set(sys.modules) - before
        ):  # another version of the code may have modules of the same names
            if Path(getattr(sys.modules[other], "__file__", None) or "/").is_relative_to(root):
                del sys.modules[other]


def _import(name: str, file: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise CodeError(
            f"{file} cannot be imported: {type(error).__name__}: {error}",
            "run `tutorial show` with the Python that has its project's packages",
        ) from error


def _workflows(module: ModuleType, file: Path) -> list[type]:
    from tutorial_lib.sdk import is_workflow

    found = [value for value in vars(module).values() if isinstance(value, type) and is_workflow(value)]
    if not found:
        raise CodeError(f"{file} defines no workflow", "name the .py file with the @workflow.defn class")
    return found
