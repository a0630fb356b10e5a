"""A contract for import-linter: what is private to the SDK is named where it may be, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from importlinter import Contract, ContractCheck, fields, output

_PACKAGE = "temporalio"


class PrivateNamesContract(Contract):
    """No module but the allowed ones imports a private name of the SDK, or switches its rule off."""

    allowed = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Reads every module of the graph."""
        del verbose
        allowed = {module.name for module in self.allowed}  # type: ignore[attr-defined]
        found = [
            f"{module}:{line} {name}"
            for module in sorted(graph.modules - allowed)
            if (spec := find_spec(module)) is not None and spec.origin
            for line, name in private_names(Path(spec.origin).read_text(encoding="utf-8"))
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints where."""
        output.print_error("These lines name what is private to the SDK; give it a function in sdk.py:")
        for line in check.metadata["found"]:
            output.print_error(f"  {line}")


def private_names(source: str) -> Iterator[tuple[int, str]]:
    """Private names of the SDK in a source: those that are imported, and attributes of what was imported.

    Args:
        source: Python.

    Yields:
        Line and name.
    """
    tree = ast.parse(source)
    imported = [(line, *names) for node in ast.walk(tree) for line, *names in _imported(node)]
    bound = {local for _, local, _ in imported}
    yield from ((line, name) for line, _, name in imported if is_private(name))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and _root(node) in bound:
            yield node.lineno, ast.unparse(node)
        # The mark of a definition is an attribute that only its name tells to be the SDK's.
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__temporal_" in node.value:
            yield node.lineno, node.value


def _imported(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    """What an import takes from the SDK: line, the name that it binds, the full name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.split(".")[0] == _PACKAGE:
                yield node.lineno, alias.asname or _PACKAGE, alias.name
    elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _PACKAGE:
        for alias in node.names:
            yield node.lineno, alias.asname or alias.name, f"{node.module}.{alias.name}"


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with; "" if it begins with something else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_private(dotted: str) -> bool:
    """Whether one part of a name begins with one underscore."""
    return any(part.startswith("_") and not part.startswith("__") for part in dotted.split("."))
