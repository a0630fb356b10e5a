"""The names that a statement takes from the notebook's namespace."""

from __future__ import annotations

import ast
import dis
import types
from collections.abc import Iterator

from tutorial_lib.cells.sandbox.statements import Statement

_GLOBAL_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
# Calls whose string arguments name types: cast("Order", x), TypeVar("T", bound="Order").
_TYPE_CALLS = {"cast", "TypeVar", "NewType", "ForwardRef"}


def global_names(statement: Statement) -> set[str]:
    """Names that the statement looks up outside itself, those of string annotations included.

    The compiler knows which names are local, so its code is asked; annotations that were not
    evaluated (`from __future__ import annotations`, quotes) are read from the syntax tree.
    """
    return set(_loaded(statement.compiled())) | set(_in_annotations(statement.node))


def _loaded(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in _GLOBAL_LOADS:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _loaded(constant)


def _in_annotations(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        types_named: list[ast.expr | None] = []
        if isinstance(part, ast.arg):
            types_named = [part.annotation]
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            types_named = [part.returns]
        elif isinstance(part, ast.AnnAssign):
            types_named = [part.annotation]
        elif isinstance(part, ast.Call) and _called(part) in _TYPE_CALLS:
            types_named = [*part.args, *(keyword.value for keyword in part.keywords)]
        for expression in types_named:
            if expression is not None:
                yield from names_of_type(expression)


def names_of_type(expression: ast.expr) -> Iterator[str]:
    """Names in a type expression, looking into its quoted parts."""
    for part in ast.walk(expression):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            try:
                quoted = ast.parse(part.value, mode="eval")
            except SyntaxError:
                continue  # Literal["not a type"]
            yield from (name.id for name in ast.walk(quoted) if isinstance(name, ast.Name))


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))
