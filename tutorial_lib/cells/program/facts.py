"""What a statement does with names, read from its text and bytecode alone.

Two times matter for a name. What a statement reads *now*, it reads while it runs; what it reads *later*, a
function in it reads when somebody calls it.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import dis
import inspect
import types
from collections.abc import Iterable, Iterator

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTS = (ast.Import, ast.ImportFrom)
_BRANCHES = (ast.If, ast.Try, ast.TryStar, ast.For, ast.While, ast.Match)

_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
# Code that is a function to the compiler, and runs with its statement.
_RUN_AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<generic parameters of ")

# Code that finds names by strings may find any.
_BY_STRING = {"globals", "eval", "exec", "vars", "locals"}
# Calls that wait, write to the cell, or drive the notebook's loop.
_DRIVES = {
    "asyncio.create_task", "asyncio.get_event_loop", "asyncio.run", "display", "get_ipython", "input",
    "print", "time.sleep",
}  # fmt: skip
_DOES_IO = {
    "Popen", "check_output", "connect", "mkdir", "open", "read_bytes", "read_text", "unlink", "urlopen",
    "write_bytes", "write_text",
}  # fmt: skip
# Methods that leave what they are called on as it was.
_ONLY_READ = {
    "copy", "count", "debug", "decode", "encode", "endswith", "error", "exception", "format", "get", "index",
    "info", "isoformat", "items", "join", "keys", "lower", "replace", "run", "split", "startswith", "strip",
    "title", "total_seconds", "upper", "values", "warning",
}  # fmt: skip
_CHANGING_CALLS = {"delattr", "next", "setattr"}
# Calls whose string arguments name types: cast("Order", x), TypeVar("T", bound="Order").
_TYPE_CALLS = {"ForwardRef", "NewType", "TypeVar", "cast"}
_CALLING = (ast.Call, ast.ClassDef, ast.For, ast.With, ast.BinOp, ast.Compare, ast.Subscript)


@dataclasses.dataclass(frozen=True)
class Effects:
    """Names whose objects a piece of code may change.

    Attributes:
        stored: `a` of `a.x = 1`, `a[k] = v`, `del a[k]`, `a += 1`, `setattr(a, ...)`.
        called_on: `a` of `a.append(x)`; whether that changes it depends on what `a` is.
    """

    stored: frozenset[str]
    called_on: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Facts:
    """What one statement of a cell's top level does with names.

    Attributes:
        now: Names that it reads while it runs.
        later: Names that functions in it read when they are called, those of quoted annotations included.
        binds: Names that it binds.
        surely: Whether it binds them whatever happens: not in a branch, not in a loop.
        deletes: Names that it deletes.
        own_targets: Names that a `with` or `for` binds before its body reads them.
        waits: Whether it awaits at top level, which no module can.
        drives: Whether it writes to the cell or drives the notebook's loop.
        says_print: Whether a function in it does.
        reads_files: Whether it opens, reads or writes files, or connects to something.
        words: Dotted names that it reads while it runs: `tutorial_lib.open_lab`.
        changes: What it changes itself while it runs.
        inner_changes: What it and the functions in it change.
        globals_bound: Names that functions in it declare `global`.
        given: Names that a bare call gets: `register(f)` may change `f`.
        bases: First names of a class's bases.
        decorators: First name of each decorator, and whether the decorator is that name or a call of it.
        calls: Whether anything is called while it runs.
        by_string: Whether it finds names by strings (`globals()`, `eval`, `sys.modules`).
        asks_for_subclasses: Whether `__subclasses__` is in it.
        stars: Modules of `from module import *`.
    """

    now: frozenset[str]
    later: frozenset[str]
    binds: frozenset[str]
    surely: bool
    deletes: frozenset[str]
    own_targets: frozenset[str]
    waits: bool
    drives: bool
    says_print: bool
    reads_files: bool
    words: frozenset[str]
    changes: Effects
    inner_changes: Effects
    globals_bound: frozenset[str]
    given: frozenset[str]
    bases: frozenset[str]
    decorators: tuple[tuple[str, bool], ...]
    calls: bool
    by_string: bool
    asks_for_subclasses: bool
    stars: tuple[str, ...]


def facts_of(node: ast.stmt, flags: int = 0) -> Facts:
    """Reads one statement.

    Args:
        node: A statement of a cell's top level.
        flags: Compiler flags of `from __future__` imports.
    """
    own, everything = list(own_level(node)), list(ast.walk(node))
    waits = any(
        isinstance(part, (ast.Await, ast.AsyncFor, ast.AsyncWith)) or getattr(part, "is_async", 0)
        for part in own
    )
    names = _Names(node, flags, waits=waits)
    words = frozenset(_dotted(own))
    in_functions = frozenset(_dotted(everything)) if isinstance(node, ast.FunctionDef) else frozenset()
    binds = set(names.binds)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        binds.clear()  # a change of what was there
    both = frozenset(names.now | names.later)
    return Facts(
        now=frozenset(names.now),
        later=frozenset((names.later | set(_in_annotations(everything))) - names.now),
        binds=frozenset(binds),
        surely=not isinstance(node, _BRANCHES),
        deletes=frozenset(names.deletes - binds),
        own_targets=frozenset(_targets(node)),
        waits=waits,
        drives=bool(words & _DRIVES),
        says_print=bool(in_functions & _DRIVES),
        reads_files=any(isinstance(part, ast.Call) and _called(part) in _DOES_IO for part in own),
        words=words,
        changes=_changes(own, frozenset(names.now)),
        inner_changes=_changes(everything, both),
        globals_bound=frozenset(n for part in everything if isinstance(part, ast.Global) for n in part.names),
        given=frozenset(_given(node)),
        bases=frozenset(filter(None, map(first_name, getattr(node, "bases", [])))),
        decorators=tuple(
            (name, isinstance(decorator, (ast.Name, ast.Call)))
            for decorator in getattr(node, "decorator_list", [])
            if (name := first_name(decorator))
        ),
        calls=bool(getattr(node, "decorator_list", [])) or any(isinstance(part, _CALLING) for part in own),
        by_string=bool(both & _BY_STRING) or "sys.modules" in _dotted(everything),
        asks_for_subclasses=any(
            isinstance(part, ast.Attribute) and part.attr == "__subclasses__" for part in everything
        ),
        stars=tuple(
            part.module or ""
            for part in own
            if isinstance(part, ast.ImportFrom) and any(alias.name == "*" for alias in part.names)
        ),
    )


def own_level(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that run with it: not the bodies of functions in it."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        inner: list[ast.AST] = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        inner = [node.args]
    else:
        inner = list(ast.iter_child_nodes(node))
    for part in inner:
        yield from own_level(part)


def first_name(node: ast.AST) -> str | None:
    """`a` of `a.b[c](d).e`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_plain_def(node: ast.stmt) -> bool:
    """Whether this is a def without decorators, which calls nothing while it runs."""
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.decorator_list


