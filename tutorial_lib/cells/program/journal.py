"""Every execution of every cell, in order, and how far each one got.

IPython keeps the text of cells. What a worker's copy of them needs to know as well: which execution is the
latest of a cell, where one failed, and the line that the running one is at.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import importlib.util
import linecache
import pathlib
import re
import sys
import traceback
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from tutorial_lib.cells.program.facts import DEFINITIONS, IMPORTS, first_line
from tutorial_lib.cells.program.statements import FUTURES, Statement, read_cell

# What text that is no Python was meant to bind: `class A`, `def a(`, `a = `, `a: int = `, `a, b = `.
_MEANT = re.compile(
    r"^(?:(?:async\s+)?(?:def|class)\s+(?P<definition>\w+)|(?P<names>\w+(?:\s*,\s*\w+)*)\s*(?::[^=\n]+)?=(?!=))",
    re.MULTILINE,
)

# Statements that bind at their end, or not at all.
_SIMPLE = (*DEFINITIONS, ast.Assign, ast.AnnAssign, *IMPORTS)

_journals: weakref.WeakKeyDictionary[Any, Journal] = weakref.WeakKeyDictionary()


@dataclasses.dataclass(eq=False)
class CellRun:
    """One execution of one cell, or of a file by `%run`.

    Attributes:
        filename: File name under which it was compiled.
        text: The cell as Python.
        flags: Compiler flags of `from __future__` imports.
        cell: The same for all executions of one cell: its id, else its file name.
        stopped: The line at which it failed: statements from there on did not run. 0: nothing ran. None: it
            ran to its end.
        is_running: Whether it has not ended.
        files: What it ran by `%run`.
        number: The 3 of In[3]; 0 if that is not known.
        error: What ended it, in one line; "" if nothing did.
        unbound: Names that it was to bind, had that not ended it: what they mean is older.
    """

    filename: str
    text: str
    flags: int
    cell: str
    stopped: int | None = None
    is_running: bool = False
    files: list[CellRun] = dataclasses.field(default_factory=list)
    number: int = 0
    error: str = ""
    unbound: frozenset[str] = frozenset()
    _before: dict[str, int] = dataclasses.field(default_factory=dict, repr=False)

    def note_values(self, namespace: dict[str, Any]) -> None:
        """Notes, before it runs, what the names mean that it is to bind."""
        names = {name for statement in self._read() for name in statement.facts.binds}
        self._before = {name: id(namespace[name]) for name in names & namespace.keys()}

    def note_error(self, error: BaseException, raw: str, namespace: dict[str, Any]) -> None:
        """Notes what ended it, and which names it has not come to bind.

        Args:
            error: What was raised, or why it is no Python.
            raw: The cell as it was typed.
            namespace: What names mean now.
        """
        said = error.msg if isinstance(error, SyntaxError) else str(error)  # the file's name is no cell's
        first = next(iter(said.splitlines()), "")
        # Python 3.13 raises a private kind of SyntaxError where a statement is not complete.
        name = next(each.__name__ for each in type(error).mro() if not each.__name__.startswith("_"))
        self.error = f"{name}: {first}" if first else name
        self.unbound = frozenset(self._unbound(raw, namespace))
        self._before = {}

    def _unbound(self, raw: str, namespace: dict[str, Any]) -> Iterator[str]:
        read = self._read()
        if not read:  # no Python: nothing ran
            for meant in _MEANT.finditer(raw):
                yield from re.findall(r"\w+", meant["definition"] or meant["names"])
            return
        ran = set() if self.stopped is None else set(self.statements())
        bound = {name for statement in ran for name in statement.facts.binds}
        failed = None if self.stopped is None else _begin_of(read, self.stopped)
        for statement in read:
            # A loop or a `%%time` may have bound it before it failed; so may anything, if no line is known.
            unsure = self.stopped is None or (
                statement.cell_line == failed and not isinstance(statement.node, _SIMPLE)
            )
            timed = statement.cell_line != first_line(statement.node) and statement.cell_line == failed
            for name in statement.facts.binds - bound if statement not in ran else ():
                now = id(namespace[name]) if name in namespace else None
                if not (unsure or timed) or self._before.get(name) == now:
                    yield name

    def _read(self) -> tuple[Statement, ...]:
        try:
            return read_cell(self.text, self.filename, self.flags)
        except Exception:  # noqa: BLE001 - a cell runs, whatever can be read of it
            return ()

    def statements(self) -> Iterator[Statement]:
        """The statements that ran."""
        last = self.line_now() if self.is_running else self.stopped
        read = read_cell(self.text, self.filename, self.flags)
        for statement in read:
            if last is not None and statement.cell_line >= _begin_of(read, last):
                return
            yield statement

    def line_now(self) -> int | None:
        """The line that it is at now; None if no thread is in it (it waits)."""
        for frame in sys._current_frames().values():  # noqa: SLF001 - the only way to ask for other threads
            at: Any = frame
            found = None
            while at is not None:  # the outermost: the cell itself, not a class body in it
                if at.f_code.co_filename == self.filename and at.f_code.co_name == "<module>":
                    found = at.f_lineno
                at = at.f_back
            if found is not None:
                return int(found)
        return None


def _begin_of(read: tuple[Statement, ...], line: int) -> int:
    """The first line of the cell's own statement that a line belongs to."""
    return max((statement.cell_line for statement in read if statement.cell_line <= line), default=line)


