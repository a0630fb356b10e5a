"""No test's verdict is a matter of the machine's speed: none measures time, and deadlines are backstops.

Figures have a place of their own (`make bench`), where they are printed beside their goals.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.support.waiting import BACKSTOP

TESTS = Path(__file__).parent
CLOCKS = {"time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns"}
# What a measured time is called where the clock was read elsewhere: in a kernel, a result, a helper.
MEASURED = {"seconds", "elapsed", "took", "gaps", "delay", "delays"}
LOOPS = ast.For | ast.AsyncFor | ast.While
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
# Waits whose first argument is a deadline in seconds, and keywords that are one.
WAITS = {"wait", "join", "result", "exception", "wait_procs", "settimeout", "timeout", "set_default_timeout"}
KEYWORDS = {"timeout", "execution_timeout"}
SHORT = 60.0  # seconds; what is shorter, a busy machine can need
ADVICE = (
    "wait for what is meant (tests/support/waiting.py), or measure in tests/bench. A deadline of 60 s and "
    "more is a backstop (BACKSTOP); one that is shorter has its reason behind it: `# short: why`"
)
REASON = "# short: "  # before the reason why a short deadline decides nothing, at the end of its line


class Module:
    """A module's findings, and what in it holds a time.

    Args:
        tree: The module.
    """

    def __init__(self, tree: ast.AST) -> None:
        self.tree = tree
        self.times: set[str] = set()
        while any([*map(self._spread, ast.walk(tree))]):  # until nothing is new
            pass

    def stopwatches(self) -> Iterator[ast.Compare]:
        """Comparisons of a time that was measured."""
        for each in ast.walk(self.tree):
            if isinstance(each, ast.Compare):
                sides = [each.left, *each.comparators]
                near = any(isinstance(side, ast.Call) and _name(side.func) == "approx" for side in sides)
                nothing = any(isinstance(side, ast.Constant) and side.value == 0 for side in sides)
                is_order = any(isinstance(operator, ORDER) for operator in each.ops)
                if (is_order or near) and not nothing and any(map(self.is_time, sides)):
                    yield each

    def is_time(self, node: ast.AST) -> bool:
        """Whether an expression has a reading of a clock in it, or what came of one."""
        for each in ast.walk(node):
            if isinstance(each, ast.Call) and not each.args and _name(each.func) in CLOCKS:
                return True
            if isinstance(each, ast.Name | ast.Attribute) and _name(each) in self.times | MEASURED:
                return True
        return False

    def _spread(self, node: ast.AST) -> bool:
        """Notes what a statement makes a time; returns whether that is new."""
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=value):
                found = self._unpacked(names, value)
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.Call(func=ast.Attribute(value=target, attr="append"), args=[value])
            ):
                found = {_name(target)} if self.is_time(value) else set()
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found = self._returned(node)
            case _:
                found = set()
        new = found - self.times - {""}
        self.times |= new
        return bool(new)

    def _unpacked(self, names: Sequence[ast.expr], value: ast.expr) -> set[str]:
        """Which of several names get a time."""
        if isinstance(value, ast.Tuple):
            return {_name(name) for name, each in zip(names, value.elts, strict=False) if self.is_time(each)}
        call = value.value if isinstance(value, ast.Await) else value
        called = _name(call.func) if isinstance(call, ast.Call) else ""
        return {_name(name) for at, name in enumerate(names) if f"{called}()[{at}]" in self.times}

    def _returned(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
        """A function that returns a time, or in which places of a tuple it does."""
        found = set()
        for each in ast.walk(function):
            if isinstance(each, ast.Return) and isinstance(each.value, ast.Tuple):
                found |= {
                    f"{function.name}()[{at}]" for at, e in enumerate(each.value.elts) if self.is_time(e)
                }
            elif isinstance(each, ast.Return) and each.value is not None and self.is_time(each.value):
                found.add(function.name)
        return found


def _name(node: ast.AST) -> str:
    """The last part of a name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def deadlines(tree: ast.AST) -> Iterator[ast.Call]:
    """Waits with a short deadline, written as a number."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call):
            given = [word.value for word in each.keywords if word.arg in KEYWORDS]
            given += each.args[:1] if _name(each.func) in WAITS else []
            given += each.args[1:2] if _name(each.func) == "wait_for" else []  # asyncio's
            if any(map(is_short, given)):
                yield each


def is_short(node: ast.AST) -> bool:
    """Whether it is a number of few seconds; whole thousands are milliseconds, as Playwright counts."""
    if isinstance(node, ast.Call) and _name(node.func) == "timedelta":
        return any(word.arg == "seconds" and is_short(word.value) for word in node.keywords)
    if not isinstance(node, ast.Constant) or type(node.value) not in {int, float}:
        return False
    return 0 < (node.value if node.value % 1000 else node.value / 1000) < SHORT


def pauses(tree: ast.AST) -> Iterator[ast.Call]:
    """Sleeps of a test itself: what it asserts next may not have happened yet. Those in a loop look again."""
    for test in ast.walk(tree):
        if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
            yield from filter(_sleeps, _straight(test))


def _straight(node: ast.AST) -> Iterator[ast.AST]:
    """What runs once: without loops, and without functions and classes that are made on the way."""
    for each in ast.iter_child_nodes(node):
        if not isinstance(each, LOOPS | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield each
            yield from _straight(each)


def _sleeps(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether it is a call of `sleep` with more than a zero, that is made here and not handed on."""
    if not isinstance(node, ast.Call) or _name(node.func) != "sleep":
        return False
    return not any(isinstance(each, ast.Constant) and each.value == 0 for each in node.args)


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts that are code, with the line that they begin in: cells, scripts, what `python -c` gets."""
    for each in ast.walk(tree):
        if isinstance(each, ast.JoinedStr):
            parts = [str(p.value) if isinstance(p, ast.Constant) else "0" for p in each.values]
            yield each.lineno, "".join(parts)
        elif isinstance(each, ast.Constant) and isinstance(each.value, str) and "\n" in each.value:
            yield each.lineno, each.value


def code_in(source: str) -> Iterator[tuple[int, ast.AST]]:
    """A module, and the code in its texts, each with how many lines come before it."""
    tree = ast.parse(source)
    yield 0, tree
    for line, text in texts(tree):
        lines = textwrap.dedent(text).splitlines()
        plain = ["" if each.lstrip().startswith(("%", "!")) else each for each in lines]
        try:
            inner = compile(
                "\n".join(plain), "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            )
        except SyntaxError:
            continue
        yield line - 1, inner


def findings(source: str) -> list[str]:
    """What in a test module depends on the machine's speed, each with its line."""
    lines = source.splitlines()
    found: set[tuple[int, str]] = set()
    for before, tree in code_in(source):
        found |= {
            (one.lineno + before, f"compares a time: {ast.unparse(one)}")
            for one in Module(tree).stopwatches()
        }
        for each in deadlines(tree):
            here = lines[each.lineno + before - 1 : (each.end_lineno or each.lineno) + before]
            if not any(REASON in line for line in here):
                found.add((each.lineno + before, f"has a short deadline: {ast.unparse(each)[:90]}"))
        for each in pauses(tree):
            if REASON not in lines[each.lineno + before - 1]:
                found.add((each.lineno + before, f"waits a fixed time: {ast.unparse(each)}"))
    return [f"{line}: {told}" for line, told in sorted(found)]


