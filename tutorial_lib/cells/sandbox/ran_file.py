"""Workflows of a file that `%run` ran: the sandbox loads that file, as the SDK has it for a script.

The SDK looks for the file of `__main__`, which is the notebook's again as soon as `%run` has ended. Served
from here the file can be loaded later as well: by a worker of another cell, by a replay.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tutorial_lib.cells.beside import loading
from tutorial_lib.cells.program.journal import Journal
from tutorial_lib.cells.program.objects import functions_of

_PREFIX = "ran_file_"
_numbers = itertools.count(1)


class RanFile:
    """The file of a workflow class, as it was when it ran.

    Args:
        workflow_class: A class that the file defines.
        path: The file.
        text: What was in it.
        namespace: What its names mean.

    Attributes:
        module: Name under which the sandbox imports it.
        address: A class of that module and the workflow's name, and nothing else.
    """

    def __init__(self, workflow_class: type, path: str, text: str, namespace: dict[str, Any]) -> None:
        self.module = f"{_PREFIX}{next(_numbers)}"
        self.address = type(workflow_class.__name__, (), {"__module__": self.module})
        self._path = path
        self._code = compile(text, path, "exec", dont_inherit=True)
        self._namespace = namespace

    @classmethod
    def of(cls, workflow_class: type, shell: Any) -> RanFile | None:
        """The file that a class of `__main__` is from; None for one of cells.

        A file that ran by `%run -i` shares the notebook's names: it counts as a cell.

        Args:
            workflow_class: The class.
            shell: The IPython shell.
        """
        for function in functions_of(workflow_class):
            namespace, path = function.__globals__, function.__code__.co_filename
            # `%run` takes a file's `__name__` away when it has ended.
            if namespace is shell.user_ns or namespace.get("__name__", "__main__") != "__main__":
                continue
            text = Journal.of(shell).text_of(path)
            if text is None:
                with contextlib.suppress(OSError):
                    text = Path(path).read_text(encoding="utf-8")
            if text is not None:
                return cls(workflow_class, path, text, namespace)
        return None

    def holds(self, kind: type) -> bool:
        """Whether the file has a class at its top level."""
        return any(value is kind for value in self._namespace.values())

    def populate(self, module: types.ModuleType) -> None:
        """Runs the file as the module, *inside* the sandbox's importer."""
        names = vars(module)
        names["__file__"] = self._path
        before = loading.set(os.path.basename(self._path))  # noqa: PTH119 - in the sandbox, a Path is another
        try:
            with _found_first(os.path.dirname(self._path)):  # noqa: PTH120 - as above
                exec(self._code, names)  # noqa: S102 - running the learner's file is what it is for
        finally:
            loading.reset(before)
        # What the SDK looks up by `__main__`: types of workflow_failure_exception_types, quoted annotations.
        own = {name: value for name, value in names.items() if not name.startswith("__")}
        vars(sys.modules["__main__"]).update(own)


@contextlib.contextmanager
def _found_first(folder: str) -> Iterator[None]:
    """Modules beside a script are found before all others, as Python has it."""
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)