class Journal:
    """Keeps the executions of one shell.

    Args:
        shell: The IPython shell.

    Attributes:
        executions: Oldest first.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = weakref.ref(shell)
        self._open: dict[int, CellRun] = {}
        self.executions: list[CellRun] = [*_before(shell)]
        for execution in self.executions[-1:]:  # the cell that this call comes from
            execution.is_running = execution.line_now() is not None
        shell.events.register("pre_run_cell", self._begins)
        shell.events.register("post_run_cell", self._ended)
        # No event tells of a file that `%run` runs: wherever it is found, these two run it.
        shell.safe_execfile = self._noting(shell.safe_execfile, _path_of_file)
        shell.safe_run_module = self._noting(shell.safe_run_module, _path_of_module)

    @classmethod
    def of(cls, shell: Any) -> Journal:
        """The shell's journal; the first call begins it, with what the shell's own history has."""
        if shell not in _journals:
            _journals[shell] = cls(shell)
        return _journals[shell]

    def text_of(self, path: str) -> str | None:
        """What was in a file when it ran last; None for one that has not run.

        Args:
            path: File name under which it was compiled.
        """
        return next((each.text for each in reversed(self.executions) if each.filename == path), None)

    def maker_of(self, name: str) -> CellRun | None:
        """The latest execution that bound a name, or was to bind it and failed before (see its `unbound`)."""
        for execution in reversed(self.executions):
            bound = (statement.facts.binds for statement in execution.statements())
            if name in execution.unbound or any(name in names for names in bound):
                return execution
        return None

    def _noting(self, run: Callable[..., Any], path_of: Callable[[str], str]) -> Callable[..., Any]:
        """What runs a file, noting that it does."""

        @functools.wraps(run)
        def noted(name: Any, *args: Any, **kwargs: Any) -> Any:
            execution = None
            with contextlib.suppress(Exception):  # what is wrong with the file, its running tells
                execution = self._file_begins(path_of(str(name)))
            try:
                return run(name, *args, **kwargs)
            finally:
                if execution is not None:
                    execution.is_running = False

        return noted

    def _file_begins(self, path: str) -> CellRun:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
        execution = CellRun(path, text, 0, path, is_running=True)
        cell = next(reversed(self._open.values()), None)
        if cell is None:
            self.executions.append(execution)
        else:
            cell.files.append(execution)
            self.executions.insert(self.executions.index(cell), execution)
        return execution

    def _begins(self, info: Any) -> None:
        shell = self._shell()
        if shell is None:
            return
        try:
            text = getattr(info, "transformed_cell", None) or shell.transform_cell(info.raw_cell)
        except SyntaxError:
            text = info.raw_cell  # read as a cell that is no Python: it has no statements
        name = shell.compile.get_code_name(info.raw_cell, text, shell.execution_count)
        flags = shell.compile.flags & FUTURES
        cell = getattr(info, "cell_id", None) or name
        execution = CellRun(name, text, flags, str(cell), is_running=True, number=shell.execution_count)
        execution.note_values(shell.user_ns)
        self.executions.append(execution)
        self._open[id(info)] = execution

    def _ended(self, result: Any) -> None:
        shell = self._shell()
        running = (each for each in reversed(self.executions) if each.is_running)
        execution = self._open.pop(id(result.info), None) or next(running, None)
        if shell is None or execution is None:
            return
        for each in (execution, *execution.files):
            each.is_running = False
        execution.flags |= shell.compile.flags & FUTURES
        for each in (execution, *execution.files):  # a millisecond now, so that no worker waits for all cells
            with contextlib.suppress(Exception):
                read_cell(each.text, each.filename, each.flags)
        if result.error_before_exec is not None:
            execution.stopped = 0
        elif result.error_in_exec is not None:
            frames = traceback.extract_tb(result.error_in_exec.__traceback__)
            for each in (execution, *execution.files):
                lines = [frame.lineno for frame in frames if frame.filename == each.filename]
                each.stopped = lines[0] if lines else None
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            execution.note_error(error, result.info.raw_cell, shell.user_ns)


def _before(shell: Any) -> Iterator[CellRun]:
    """What ran before the journal began, as far as the shell knows: each cell to its end."""
    history, flags = shell.history_manager, shell.compile.flags & FUTURES
    known = set()
    stored = zip(history.input_hist_parsed, history.input_hist_raw, strict=False)
    for number, (text, raw) in enumerate(stored):
        if text:
            # History drops a cell's last newline, and a kernel names its cells by their hash.
            names = [shell.compile.get_code_name(raw + end, text, number) for end in ("", "\n")]
            name = next(filter(linecache.getlines, names), names[0])
            known.add(name)
            yield CellRun(name, text, flags, name)
    # Cells that ran without being stored, as nbval runs all of them, are known to linecache alone, in the
    # order in which they first ran.
    for name in list(linecache.cache):
        if name not in known and shell.compile.format_code_name(name) is not None:
            yield CellRun(name, "".join(linecache.getlines(name)), flags, name)


def _path_of_file(name: str) -> str:
    return str(pathlib.Path(name).expanduser().resolve())


def _path_of_module(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = importlib.util.find_spec(f"{name}.__main__")
    return str(spec.origin) if spec is not None else ""