def modules() -> list[Path]:
    """All test modules and what they share, but for `make bench` and the one place that may."""
    clocks = TESTS / "support" / "waiting.py"
    return [
        each
        for each in sorted(TESTS.rglob("*.py"))
        if TESTS / "bench" not in each.parents and each not in {clocks, Path(__file__)}
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_verdict_is_a_matter_of_time(module: Path):
    name = module.relative_to(TESTS.parent).as_posix()
    found = [f"{name}:{each}" for each in findings(module.read_text(encoding="utf-8"))]
    assert not found, "\n".join([ADVICE, *found])


# Each was in this suite, and failed on a busy machine, or would have.
FAULTS = {
    "a wait that was to be short": """
        def stuck(lab):
            start = time.monotonic()
            lab.wait()
            return "error", time.monotonic() - start
        async def test_it(lab):
            message, seconds = await stuck(lab)
            assert message == "no worker"
            assert seconds < 10
        """,
    "a wait that was to be long": "assert seconds >= 5",
    "a difference in the assertion": """
        start = time.monotonic()
        assert time.monotonic() - start < 8
        """,
    "what a helper measured": "assert told.seconds < DEADLINE + CLOSING",
    "a filter before the assertion": "late = [one for one in told if one.seconds > limit + CLOSING]",
    "the best of three": """
        took = []
        for each in range(3):
            start = time.perf_counter()
            took.append(time.perf_counter() - start)
        assert min(took) < 0.5
        """,
    "a ratio": """
        async def to_end(how):
            took = time.time() - float(run(how))
            return took
        alone = await to_end("alone")
        assert await to_end("follow") < 2 * alone + 1.2
        """,
    "pauses between calls": """
        looks = []
        looks.append(time.monotonic())
        gaps = [b - a for a, b in pairwise(looks)]
        assert gaps[-1] > gaps[0]
        """,
    "how long a condition took": """
        def until(condition):
            start = time.monotonic()
            while not condition(): pass
            return time.monotonic() - start
        assert until(lambda: gone) > 1
        """,
    "near the present": "assert row['since'] == pytest.approx(time.time(), abs=5)",
    "inside a cell": """
        kernel.good('''
            began = time.monotonic()
            await thing()
            assert time.monotonic() - began < 6
        ''')
        """,
    "a loop of one's own": """
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline
        """,
    "a fixed time for something to happen in": """
        async def test_it(lab):
            before = await handle.query(Ticking.count)
            time.sleep(1.0)
            assert await handle.query(Ticking.count) > before + 2
        """,
    "a short deadline of a process": "process.wait(10)",
    "a short deadline of a command": "subprocess.run(command, timeout=30)",
    "a short deadline of a browser": "page.set_default_timeout(15_000)",
    "a short deadline of a coroutine": "await asyncio.wait_for(handle.result(), 30)",
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_sweep_finds(fault: str):
    assert findings(textwrap.dedent(fault))


def test_the_sweep_lets_pass_what_is_no_stopwatch():
    harmless = """
        wait_for(lambda: seen)
        process.wait(BACKSTOP)
        lab.result(handle, timeout=2)  # short: it is waited for
        assert result.seconds > 0
        assert event.time < other.time
        now = time.time()
        assert is_ghost(poller, now)
    """
    assert findings(textwrap.dedent(harmless)) == []


def test_a_backstop_is_long():
    assert BACKSTOP >= SHORT
