"""What a workflow of a cell takes with it when a worker is made."""

from __future__ import annotations

import ast
import textwrap
from typing import cast

import pytest

from tests.support.cell_kernel import Kernel


def wrap(body: str, name: str = "Flow") -> str:
    """A workflow cell whose run method has this body."""
    head = f"@workflow.defn\nclass {name}:\n    @workflow.run\n    async def run(self) -> str:\n"
    return head + textwrap.indent(body, "        ")


def hows(kernel: Kernel, name: str = "Flow") -> dict[str, str]:
    report = kernel.good(f"{{e.name: e.how for e in snapshot({name}).report}}")
    return cast("dict[str, str]", ast.literal_eval(report))


@pytest.mark.parametrize(
    ("cell", "body", "result"),
    [
        ("def double(n): return n * 2", "return str(double(4))", "8"),
        ("quad = lambda n: n * 4", "return str(quad(1))", "4"),
        ("def _private(n): return n\ndef outer(n): return _private(n) + 1", "return str(outer(1))", "2"),
        ("from functools import cache\n@cache\ndef cached(n): return n", "return str(cached(3))", "3"),
        (
            """
                def loud(f):
                    def inner(*a): return f(*a).upper()
                    return inner
                @loud
                def hello(name): return f'hello {name}'
            """,
            "return hello('ada')",
            "HELLO ADA",
        ),
        (
            "def times(k):\n    def inner(n): return n * k\n    return inner\ntriple = times(3)",
            "return str(triple(5))",
            "15",
        ),
        ("from functools import partial\nadd = partial(int.__add__, 2)", "return str(add(3))", "5"),
        ("def old_name(n): return n\nnew_name = old_name", "return str(new_name(7))", "7"),
        ("D = dt.datetime", "return str(D(2026, 1, 2))", "2026-01-02 00:00:00"),
        ("if True:\n    import json as js\ntry:\n    import math\nexcept ImportError: pass",
         "return js.dumps(math.floor(1.5))", "1"),
        ("from math import *", "return str(floor(sqrt(17)))", "4"),
        ("import xml.sax\nimport xml.dom", "return xml.sax.__name__ + xml.dom.__name__", "xml.saxxml.dom"),
        ("LIMITS = {'a': [1, 2]}", "return str(LIMITS['a'])", "[1, 2]"),
        ("def add(a, b): return a + b\nOPS = {'+': add}", "return str(OPS['+'](1, 2))", "3"),
        ("class Cart:\n    def __init__(self): self.n = 5\ncart = Cart()", "return str(cart.n)", "5"),
        ("class Base:\n    def greet(self): return type(self).__name__\nclass Child(Base): pass",
         "return Child().greet()", "Child"),
        (
            """
                from typing import Generic, TypeVar
                T = TypeVar('T')
                class Box(Generic[T]):
                    def __init__(self, v: T): self.v = v
            """,
            "return str(Box[int](4).v)",
            "4",
        ),
        ("class Empty: x = 9", "return str(Empty.x)", "9"),
        ("DEFAULT = 11\ndef late(n=DEFAULT): return n", "return str(late())", "11"),
        ("value = 1", "global value\nvalue += 1\nreturn str(value)", "2"),
        ("def helper(): return 'first'\ndef helper(): return 'second'", "return helper()", "second"),
    ],
)  # fmt: skip
def test_what_a_workflow_uses_goes_with_it(kernel: Kernel, cell: str, body: str, result: str) -> None:
    kernel.good(cell)
    kernel.good(wrap(body))
    assert kernel.good("await execute(Flow)") == repr(result)


SHELLS = (
    "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_dh", "_i1", "_1", "__version__",
    "exit", "quit", "get_ipython", "open", "display",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["def {name}(s): return s.upper()", "{name} = lambda s: s.upper()"])
def test_a_name_that_ipython_uses_is_the_cells_that_binds_it(fresh_kernel: Kernel, kind: str) -> None:
    fresh_kernel.good("\n".join(kind.format(name=name) for name in SHELLS))
    fresh_kernel.good(wrap("return " + " + ".join(f"{name}('x')" for name in SHELLS)))
    fresh_kernel.good("'IPython writes over _i and the like'")
    assert fresh_kernel.good("print(await execute(Flow))").splitlines()[-1] == "X" * len(SHELLS)


