"""A notebook as the code in its cells sees it: its namespace, and the cells that made it."""

from __future__ import annotations

import ast
import dataclasses
import re
from typing import Any

from tutorial_lib.cells.sources import CellSources
from tutorial_lib.cells.statements import Statement

_MISSING = object()
# What IPython adds as it goes: _, __, _i3, _3, _ih; and a module's own __name__.
_SHELL_NAMES = re.compile(r"_{1,3}|_i{1,3}|_[iod]h|_i?\d+|__\w+__")


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
        know it.
        """
        hidden = shell.user_ns_hidden
        namespace = {
            name: value
            for name, value in shell.user_ns.items()
            if hidden.get(name, _MISSING) is not value and not _SHELL_NAMES.fullmatch(name)
        }

        def label(filename: str) -> str:
            shown = shell.compile.format_code_name(filename)
            return shown[1] if shown else filename

        return cls(namespace, CellSources.of_shell(shell), label)


def import_statement(text: str) -> Statement:
    """An import that stands in no cell, for a value that came by another way (`D = datetime`)."""
    return Statement("<notebook import>", ast.parse(text).body[0])
