"""Notebook definitions as pieces of a Python file, in an order in which they can run.

Both exports go through here: the module of a worker process, where the live notebook is asked what a
name means, and the project that a learner takes home, where only the cells' text is.
"""

from __future__ import annotations

import ast
import dataclasses
import sys
from collections.abc import Callable, Iterable

from tutorial_lib.cells.sandbox.names import global_names
from tutorial_lib.cells.sandbox.statements import Statement
from tutorial_lib.errors import ExportError

OWN_MODULES = ("shared", "helpers", "activities", "workflows")  # of an exported project
FUTURE_IMPORT = "from __future__ import annotations"


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a name means, and where that is written."""

    statements: list[Statement]
    """The statements that bind it; none where a stored value stands in."""
    text: str
    passed: bool = False
    """Activities and data types: workflow code only refers to them, or shares their identity."""
    needs: frozenset[str] = frozenset()
    """Names it needs beyond those that its statements mention."""


@dataclasses.dataclass(frozen=True)
class Piece:
    """One name of a file to be written, with the names it needs."""

    name: str
    origin: Origin
    uses: frozenset[str]

    @property
    def is_import(self) -> bool:
        """Whether this is an import statement of the notebook."""
        nodes = [statement.node for statement in self.origin.statements]
        return bool(nodes) and all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in nodes)

    @property
    def passed_through(self) -> bool:
        """Whether the notebook imports it under `imports_passed_through()`."""
        return self.is_import and any(statement.passed_through for statement in self.origin.statements)


class Pieces:
    """Collects names and all that they need.

    Args:
        resolve: Returns what a name means; None for a name that is no affair of the notebook (a builtin).
            Raises ExportError for what cannot be written down.
    """

    def __init__(self, resolve: Callable[[str], Origin | None]) -> None:
        self._resolve = resolve
        self._pieces: dict[str, Piece] = {}
        self._open: list[str] = []

    def add(self, name: str, origin: Origin | None = None) -> None:
        """Adds a name and, before it, all that it needs.

        Args:
            name: The name to be bound.
            origin: What it means; asked for when not given.

        Raises:
            ExportError: It, or something it needs, cannot be written down; the message names the way to it.
        """
        if name in self._pieces or name in self._open:
            return
        self._open.append(name)
        try:
            found = origin or self._resolve(name)
            if found is None:
                return
            mentioned = set(found.needs)
            for statement in found.statements:
                mentioned |= global_names(statement) - {name}
            for used in sorted(mentioned):
                self.add(used)
            uses = frozenset(mentioned & (self._pieces.keys() | set(self._open)))
            self._pieces[name] = Piece(name, found, uses)
        except ExportError as error:
            if len(self._open) > 1:
                raise
            raise ExportError(f"{name!r} cannot be written out: {error.seen}", error.hint) from None
        finally:
            self._open.remove(name)

    def __getitem__(self, name: str) -> Piece:
        return self._pieces[name]

    def __contains__(self, name: str) -> bool:
        return name in self._pieces

    def names(self) -> list[str]:
        """All names, each after what it needs."""
        return list(self._pieces)

    def reached(self, roots: Iterable[str], *, into_passed: bool) -> set[str]:
        """The names that code of the roots can reach.

        Args:
            roots: Where to start.
            into_passed: Whether to go on into activities and data types that are reached.
        """
        found: set[str] = set()
        todo = [(root, True) for root in roots]
        while todo:
            name, is_root = todo.pop()
            if name in found or name not in self._pieces:
                continue
            found.add(name)
            if is_root or into_passed or not self._pieces[name].origin.passed:
                todo += [(used, False) for used in self._pieces[name].uses]
        return found

    def needs_future(self, names: Iterable[str]) -> bool:
        """Whether any of these was compiled under `from __future__ import annotations`."""
        chosen = [self._pieces[name] for name in names]
        return any(s.flags for piece in chosen for s in piece.origin.statements)

    def imports(self, names: Iterable[str]) -> list[str]:
        """The import statements among these names, sorted, each once."""
        return sorted({self._pieces[name].origin.text for name in names})

    def definitions(self, names: Iterable[str]) -> list[str]:
        """Classes, functions and assignments among these names, in order, each once."""
        chosen = set(names)
        return list(dict.fromkeys(self._pieces[n].origin.text for n in self._pieces if n in chosen))


def import_block(plain: list[str], passed: list[str]) -> list[str]:
    """Import lines for a file: those the sandbox repeats, then those it takes from outside.

    The SDK passes itself and the standard library through; their imports stay in the usual place.
    """
    lines = sorted_imports([*plain, *(line for line in passed if _always_passes(line))])
    passed = [line for line in passed if line not in lines]
    if passed:
        if "from temporalio import workflow" not in lines:
            lines = sorted_imports([*lines, "from temporalio import workflow"])
        indented = [f"    {line}" for text in sorted_imports(passed) for line in text.splitlines() if line]
        lines += ["", "with workflow.unsafe.imports_passed_through():", *indented]
    return lines


def sorted_imports(lines: Iterable[str]) -> list[str]:
    """Import lines in the usual order: the standard library, packages, the project's own modules."""
    groups: list[list[str]] = [[], [], []]
    for line in dict.fromkeys(single for text in lines for single in text.splitlines() if single):
        package = line.split()[1].partition(".")[0]
        groups[0 if package in sys.stdlib_module_names else 2 if package in OWN_MODULES else 1].append(line)
    blocks = [sorted(group, key=lambda line: (line.startswith("from"), line)) for group in groups if group]
    return [line for block in blocks for line in ("", *block)][1:]


def _always_passes(line: str) -> bool:
    package = line.split()[1].partition(".")[0]
    return package == "temporalio" or package in sys.stdlib_module_names


def module_text(docstring: str, blocks: list[list[str]], definitions: list[str], *, future: bool) -> str:
    """A Python file: docstring, imports, then definitions two lines apart."""
    head = [f'"""{docstring}"""', FUTURE_IMPORT if future else ""]
    head += ["\n".join(block) for block in blocks if block]
    return "\n\n".join(part for part in head if part) + "\n\n" + "".join(f"\n{d}\n\n" for d in definitions)