@pytest.mark.parametrize("name", ["In", "Out"])
def test_a_type_of_such_a_name_is_found_in_annotations(fresh_kernel: Kernel, name: str) -> None:
    fresh_kernel.good(f"""
        from __future__ import annotations

        @dataclass
        class {name}:
            value: int

        @activity.defn
        async def add(given: {name}) -> {name}:
            return {name}(given.value + 1)

        @workflow.defn
        class Flow:
            @workflow.run
            async def run(self, given: {name}) -> {name}:
                limit = timedelta(seconds=60)
                return await workflow.execute_activity(add, given, start_to_close_timeout=limit)
    """)
    assert fresh_kernel.good(f"print(await execute(Flow, {name}(1), activities=[add]))") == f"{name}(value=2)"


def test_what_ipython_itself_puts_there_is_no_notebooks(kernel: Kernel) -> None:
    kernel.good("'a result'")
    kernel.good(wrap("return str(_)", "Ipythons"))
    assert "_" not in hows(kernel, "Ipythons")


def test_the_report_says_how_each_name_got_in(kernel: Kernel) -> None:
    kernel.good("""
        with workflow.unsafe.imports_passed_through():
            import nbformat
        import json, psutil, threading
        async def limits(): return {"tea": 2}
        LIMITS = await limits()
        db = threading.Lock()

        @dataclass
        class Order:
            item: str
        class OutOfStock(Exception): pass
        PRICES = {"tea": 3}
        CURRENCY = "EUR"
        def price(item): return PRICES[item]
        @activity.defn
        async def ship(order: Order) -> str:
            with db: return order.item + psutil.__name__
    """)
    kernel.good(
        wrap(
            "try:\n    nbformat, json, ship, LIMITS, CURRENCY, Order('x'), price('tea')\n"
            "except OutOfStock: pass",
            "Reported",
        )
    )
    again = "runs again in the sandbox"
    assert hows(kernel, "Reported") == {
        "Reported": again,
        "CURRENCY": again,
        "LIMITS": "copied",
        "Order": again,
        "OutOfStock": again,
        "PRICES": again,
        "activity": "imported",
        "dataclass": "imported",
        "db": "stays outside",
        "json": "imported",
        "nbformat": "imported, passed through",
        "price": again,
        "psutil": "imported, passed through",
        "ship": again,
        "threading": "imported, passed through",
        "workflow": "imported",
    }
    where = kernel.good("next(str(e) for e in snapshot(Reported).report if e.name == 'price')")
    assert f"In[{kernel.cells - 3}], line 14: def price(item):" in where


def test_a_library_that_is_imported_for_every_run_gets_a_hint(kernel: Kernel) -> None:
    kernel.good("import psutil as ps")
    kernel.good(wrap("return ps.__name__", "Slow"))
    hint = kernel.good("next(e.hint for e in snapshot(Slow).report if e.name == 'ps')")
    assert "imported again for every run" in hint
    assert kernel.good("next(e.hint for e in snapshot(Slow).report if e.name == 'workflow')") == "''"


def test_quoted_and_postponed_annotations_find_their_classes(fresh_kernel: Kernel) -> None:
    fresh_kernel.good("""
        from __future__ import annotations
        @dataclass
        class Order:
            tags: list[Tag]
            due: dt.date | None = None
        @dataclass
        class Tag:
            name: str
    """)
    fresh_kernel.good("""
        @workflow.defn
        class Annotated:
            @workflow.run
            async def run(self, order: Order) -> list[Tag]:
                assert isinstance(order, Order) and isinstance(order.tags[0], Tag)
                return order.tags
    """)
    assert fresh_kernel.good("await execute(Annotated, Order([Tag('new')]))") == "[Tag(name='new')]"


def test_pydantic_models_and_enums_keep_one_identity(kernel: Kernel) -> None:
    if "ImportError" in kernel.run("import pydantic").error:
        pytest.skip("pydantic is not installed")
    kernel.good("""
        from enum import StrEnum
        from pydantic import BaseModel
        class Kind(StrEnum):
            TEA = "tea"
        class Item(BaseModel):
            kind: Kind
    """)
    kernel.good(wrap("assert Kind('tea') is Kind.TEA\nreturn Item(kind='tea').kind.value", "Models"))
    assert kernel.good("await execute(Models)") == "'tea'"


