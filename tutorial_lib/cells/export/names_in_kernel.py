"""Resolves names of the running notebook to source that another process can run."""

from __future__ import annotations

import ast
import types
from typing import Any

from tutorial_lib import sdk
from tutorial_lib.cells.export import pickled_values
from tutorial_lib.cells.export.file_pieces import Origin
from tutorial_lib.cells.sandbox import values
from tutorial_lib.cells.sandbox.names import global_names
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.cells.sandbox.sources import CellSources, import_statement
from tutorial_lib.cells.sandbox.statements import Statement
from tutorial_lib.errors import ExportError


class NamesInKernel:
    """The notebook as it is now.

    Attributes:
        pickles: Values that no statement can make again, by name.
    """

    def __init__(self, notebook: Notebook, sources: CellSources) -> None:
        self._notebook = notebook
        self._sources = sources
        self.pickles: dict[str, bytes] = {}

    def resolve(self, name: str) -> Origin | None:
        """What the name means now.

        Raises:
            ExportError: It cannot be written down.
        """
        if name not in self._notebook.namespace:
            return None
        return self.of_object(name, self._notebook.namespace[name])

    def of_object(self, name: str, value: Any) -> Origin:
        """What the object of this name means.

        Raises:
            ExportError: It cannot be written down.
        """
        sources = self._sources
        if imports := sources.imports(name, value):
            return Origin(imports, "\n".join(ast.unparse(one.node) for one in imports))
        if values.in_notebook(value):
            own_name = getattr(value, "__name__", name) in (name, "<lambda>")
            statement = sources.definition(value) if own_name else sources.binding(name)
            statement = statement or sources.binding(name)
            if statement is None:
                raise ExportError(
                    f"The cell that defines {name!r} cannot be found.",
                    "Run its cell again, without a magic such as %%time in its first line.",
                )
            return self._of_statement(statement, passed=values.passes_through(value))
        if isinstance(value, types.ModuleType):
            return self._of_import(f"import {value.__name__} as {name}")
        if path := values.import_path(value):
            return self._of_import(f"from {path[0]} import {path[1]} as {name}")
        return self._of_value(name, value)

    def _of_statement(self, statement: Statement, *, passed: bool = False) -> Origin:
        return Origin([statement], self._sources.text(statement), passed)

    @staticmethod
    def _of_import(text: str) -> Origin:
        statement = import_statement(text)
        return Origin([statement], ast.unparse(statement.node))

    def _of_value(self, name: str, value: Any) -> Origin:
        statement = self._sources.binding(name)
        if statement is not None and self._can_stand_alone(statement, value, (name,)):
            return self._of_statement(statement, passed=sdk.is_activity(value))
        try:
            self.pickles[name], needs = pickled_values.dump(value)
        except Exception as error:
            raise ExportError(
                f"{name!r} ({type(value).__name__}) cannot be taken to another process.",
                f"Make it where it is used, inside the activity, or assign it at the top level of a cell "
                f"without await and without names of this notebook's session ({name} = ...).",
            ) from error
        return Origin([], f"{name} = _stored(__file__, {name!r}, globals())", needs=needs)

    def _can_stand_alone(self, statement: Statement, value: Any, via: tuple[str, ...]) -> bool:
        """Whether running the statement elsewhere gives this value, as far as can be known.

        A literal that was changed since (`seen = []`, then `seen.append(1)`) does not.
        """
        expression = getattr(statement.node, "value", None)
        if expression is not None:
            try:
                return bool(ast.literal_eval(expression) == value)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                pass  # no literal
        return all(self._is_sourced(used, via) for used in global_names(statement) if used not in via)

    def _is_sourced(self, name: str, via: tuple[str, ...]) -> bool:
        """Whether a name can be made again from source all the way down."""
        if name not in self._notebook.namespace:
            return True
        value = self._notebook.namespace[name]
        sources = self._sources
        if values.in_notebook(value) or values.import_path(value) or sources.imports(name, value):
            return True
        statement = sources.binding(name)
        return statement is not None and self._can_stand_alone(statement, value, (*via, name))
