"""Facts travel as values: no exercise or lesson finds out what happened by the wording of a message."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorial_lib import settings

SENTENCES = {"seen", "hint", "text"}
METHODS = {"startswith", "endswith", "find", "index", "split", "partition", "replace", "removeprefix"}
ROOMS = ("exercises", "course", "views", "cli")
MODULES = sorted(path for room in ROOMS for path in (settings.PACKAGE / room).rglob("*.py"))
# These show a sentence in other words, or do not say a thing twice; nothing is decided by it.
SHOWN = {"told_of", "_with_unawaited"}


def read_as_data(source: str) -> Iterator[int]:
    """Lines that look for words in a message of an error, a diagnosis or a failure."""
    tree = ast.parse(source)
    shown = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name in SHOWN]
    passed = {id(node) for each in shown for node in ast.walk(each)}
    for node in ast.walk(tree):
        if id(node) not in passed and (looks_for_words(node) or takes_apart(node)):
            yield node.lineno


def looks_for_words(node: ast.AST) -> bool:
    """`"words" in error.seen`."""
    if not isinstance(node, ast.Compare) or not any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
        return False
    return any(map(is_sentence, node.comparators))


def takes_apart(node: ast.AST) -> bool:
    """`error.seen.split(...)`."""
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in METHODS and is_sentence(called.value)


def is_sentence(node: ast.expr) -> bool:
    """Whether this is `error.seen`, `outcome.text + outcome.hint`, `str(error)` ..."""
    if isinstance(node, ast.BinOp):
        return is_sentence(node.left) or is_sentence(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return bool(node.args) and isinstance(node.args[0], ast.Name) and "error" in node.args[0].id
    return isinstance(node, ast.Attribute) and node.attr in SENTENCES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(settings.PACKAGE)))
def test_no_message_is_read_as_data(path: Path):
    assert list(read_as_data(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        'if "not registered" in error.seen: pass',
        'if "await" in outcome.text + outcome.hint: pass',
        'if "no worker" not in stuck.hint: pass',
        'stuck.seen.endswith(" s")',
        'x = error.seen.split(" waits: ")',
        'if "timeout" in str(error): pass',
    ],
)
def test_such_a_line_is_found(source: str):
    assert list(read_as_data(source)) == [1]
