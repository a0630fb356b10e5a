"""A slice of a notebook as the text of one Python file."""

from __future__ import annotations

import ast
import collections
import dataclasses
import sys
import textwrap
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from tutorial_lib.cells.program.facts import imported_package, only_names
from tutorial_lib.cells.program.program import Ran
from tutorial_lib.cells.program.slice import AT_THE_BEGINNING, Slice
from tutorial_lib.cells.sandbox.snapshot import is_passed, taken_names

FUTURE_IMPORT = "from __future__ import annotations"
_OUTSIDE = "if not workflow.unsafe.in_sandbox():  # what only activities use; no workflow may touch it"
_WORKFLOW = "from temporalio import workflow"


@dataclasses.dataclass(frozen=True)
class Written:
    """A module's text in its parts.

    Attributes:
        future: Whether any of its statements was compiled under `from __future__ import annotations`.
        imports: Import lines that the sandbox repeats.
        passed: Import lines that it takes from outside.
        body: Definitions and all else, in order.
    """

    future: bool
    imports: list[str]
    passed: list[str]
    body: list[str]

    def text(self, docstring: str, own: Iterable[str] = ()) -> str:
        """The file: docstring, imports, then the body, definitions two lines apart.

        Args:
            docstring: Its first line.
            own: Import lines of the project's other files.
        """
        head = [f'"""{docstring}"""', FUTURE_IMPORT if self.future else ""]
        head.append("\n".join(import_block(self.imports, self.passed)))
        head.append("\n".join(own))
        parts = _apart(self.body)
        return "\n\n".join(part for part in head if part).rstrip() + "\n" + parts


def written(
    taken: Slice,
    bind: Mapping[str, tuple[int, str]],
    *,
    last: Iterable[str] = (),
    more: Iterable[str] = (),
    only: AbstractSet[Ran] | None = None,
) -> Written:
    """Writes a slice.

    Args:
        taken: The slice.
        bind: Source that binds each name that no statement makes again, with the time for it.
        last: Lines at the end.
        more: Import lines that these need; they are passed through.
        only: The statements of one file, and the imports that these need; None for all.
    """
    writer = _Writer(taken, only)
    writer.passed += more
    begun: dict[int, list[str]] = {}
    for at, source in bind.values():
        begun.setdefault(at, []).append(source)
    writer.body += begun.get(AT_THE_BEGINNING, [])
    for ran in taken.program.sequence:
        writer.body += begun.get(ran.at, [])
        writer.write(ran)
    end = taken.program.end
    writer.body += [source for at in sorted(begun) if at >= end for source in begun[at]]
    if any(part.startswith(_OUTSIDE) for part in writer.body) and _WORKFLOW not in writer.imports:
        writer.imports.append(_WORKFLOW)
    future = any(ran.statement.flags for ran in (taken.chosen if only is None else only))
    return Written(future, writer.imports, writer.passed, [*_merged(writer.body), *last])


class _Writer:
    """Takes a slice's statements one by one."""

    def __init__(self, taken: Slice, only: AbstractSet[Ran] | None) -> None:
        self.imports: list[str] = []
        self.passed: list[str] = []
        self.body: list[str] = []
        self._taken = taken
        self._only = only
        self._used = {n for ran in only or () for n in ran.statement.facts.now | ran.statement.facts.later}
        self._times = collections.Counter(name for ran in taken.chosen for name in ran.binds)

    def write(self, ran: Ran) -> None:
        """Adds what a statement gives, if it is in the slice."""
        taken = self._taken
        only_activities = self._wanted(taken.passed.get(ran, set()) - taken.chosen.get(ran, set()))
        if only_activities:
            self.passed += lines_of(ran, only_activities)
        if ran in taken.chosen and ran.statement.is_import:
            names = self._wanted(taken_names(taken, ran))
            if not names:
                return
            if any(self._times[name] > 1 for name in names & ran.binds):
                self.body += lines_of(ran, names)  # it is bound again: its place matters
            else:
                (self.passed if is_passed(ran) else self.imports).extend(lines_of(ran, names))
        elif self._only is not None and ran not in self._only:
            return
        elif ran in taken.chosen:
            self.body.append(ran.statement.source)
        elif ran in taken.outside:
            self.body.append(f"{_OUTSIDE}\n{textwrap.indent(ran.statement.source, '    ')}")

    def _wanted(self, names: set[str]) -> set[str]:
        return names if self._only is None else names & self._used


def lines_of(ran: Ran, names: Iterable[str]) -> list[str]:
    """An import statement, cut down to names, as lines of one module each."""
    node = ran.statement.node
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return []
    cut = only_names(node, names)
    if isinstance(cut, ast.Import):
        return [ast.unparse(ast.Import([alias])) for alias in cut.names]
    return [] if cut.module == "__future__" or not cut.names else [ast.unparse(cut)]


def packages_of(taken: Slice) -> set[str]:
    """Top packages of all imports of a slice."""
    rans = [ran for ran in {*taken.chosen, *taken.passed, *taken.outside} if ran.statement.is_import]
    return {imported_package(ran.statement.node) for ran in rans} - {""}


def import_block(plain: Iterable[str], passed: Iterable[str]) -> list[str]:
    """Import lines for a file: those the sandbox repeats, then those it takes from outside.

    The SDK passes itself and the standard library through; their imports stay in the usual place.
    """
    passed = list(passed)
    lines = sorted_imports([*plain, *(line for line in passed if _always_passes(line))])
    passed = [line for line in passed if line not in lines]
    if passed:
        if not any(line.startswith("from temporalio import") and "workflow" in line for line in lines):
            lines = sorted_imports([*lines, _WORKFLOW])
        indented = [f"    {line}" for line in sorted_imports(passed) if line]
        lines += ["", "with workflow.unsafe.imports_passed_through():", *indented]
    return lines


def sorted_imports(lines: Iterable[str], own: Iterable[str] = ()) -> list[str]:
    """Import lines in the usual order: the standard library, packages, the project's own modules.

    Args:
        lines: Import lines.
        own: Names of the project's modules.
    """
    groups: list[list[str]] = [[], [], []]
    modules = set(own)
    for line in dict.fromkeys(line for line in lines if line):
        package = line.split()[1].partition(".")[0]
        groups[0 if package in sys.stdlib_module_names else 2 if package in modules else 1].append(line)
    blocks = [sorted(group, key=lambda line: (line.startswith("from"), line)) for group in groups if group]
    return [line for block in blocks for line in ("", *block)][1:]


def _always_passes(line: str) -> bool:
    package = line.split()[1].partition(".")[0]
    return package == "temporalio" or package in sys.stdlib_module_names


def _merged(body: list[str]) -> list[str]:
    """Neighbours that are all guarded get one guard."""
    found: list[str] = []
    for part in body:
        if found and part.startswith(_OUTSIDE) and found[-1].startswith(_OUTSIDE):
            found[-1] += part.removeprefix(_OUTSIDE)
        else:
            found.append(part)
    return found


def _apart(body: list[str]) -> str:
    """The parts of a file, definitions two lines apart from what is above and below them."""
    text, after_definition = "", False
    for part in body:
        is_definition = part.lstrip().startswith(("class ", "def ", "async def ", "@"))
        text += ("\n\n" if is_definition or after_definition else "\n") + f"{part}\n"
        after_definition = is_definition
    return text
