"""Calls that a notebook makes through a function of its own: `begin(Order.run, "order-42")`."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tutorial_lib.cells.program.facts import DEFINITIONS
from tutorial_lib.cells.program.program import Program

_KINDS = inspect.Parameter

_Given: TypeAlias = Mapping[str, ast.expr | tuple[ast.expr, ...]]


class HelperCalls:
    """The calls of some functions, also those that a notebook makes through functions of its own.

    Args:
        program: The notebook.
        wanted: Names of the functions or methods.
    """

    def __init__(self, program: Program, wanted: set[str]) -> None:
        self._program = program
        self._wanted = wanted

    def __iter__(self) -> Iterator[ast.Call]:
        """Each call in the notebook's order; one through a helper has what the helper was given there."""
        for ran in self._program.sequence:
            yield from self._within(ran.statement.node, frozenset())

    def _within(self, node: ast.AST, through: frozenset[str]) -> Iterator[ast.Call]:
        for call in ast.walk(node):
            if not isinstance(call, ast.Call):
                continue
            if called(call) in self._wanted:
                yield call
            elif isinstance(call.func, ast.Name) and call.func.id not in through:
                yield from self._through(call.func.id, call, through)

    def _through(self, helper: str, call: ast.Call, through: frozenset[str]) -> Iterator[ast.Call]:
        """The calls that a call of a helper makes, if it is one of the notebook's functions."""
        made = self._program.definitions(helper, self._program.end)
        node = made[0].statement.node if made else None
        if not isinstance(node, DEFINITIONS) or isinstance(node, ast.ClassDef):
            return
        given = _bound(node.args, call)
        if given:
            for inner in self._within(node, through | {helper}):
                yield _Filled(given).visit(copy.deepcopy(inner))


def called(call: ast.Call) -> str:
    """The name of the function or method that is called."""
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _bound(takes: ast.arguments, call: ast.Call) -> _Given:
    """A function's parameters with what a call gives for them; empty if they are only known when it runs."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(k.arg is None for k in call.keywords):
        return {}
    try:
        bound = _signature(takes).bind(*call.args, **{str(k.arg): k.value for k in call.keywords})
    except TypeError:
        return {}
    bound.apply_defaults()
    return {name: value for name, value in bound.arguments.items() if not isinstance(value, dict)}


def _signature(takes: ast.arguments) -> inspect.Signature:
    """A function's signature, with expressions for its defaults."""
    places = [*takes.posonlyargs, *takes.args]
    defaults = [*[_KINDS.empty] * (len(places) - len(takes.defaults)), *takes.defaults]
    parameters = [
        _KINDS(each.arg, _KINDS.POSITIONAL_OR_KEYWORD, default=default)
        for each, default in zip(places, defaults, strict=True)
    ]
    if takes.vararg:
        parameters.append(_KINDS(takes.vararg.arg, _KINDS.VAR_POSITIONAL))
    parameters += [
        _KINDS(each.arg, _KINDS.KEYWORD_ONLY, default=default or _KINDS.empty)
        for each, default in zip(takes.kwonlyargs, takes.kw_defaults, strict=True)
    ]
    if takes.kwarg:
        parameters.append(_KINDS(takes.kwarg.arg, _KINDS.VAR_KEYWORD))
    return inspect.Signature(parameters)


class _Filled(ast.NodeTransformer):
    """Puts what was given in the place of a function's parameters.

    Args:
        given: The parameters' names and values; a tuple for `*more`.
    """

    def __init__(self, given: _Given) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Put in what was given for one parameter."""
        value = self._given.get(node.id)
        if value is None:
            return node
        return ast.Tuple(list(value), ast.Load()) if isinstance(value, tuple) else value

    def visit_Starred(self, node: ast.Starred) -> ast.expr | list[ast.expr]:
        """Put in what was given for `*more`, one after the other."""
        value = self._given.get(node.value.id) if isinstance(node.value, ast.Name) else None
        return list(value) if isinstance(value, tuple) else node
