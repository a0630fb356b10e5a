"""Which definition of a notebook belongs in which file of a project, and what each file imports.

The files follow the SDK's own advice: workflow code lies apart from activities, and takes activities
and data types from outside the sandbox.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tutorial_lib.cells.export.file_pieces import (
    OWN_MODULES,
    Pieces,
    import_block,
    module_text,
    sorted_imports,
)
from tutorial_lib.cells.export.names_in_file import NamesInFile

ABOUT = {
    "workflows": "The workflows, and functions that only they use.",
    "activities": "The activities, and what only they use.",
    "shared": "Types that workflows and activities exchange.",
    "helpers": "What workflows and activities both use; in workflows the sandbox checks it.",
}


@dataclasses.dataclass(frozen=True)
class Layer:
    """One file of definitions.

    Attributes:
        module: The file's module name.
        names: What it defines, in order.
        passed_through: Whether workflow code takes it from outside the sandbox.
    """

    module: str
    names: list[str]
    passed_through: bool


class Layout:
    """A notebook's definitions, sorted into files.

    Args:
        names: The notebook.
        workflows: Workflow classes.
        activities: Activity functions, classes of activities, and objects of such classes.
        constants: Other names that the project's scripts need.

    Raises:
        ExportError: A definition uses something that exists only while the notebook runs.
    """

    def __init__(
        self, names: NamesInFile, workflows: list[str], activities: set[str], constants: list[str]
    ) -> None:
        self.pieces = Pieces(names.resolve)
        for root in [*workflows, *sorted(activities), *constants]:
            self.pieces.add(root)
        defined = [name for name in self.pieces.names() if not self.pieces[name].is_import]
        from_workflows = self.pieces.reached(workflows, into_passed=False)
        from_activities = self.pieces.reached(activities, into_passed=True)
        data = {n for n in defined if self.pieces[n].origin.passed and n not in activities}
        data |= set(constants) - from_workflows - activities
        below_data = self.pieces.reached(data, into_passed=True)
        files: dict[str, list[str]] = {module: [] for module in OWN_MODULES}
        for name in defined:
            if name in below_data:
                files["shared"].append(name)
            elif name in activities or name in from_activities - from_workflows:
                files["activities"].append(name)
            elif name in from_activities:
                files["helpers"].append(name)
            else:
                files["workflows"].append(name)
        self.layers = [Layer(m, n, m in ("shared", "activities")) for m, n in files.items() if n]

    def modules(self) -> dict[str, str]:
        """File names and texts, the workflows first."""
        texts = {f"{layer.module}.py": self._text(layer) for layer in self.layers}
        return {f"{module}.py": texts[f"{module}.py"] for module in ABOUT if f"{module}.py" in texts}

    def imports(self, names: Iterable[str]) -> str:
        """Import lines for a script that uses these names."""
        wanted = set(names)
        lines = [
            f"from {layer.module} import {', '.join(found)}"
            for layer in self.layers
            if (found := sorted(wanted & set(layer.names)))
        ]
        lines += self.pieces.imports(n for n in wanted if n in self.pieces and self.pieces[n].is_import)
        return "\n".join(sorted_imports(lines))

    def _text(self, layer: Layer) -> str:
        used = {name for own in layer.names for name in self.pieces[own].uses}
        imports = {name for name in used if self.pieces[name].is_import}
        in_sandbox = not layer.passed_through
        passed = {name for name in imports if in_sandbox and self.pieces[name].passed_through}
        lines = self.pieces.imports(imports - passed)
        passed_lines = self.pieces.imports(passed)
        for other in self.layers:
            wanted = sorted(used & set(other.names)) if other is not layer else []
            if wanted:
                line = f"from {other.module} import {', '.join(wanted)}"
                (passed_lines if in_sandbox and other.passed_through else lines).append(line)
        return module_text(
            ABOUT[layer.module],
            [import_block(lines, passed_lines)],
            self.pieces.definitions(layer.names),
            future=self.pieces.needs_future(layer.names),
        )
