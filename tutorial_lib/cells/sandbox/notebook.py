"""A notebook as the code in its cells sees it: its namespace, and the program that made it."""

from __future__ import annotations

import dataclasses
import functools
import linecache
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tutorial_lib.cells.program.journal import CellRun, Journal
from tutorial_lib.cells.program.objects import functions_of, is_of_notebook
from tutorial_lib.cells.program.program import Program

_MISSING = object()
# What IPython adds as it goes: _, __, _i3, _3, _ih, In, Out; and a module's own __name__.
_SHELL_NAMES = re.compile(r"_{1,3}|_i{1,3}|_[iod]h|_i?\d+|__\w+__|In|Out")
# What each module has of its own: a cell that binds one of them means no other.
_OF_MODULES = {"__annotations__", "__builtins__", "__loader__", "__name__", "__package__", "__spec__"}
_SHELL_PACKAGES = {"IPython", "ipykernel"}


@dataclasses.dataclass(frozen=True)
class Notebook:
    """A notebook as it is now.

    Attributes:
        namespace: What names mean.
        executions: What ran, oldest first.
        label: Returns a cell's file name as IPython shows it: `In[3]`.
    """

    namespace: dict[str, Any]
    executions: Sequence[CellRun]
    label: Callable[[str], str]

    @functools.cached_property
    def program(self) -> Program:
        """What ran, as one sequence of statements."""
        return Program(self.executions, self.namespace)

    @classmethod
    def of_shell(cls, shell: Any, *, seen_by: dict[str, Any] | None = None) -> Notebook:
        """The notebook of a running IPython shell.

        IPython's own names are left out: its `open` is not the builtin one, and the sandbox would not
        know it. What the learner's startup files, their configuration or `%pylab` bound is the notebook's,
        although IPython hides it from `%who` as it hides its own. So is what a cell binds under a name that
        IPython uses, too: `class In`, `_ = gettext`. Where IPython has written over that since, it is what
        the cell bound, as in a module.

        Args:
            shell: The shell.
            seen_by: Globals of the code that asks. A file that `%run` runs has its own until it ends.
        """
        hidden = shell.user_ns_hidden
        names = shell.user_ns if seen_by is None or seen_by is shell.user_ns else {**shell.user_ns, **seen_by}
        executions = Journal.of(shell).executions
        bound = _bound_in_spite(executions)
        namespace = {
            name: value
            for name, value in names.items()
            if name in bound
            or not (
                _SHELL_NAMES.fullmatch(name)
                or (hidden.get(name, _MISSING) is value and _is_shells_own(value))
            )
        }

        def label(filename: str) -> str:
            shown = shell.compile.format_code_name(filename)
            return str(shown[1]) if shown else filename.replace("\\", "/").rpartition("/")[2]

        return cls(namespace, [*_files_run_before(namespace, executions), *executions], label)


def _files_run_before(namespace: dict[str, Any], executions: Sequence[CellRun]) -> Iterator[CellRun]:
    """Files that made functions of the notebook, though no cell ran them: IPython's startup files."""
    known = {each.filename for each in executions}
    values = [value for value in namespace.values() if is_of_notebook(value)]
    made_in = {function.__code__.co_filename for value in values for function in functions_of(value)}
    for filename in sorted(made_in - known):
        text = "".join(linecache.getlines(filename))
        if text:
            yield CellRun(filename, text, 0, filename)


def _bound_in_spite(executions: Sequence[CellRun]) -> frozenset[str]:
    """Names of IPython's that cells bind: theirs."""
    bound = {name for each in executions for statement in each.statements() for name in statement.facts.binds}
    return frozenset(name for name in bound - _OF_MODULES if _SHELL_NAMES.fullmatch(name))


def _is_shells_own(value: Any) -> bool:
    """Whether something that IPython hides is of its making: `open`, `get_ipython`, `exit`, `quit`.

    Decided by where its code is: `__module__` of its `open` is `io`. A class or
    function that a startup file imported from IPython is the notebook's, and can be imported anywhere.
    """
    made_in = getattr(value, "__globals__", {}).get("__name__") or type(value).__module__
    return made_in.partition(".")[0] in _SHELL_PACKAGES and not _can_be_imported(value)


def _can_be_imported(value: Any) -> bool:
    """Whether a module has this value under its own name."""
    module = sys.modules.get(str(getattr(value, "__module__", None)))
    return module is not None and getattr(module, str(getattr(value, "__qualname__", "")), None) is value
