"""Which definition of a notebook belongs in which file of a project.

Several files where that changes nothing: each statement runs in the same order after what it needs, and files
import in one direction. Else one file. All of them are imported inside the workflow sandbox, as one file
would be: what it refuses in a script it refuses in the project.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping

from tutorial_lib.cells.export.written import packages_of, written
from tutorial_lib.cells.program.program import Ran
from tutorial_lib.cells.program.slice import Slice, defines_activities, is_workflow_definition

ABOUT = {
    "workflows": "The workflows, and what only they use.",
    "activities": "The activities, and what only they use.",
    "options": "What clients and workers are set up with.",
    "shared": "What more than one of the other files uses.",
}
_ONE_FILE = "The workflows, the activities and all that they use, in the order in which the notebook ran it."
_ABOVE = ("workflows", "activities", "options", "shared")  # each may import what is below it


class Layout:
    """A slice, sorted into files.

    Args:
        taken: What the project has of the notebook.
        groups: Names that each file is there for: `workflows`, `activities`, `options`, `shared`.
        placeholders: Source for names that exist only while the notebook runs.

    Attributes:
        files: Statements of each module, in order.
    """

    def __init__(
        self, taken: Slice, groups: Mapping[str, Iterable[str]], placeholders: Mapping[str, str]
    ) -> None:
        self._taken = taken
        self._placeholders = placeholders
        everything = [r for r in taken.program.sequence if r in taken.chosen or r in taken.outside]
        self._made = [ran for ran in everything if not ran.statement.is_import]
        self.files = self._several(groups) or {"workflows": self._made}

    def modules(self) -> dict[str, str]:
        """File names and texts, the workflows first."""
        order = [module for module in ABOUT if module in self.files]
        return {f"{module}.py": self._text(module) for module in order}

    def about(self, module: str) -> str:
        """What a file is about, in a sentence."""
        return ABOUT[module] if len(self.files) > 1 else _ONE_FILE

    def home(self, name: str) -> str | None:
        """The module that binds a name."""
        found = [module for module, made in self.files.items() if any(name in ran.binds for ran in made)]
        if not found and name in self._placeholders:
            return self._lowest()
        return found[0] if found else None

    def imports(self, names: Iterable[str]) -> list[str]:
        """Import lines for a script that uses these names of the project's modules."""
        by_module: dict[str, list[str]] = collections.defaultdict(list)
        for name in sorted(set(names)):
            if (module := self.home(name)) is not None:
                by_module[module].append(name)
        return [f"from {module} import {', '.join(found)}" for module, found in sorted(by_module.items())]

    def packages(self) -> set[str]:
        """Top packages that the modules import."""
        return packages_of(self._taken)

    def _lowest(self) -> str:
        return next(module for module in reversed(_ABOVE) if module in self.files)

    def _text(self, module: str) -> str:
        made = self.files[module]
        lowest = self._lowest()
        bind = {name: (-1, text) for name, text in self._placeholders.items()} if module == lowest else {}
        part = written(self._taken, bind, only=set(made))
        used = {name for ran in made for name in _uses(ran)}
        own = {name for ran in made for name in ran.binds}
        others = {n for n in used - own if (home := self.home(n)) is not None and home != module}
        return part.text(self.about(module), self.imports(others))

    # ---- several files, where that is safe

    def _several(self, groups: Mapping[str, Iterable[str]]) -> dict[str, list[Ran]] | None:
        """The files; None where more than one would change something."""
        if not self._is_simple():
            return None
        reached = {group: self._reached(names) for group, names in groups.items()}
        files: dict[str, list[Ran]] = {}
        for ran in self._made:
            found = [group for group in groups if ran in reached[group]]
            module = self._module(ran, found)
            files.setdefault(module, []).append(ran)
        for module, made in files.items():
            above = _ABOVE[: _ABOVE.index(module)]
            needed = {dep for ran in made for dep in self._needs(ran)}
            if any(dep in files.get(upper, ()) for dep in needed for upper in above):
                return None
        return files

    @staticmethod
    def _module(ran: Ran, groups: list[str]) -> str:
        node = ran.statement.node
        if is_workflow_definition(node):
            return "workflows"
        if defines_activities(node):
            return "activities"
        return groups[0] if len(groups) == 1 else "shared"

    def _is_simple(self) -> bool:
        """Whether names mean one thing each, and no code finds or binds names from afar."""
        times = collections.Counter(name for ran in self._made for name in ran.binds)
        facts = [ran.statement.facts for ran in self._made]
        return max(times.values(), default=1) == 1 and not any(f.by_string or f.globals_bound for f in facts)

    def _needs(self, ran: Ran) -> set[Ran]:
        """Statements of the slice that another one needs, or that change what it needs."""
        program = self._taken.program
        found: set[Ran] = set()
        for name in _uses(ran) | ran.binds:
            made = program.definitions(name, program.end)
            found.update(made)
            if made:
                found.update(program.changes(name, made[-1].at, program.end))
        return {each for each in found if each is not ran and each in set(self._made)}

    def _reached(self, names: Iterable[str]) -> set[Ran]:
        """What definitions use. What only mentions an activity does not use what is in its body."""
        program = self._taken.program
        roots = [ran for name in names for ran in program.definitions(name, program.end)]
        found: set[Ran] = set()
        todo = list(roots)
        while todo:
            ran = todo.pop()
            if ran in found or (ran not in roots and defines_activities(ran.statement.node)):
                continue
            found.add(ran)
            todo += self._needs(ran)
        return found


def _uses(ran: Ran) -> set[str]:
    return set(ran.statement.facts.now | ran.statement.facts.later)
