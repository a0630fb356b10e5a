"""A notebook as the code in its cells sees it: its namespace, and the cells that made it."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import Any

from tutorial_lib.cells.sandbox import values
from tutorial_lib.cells.sandbox.sources import CellSources
from tutorial_lib.cells.sandbox.statements import Statement

_MISSING = object()
# What IPython adds as it goes: _, __, _i3, _3, _ih, In, Out; and a module's own __name__.
_SHELL_NAMES = re.compile(r"_{1,3}|_i{1,3}|_[iod]h|_i?\d+|__\w+__|In|Out")
_SHELL_PACKAGES = {"IPython", "ipykernel"}


@dataclasses.dataclass(frozen=True)
class Notebook:
    """A notebook's namespace and cells, as they are now."""

    namespace: dict[str, Any]
    sources: CellSources
    label: Any
    """Tells a cell's file name as IPython shows it: `In[3]`."""

    @classmethod
    def of_shell(cls, shell: Any) -> Notebook:
        """The notebook of a running IPython shell.

        IPython's own names are left out: its `open` is not the builtin one, and the sandbox would not
        know it. What the learner's startup files, their configuration or `%pylab` bound is the notebook's,
        although IPython hides it from `%who` as it hides its own.
        """
        hidden = shell.user_ns_hidden
        namespace = {
            name: value
            for name, value in shell.user_ns.items()
            if not _SHELL_NAMES.fullmatch(name)
            and not (hidden.get(name, _MISSING) is value and _is_shells_own(value))
        }

        def label(filename: str) -> str:
            shown = shell.compile.format_code_name(filename)
            return shown[1] if shown else filename

        return cls(namespace, CellSources.of_shell(shell), label)


def _is_shells_own(value: Any) -> bool:
    """Whether something that IPython hides is of its making: `open`, `get_ipython`, `exit`, `quit`.

    Decided by where its code is: `__module__` of its `open` is `io`. A class or
    function that a startup file imported from IPython is the notebook's, and can be imported anywhere.
    """
    made_in = getattr(value, "__globals__", {}).get("__name__") or type(value).__module__
    return made_in.partition(".")[0] in _SHELL_PACKAGES and values.import_path(value) is None


def import_statement(text: str) -> Statement:
    """An import that is in no cell, for a value that was bound in another way (`D = datetime`)."""
    return Statement("<notebook import>", ast.parse(text).body[0])