def first_line(node: ast.stmt) -> int:
    """The line of a statement's first character, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def imported_package(node: ast.stmt) -> str:
    """The top package that an import statement names; empty for any other statement."""
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").partition(".")[0]
    return node.names[0].name.partition(".")[0] if isinstance(node, ast.Import) else ""


def only_names(node: ast.Import | ast.ImportFrom, names: Iterable[str]) -> ast.Import | ast.ImportFrom:
    """An import statement cut down to the names that are wanted, in the same place."""
    wanted = set(names)
    kept = [a for a in node.names if a.name == "*" or (a.asname or a.name.partition(".")[0]) in wanted]
    made = ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)
    return ast.copy_location(made, node)


class _Names:
    """Names as the compiler sees them: it knows which are local."""

    def __init__(self, node: ast.stmt, flags: int, *, waits: bool) -> None:
        self.now: set[str] = set()
        self.later: set[str] = set()
        self.binds: set[str] = set()
        self.deletes: set[str] = set()
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if waits else 0
        code: types.CodeType = compile(ast.Module([node], []), "<read>", "exec", flags, dont_inherit=True)
        self._read(code, runs=True, top=True)
        self.now -= {"__name__", "__build_class__"}
        self.later -= self.now

    def _read(self, code: types.CodeType, *, runs: bool, top: bool) -> None:
        for op in dis.get_instructions(code):
            if op.opname in _LOADS:
                (self.now if runs else self.later).add(str(op.argval))
            elif (op.opname == "STORE_NAME" and top) or (op.opname == "STORE_GLOBAL" and runs):
                self.binds.add(str(op.argval))
            elif op.opname == "DELETE_NAME" and top:
                self.deletes.add(str(op.argval))
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                function = constant.co_flags & inspect.CO_NEWLOCALS  # a class body is none
                at_once = not function or constant.co_name.startswith(_RUN_AT_ONCE)
                self._read(constant, runs=runs and at_once, top=False)


def _changes(parts: list[ast.AST], names: frozenset[str]) -> Effects:
    stored: set[str | None] = set()
    called_on: set[str | None] = set()
    for part in parts:
        if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            stored.add(first_name(part))
        elif isinstance(part, ast.AugAssign):
            stored.add(first_name(part.target))
        elif isinstance(part, ast.Call):
            if isinstance(part.func, ast.Attribute) and part.func.attr not in _ONLY_READ:
                called_on.add(first_name(part.func.value))
            elif isinstance(part.func, ast.Name) and part.func.id in _CHANGING_CALLS and part.args:
                stored.add(first_name(part.args[0]))
    return Effects(
        frozenset(name for name in stored if name in names),
        frozenset(name for name in called_on if name in names),
    )


def _given(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return
    call = node.value
    if isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id):
        return
    yield from filter(None, map(first_name, [*call.args, *(keyword.value for keyword in call.keywords)]))


def _targets(node: ast.stmt) -> Iterator[str]:
    targets: list[ast.expr | None] = []
    if isinstance(node, ast.With):
        targets = [item.optional_vars for item in node.items]
    elif isinstance(node, ast.For):
        targets = [node.target]
    for target in targets:
        if target is not None:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _dotted(parts: list[ast.AST]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ast.Name):
            if isinstance(part.ctx, ast.Load):  # `display = ...` is the cell's own from then on
                yield part.id
        elif isinstance(part, ast.Attribute) and first_name(part):
            yield ast.unparse(part)


def _in_annotations(parts: list[ast.AST]) -> Iterator[str]:
    """Names in annotations, which `from __future__ import annotations` and quotes keep from the compiler."""
    for part in parts:
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
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))
