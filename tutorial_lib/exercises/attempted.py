"""Whether anything was attempted: the learner's definitions beside those of the starter cell."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tutorial_lib.cells import ipython
from tutorial_lib.cells.program.facts import DEFINITIONS
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.exercises.placeholder import GAP, Placeholder

__all__ = ["definition_of", "newest", "not_attempted"]

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def not_attempted(starter: str, answers: Sequence[Any]) -> str | None:
    """What is still to be done before there is anything to check, or None.

    Args:
        starter: Source of the starter cell.
        answers: What the check was given.
    """
    if any(_open(answer) for answer in answers):
        return f"put your answer in place of `{GAP}`, then run both cells"
    given = {node.name: node for node in ast.parse(starter).body if isinstance(node, DEFINITIONS)}
    own = [found for answer in answers if (found := definition_of(answer)) is not None]
    gaps = [node.name for node in own if any(_gaps(node))]
    if gaps:
        return f"`{gaps[0]}` has a `{GAP}` left: replace it, then run both cells"
    known = [node for node in own if node.name in given]
    # A value beside the definitions is an answer: a prediction is about the starter's code as it is.
    only = len(own) == len(answers)
    if known and only and all(_same(node, given[node.name]) for node in known):
        *names, last = [f"`{node.name}`" for node in known]
        listed = f"{', '.join(names)} and {last}" if names else last
        verb, them = ("is", "it") if len(known) == 1 else ("are", "them")
        return f"{listed} {verb} as the starter cell has {them}: change {them}, then run both cells"
    return None


def definition_of(answer: Any) -> Definition | None:
    """The syntax tree of the class or function that was handed in, or None for any other value."""
    if not (inspect.isclass(answer) or inspect.isfunction(answer) or inspect.ismethod(answer)):
        return None
    shell = ipython.current()
    node: ast.stmt | None = None
    if shell is not None and getattr(answer, "__module__", "") == "__main__":
        ran = Notebook.of_shell(shell).program.of_object(answer)
        node = ran.statement.node if ran else None
    else:
        try:
            node = ast.parse(textwrap.dedent(inspect.getsource(answer))).body[0]
        except (OSError, TypeError, SyntaxError, IndexError):
            node = None
    return node if isinstance(node, DEFINITIONS) else None


def newest(answer: Any) -> Any:
    """What the notebook now calls by the name of this class or function; the answer itself elsewhere."""
    shell = ipython.current()
    name = getattr(answer, "__name__", None)
    if shell is None or name is None or getattr(answer, "__module__", "") != "__main__":
        return answer
    return shell.user_ns.get(name, answer)


def _open(answer: Any) -> bool:
    """Whether an answer is a gap, or a collection or an object of a data class that holds one."""
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        return any(_open(getattr(answer, each.name, None)) for each in dataclasses.fields(answer))
    if isinstance(answer, Mapping):
        return any(_open(each) for each in answer.values())
    if isinstance(answer, list | tuple | set):
        return any(_open(each) for each in answer)
    return isinstance(answer, Placeholder)


def _gaps(node: ast.AST) -> Iterator[ast.AST]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == GAP)


def _same(mine: ast.stmt, given: ast.stmt) -> bool:
    return ast.dump(mine) == ast.dump(given)
