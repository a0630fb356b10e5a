"""House rules about a lesson's code cells: setup, size, valid Python, waiting on conditions."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tutorial_lib.authoring.cell_marks import may_raise
from tutorial_lib.authoring.exercise_cells import part_of
from tutorial_lib.authoring.style.finding import Finding

__all__ = ["code_findings"]


MOST_LINES = 20  # of a cell, blank ones not counted
# Characters of a line: they fit JupyterLab's left half in the course's own layout on a screen of 1400 pixels.
MOST_WIDTH = 72
MOST_COMMENT = 5  # words of a comment behind the code of a starter

SETUP = """\
%load_ext tutorial_lib
from tutorial_lib import open_lab
from tutorial_lib.course import lesson_{lesson} as ex
from tutorial_lib.exercises import ____
lab = await open_lab("lesson-{lesson}")
lab"""

# All that a lesson imports beside the package itself: its exercises, progress, and the gap.
_INNER_ROOM = re.compile(
    r"^\s*(?:from|import) (tutorial_lib\.(?!course import|exercises import ____)\S+)", re.MULTILINE
)

# IPython says that it is typed, and this class is not.
_transformer: Any = TransformerManager

_EXERCISE_CURE = "shorten it in the exercise's module, then build the lesson again"

# How a lesson could quietly leave the sandbox.
UNSANDBOXED = ("UnsandboxedWorkflowRunner", "sandboxed=False", "sandbox_unrestricted")


def code_findings(notebook: NotebookNode, lesson: str) -> Iterator[Finding]:
    """Everything about a lesson's code that breaks a rule.

    Args:
        notebook: The lesson.
        lesson: Its number, "03".
    """
    yield from _setup(notebook, lesson)
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        yield from _size(number, cell)
        for line in filter(str.strip, cell.source.splitlines()):
            if line.rstrip().endswith(";"):
                yield Finding(number, "semicolon", f"{line!r}: nbval compares the output all the same")
        for name in UNSANDBOXED:
            if name in cell.source:
                yield Finding(number, "sandbox", f"{name}: lessons run in the standard sandbox")
        for room in _INNER_ROOM.findall(cell.source):
            yield Finding(number, "rooms", f"{room} is an inner room: lessons import from tutorial_lib alone")
        yield from _python(number, cell)


def _size(number: int, cell: NotebookNode) -> Iterator[Finding]:
    name, part = part_of(cell) or ("", "")
    whose = f" in the {part} of {name!r}" if part else ""
    cure = _EXERCISE_CURE if part else ""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        message = f"{len(lines)} lines of code{whose}; at most {MOST_LINES}"
        yield Finding(number, "length", message, cure)
    if wide := [line for line in lines if len(line) > MOST_WIDTH]:
        more = f" and in {len(wide) - 1} more" if len(wide) > 1 else ""
        seen = f"{len(wide[0])} characters in {wide[0].strip()[:40]!r}..."
        yield Finding(number, "width", f"{seen}{more}{whose}; at most {MOST_WIDTH}", cure)
    if part == "starter":
        for comment in _comments_behind_code(cell.source):
            if len(comment.split()) > MOST_COMMENT + 1:  # one is the `#`
                message = f"{comment!r} stands behind code{whose}; at most {MOST_COMMENT} words do"
                yield Finding(number, "task", message)


def _comments_behind_code(source: str) -> list[str]:
    """Comments that do not begin their line; none of what is no Python."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [
        each.string for each in tokens if each.type == tokenize.COMMENT and each.line[: each.start[1]].strip()
    ]


def _setup(notebook: NotebookNode, lesson: str) -> Iterator[Finding]:
    expected = SETUP.format(lesson=lesson)
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            lines = (re.sub(r"\s*#.*$", "", line).rstrip() for line in cell.source.splitlines())
            if "\n".join(filter(None, lines)) != expected:
                yield Finding(
                    number,
                    "setup",
                    f"the first code cell is to be the setup, as in every lesson:\n{expected}",
                )
            return
    yield Finding(0, "setup", "there is no code cell")


def _python(number: int, cell: NotebookNode) -> Iterator[Finding]:
    code = _transformer().transform_cell(cell.source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(code)
    except (SyntaxError, SyntaxWarning) as error:
        if not may_raise(cell):
            yield Finding(number, "python", f"not valid Python: {error}")
        return
    for call in _calls_on_stage(tree):
        name = ast.unparse(call.func)
        yields = name == "asyncio.sleep" and [ast.unparse(argument) for argument in call.args] == ["0"]
        if name.rpartition(".")[2] == "sleep" and not yields:
            yield Finding(
                number, "sleep", f"{ast.unparse(call)} outside workflow and activity code: await a condition"
            )
    for command in _commands_nobody_looks_at(tree):
        message = f"whether {ast.unparse(command)} was done, nobody sees: look at it, or give it check=True"
        yield Finding(number, "unseen", message)


def _commands_nobody_looks_at(tree: ast.Module) -> Iterator[ast.Call]:
    """The commands that may fail without a word: the result has no name, no `check`, and is not shown."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(ast.Call(func=ast.Attribute(attr="cli")) as call) if node is not tree.body[-1]:
                if all(keyword.arg != "check" for keyword in call.keywords):
                    yield call


def _calls_on_stage(node: ast.AST) -> Iterator[ast.Call]:
    """All calls that are not in a workflow's or activity's definition."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_definition(child):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_on_stage(child)


def _is_definition(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = (ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list)
    return any(name in ("workflow.defn", "activity.defn") for name in names) or (
        # A class that holds activities as methods.
        isinstance(node, ast.ClassDef)
        and any(
            isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and _is_definition(part)
            for part in node.body
        )
    )