def test_each_run_has_globals_of_its_own(kernel: Kernel) -> None:
    kernel.good("SEEN = []")
    kernel.good(wrap("SEEN.append(1)\nreturn str(len(SEEN))", "Isolated"))
    assert kernel.good("[await execute(Isolated), await execute(Isolated), SEEN]") == "['1', '1', []]"


def test_a_later_cell_does_not_change_a_worker_that_exists(kernel: Kernel) -> None:
    kernel.good("def rate(): return 'old'")
    kernel.good(wrap("return rate()", "Deployed"))
    kernel.good("""
        client = await Client.connect("localhost:7233")
        first = Worker(client, task_queue="deployed-1", workflows=[Deployed])
    """)
    kernel.good("def rate(): return 'new'")
    assert (
        kernel.good("""
        second = Worker(client, task_queue="deployed-2", workflows=[Deployed])
        results = []
        async with first, second:
            for n in (1, 2):
                results.append(await client.execute_workflow(
                    Deployed.run, id=f"deployed-{n}-{os.getpid()}", task_queue=f"deployed-{n}"))
        results
    """)
        == "['old', 'new']"
    )


def test_an_old_class_object_is_found_though_its_name_was_reused(kernel: Kernel) -> None:
    kernel.good(wrap("return 'first'", "Reused"))
    kernel.good("First = Reused")
    kernel.good(wrap("return 'second'", "Reused"))
    assert kernel.good("await execute(First), await execute(Reused)") == "('first', 'second')"


def test_two_workflows_share_helpers_and_children(kernel: Kernel) -> None:
    kernel.good("def shared(n): return n + 1")
    kernel.good("""
        @workflow.defn
        class Inner:
            @workflow.run
            async def run(self, n: int) -> int:
                return shared(n)
        @workflow.defn
        class Outer:
            @workflow.run
            async def run(self, n: int) -> int:
                return shared(await workflow.execute_child_workflow(Inner.run, n))
    """)
    assert (
        kernel.good("""
        client = await Client.connect("localhost:7233")
        async with Worker(client, task_queue="shared", workflows=[Inner, Outer]):
            total = await client.execute_workflow(
                Outer.run, 1, id=f"shared-{os.getpid()}", task_queue="shared")
        total
    """)
        == "3"
    )


def test_a_notebook_name_that_only_looks_used_is_left_out(kernel: Kernel) -> None:
    kernel.good("lab = object(); order = object()")
    kernel.good(wrap("order = 'lab'\nreturn order", "Local"))
    assert set(hows(kernel, "Local")) == {"Local", "workflow"}


def test_ipythons_own_open_stays_outside(kernel: Kernel) -> None:
    kernel.good(wrap("return open('/etc/hostname').read()", "Opens"))
    assert "open" not in hows(kernel, "Opens")


@pytest.mark.parametrize("magic", ["%%time", "%%capture", "%%prun -q"])
def test_a_cell_below_a_magic_is_as_good_as_any(kernel: Kernel, magic: str) -> None:
    kernel.good(f"{magic}\n\nimport json as hidden_json\n" + wrap("return hidden_json.dumps(1)", "Hidden"))
    assert kernel.good("await execute(Hidden)") == "'1'"


def test_a_function_made_in_a_loop_goes_with_it(kernel: Kernel) -> None:
    kernel.good("def make():\n    def inner(): return 1\n    return inner\nfor made in [make()]: pass")
    kernel.good(wrap("return str(made())", "Made"))
    assert kernel.good("await execute(Made)") == "'1'"


def test_a_function_of_an_awaiting_statement_needs_a_source(kernel: Kernel) -> None:
    kernel.good("def make():\n    def inner(): return 1\n    return inner")
    kernel.good("async def later(): return make()\nmade = await later()")
    kernel.good(wrap("return str(made())", "Made"))
    error = kernel.run("snapshot(Made)").error
    assert "function 'made' was made inside another function" in error
    assert "made = make_it(...)" in error


def test_the_report_shows_itself_as_a_table(kernel: Kernel) -> None:
    kernel.good("def shown(): return '<'")
    kernel.good(wrap("return shown()", "Shown"))
    text = kernel.good("snapshot(Shown).report").splitlines()
    assert text[0] == "Snapshot of Shown"
    assert text[1].split()[:2] == ["Shown", "runs"]
    page = kernel.good("print(snapshot(Shown).report._repr_html_())")
    assert page.count("<tr") == 4
    assert "<code>shown</code>" in page
