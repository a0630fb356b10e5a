"""House rules about predictions: each is asked once, and shown beside what happened."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tutorial_lib.authoring.style.finding import Finding

__all__ = ["prediction_findings"]

# IPython says that it is typed, and this class is not.
_transformer: Any = TransformerManager


@dataclass(frozen=True)
class _Asked:
    """A call of `lab.predict`.

    Attributes:
        cell: Number of its cell.
        name: What it is assigned to; "" for nothing.
        texts: The question and its choices; None for one that is no literal text.
    """

    cell: int
    name: str
    texts: tuple[object, ...]


def prediction_findings(notebook: NotebookNode) -> Iterator[Finding]:
    """Every prediction whose end is missing, or is none of its choices.

    Args:
        notebook: The lesson.
    """
    asked: dict[str, _Asked] = {}
    open_ones: dict[_Asked, None] = {}
    questions: set[object] = set()
    for number, tree in _trees(notebook):
        for prediction in _asked_in(number, tree):
            question = prediction.texts[0] if prediction.texts else None
            if question in questions:
                yield Finding(number, "predict", f"{question!r} is asked twice: both have one answer")
            questions.add(question)
            asked[prediction.name] = prediction
            open_ones[prediction] = None
        for name, happened in _was_in(tree):
            if (told := asked.get(name)) is None:
                continue
            if told.cell < number:
                open_ones.pop(told, None)
            if happened not in told.texts[1:]:
                yield Finding(number, "predict", f"`{name}.was(...)` wants one of the choices, word for word")
    for prediction in open_ones:
        name = prediction.name or "name"
        yield Finding(
            prediction.cell,
            "predict",
            f"no later cell has `{name}.was(...)`: a prediction is shown beside what happened",
        )


def _trees(notebook: NotebookNode) -> Iterator[tuple[int, ast.Module]]:
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            try:
                yield number, ast.parse(_transformer().transform_cell(cell.source))
            except SyntaxError:  # a finding of the rule "python"
                continue


def _asked_in(number: int, tree: ast.Module) -> Iterator[_Asked]:
    names = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "lab.predict":
            yield _Asked(number, names.get(id(node), ""), tuple(map(_literal, node.args)))


def _was_in(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="was"), args=[happened]):
                yield name, _literal(happened)


def _literal(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None
