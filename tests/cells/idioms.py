"""Module-level Python as people write it, each with a workflow whose result shows what became of it.

Every idiom is run four ways (test_idioms.py): as a file, as cells with an embedded worker, as the module of a
worker process, as an exported project. A project decides what is right.
"""

from __future__ import annotations

import dataclasses
import textwrap

PRELUDE = """
import asyncio
import collections
import dataclasses
import datetime
import enum
import functools
import itertools
import random
import re
import time
import typing
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.worker import Worker
"""


@dataclasses.dataclass(frozen=True)
class Idiom:
    """Code of one or more cells.

    Attributes:
        name: What it is about.
        cells: Python; the last one defines `Flow`.
        expected: What `Flow` returns; `Type: message` if it is refused.
        activities: Expression for the worker's activities.
        args: Expression for the arguments of `Flow`.
    """

    name: str
    cells: tuple[str, ...]
    expected: str
    activities: str = "[]"
    args: str = "[]"

    @property
    def text(self) -> str:
        """The same as one file."""
        return "\n\n".join([PRELUDE, *self.cells]) + "\n"


def flow(body: str, *, bases: str = "", members: str = "", above: str = "@workflow.defn") -> str:
    """A workflow class whose run method has this body."""
    code = f"{above}\nclass Flow{bases}:\n"
    code += textwrap.indent(textwrap.dedent(members).strip("\n") + "\n", "    ") if members else ""
    code += "    @workflow.run\n    async def run(self, *given: typing.Any) -> str:\n"
    return code + textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")


def idiom(name: str, expected: str, *cells: str, activities: str = "[]", args: str = "[]") -> Idiom:
    """An idiom of cells that may be indented."""
    return Idiom(name, tuple(textwrap.dedent(cell).strip("\n") for cell in cells), expected, activities, args)


def refused(name: str) -> str:
    """The outcome where the sandbox refuses a call."""
    return f"RestrictedWorkflowAccessError: Cannot access {name}.__call__ from inside a workflow"


ACT = "return str(await workflow.execute_activity({}, schedule_to_close_timeout=timedelta(seconds=100)))"

IDIOMS = [
    # ---- what a cell does besides binding a name
    idiom(
        "attribute of a class set later",
        "5",
        "class Config:\n    RATE = 1",
        "Config.RATE = 5",
        flow("return str(Config.RATE)"),
    ),
    idiom(
        "method set later",
        "method",
        "class Cart: pass\ndef total(self): return 'method'",
        "Cart.total = total",
        flow("return Cart().total()"),
    ),
    idiom(
        "entry of a dict",
        "f",
        "ROUTES = {}\ndef f(): return 'f'",
        "ROUTES['x'] = f",
        flow("return ROUTES['x']()"),
    ),
    idiom(
        "entry deleted",
        "['b']",
        "ROUTES = {'a': len, 'b': max}",
        "del ROUTES['a']",
        flow("return str(sorted(ROUTES))"),
    ),
    idiom(
        "appended function",
        "1",
        "STEPS = []\ndef f(): return 1",
        "STEPS.append(f)",
        flow("return str(sum(step() for step in STEPS))"),
    ),
    idiom(
        "registering decorator",
        "ab",
        """
        REGISTRY = {}
        def register(f):
            REGISTRY[f.__name__] = f
            return f
        """,
        "@register\ndef a(): return 'a'\n@register\ndef b(): return 'b'",
        flow("return ''.join(sorted(f() for f in REGISTRY.values()))"),
    ),
    idiom(
        "router object",
        "handled",
        """
        class Router:
            def __init__(self): self.routes = {}
            def route(self, path):
                def add(f):
                    self.routes[path] = f
                    return f
                return add
        router = Router()
        """,
        "@router.route('a')\ndef handle(): return 'handled'",
        flow("return router.routes['a']()"),
    ),
    idiom(
        "router by an alias",
        "handled",
        """
        class Router:
            def __init__(self): self.routes = []
        router = Router()
        def handle(): return 'handled'
        """,
        "routes = router.routes\nroutes.append(handle)",
        flow("return router.routes[0]()"),
    ),
    idiom(
        "init_subclass",
        "['A', 'B']",
        """
        class Plugin:
            known = []
            def __init_subclass__(cls, **kw):
                super().__init_subclass__(**kw)
                Plugin.known.append(cls)
        """,
        "class A(Plugin): pass",
        "class B(Plugin): pass",
        flow("return str([c.__name__ for c in Plugin.known])"),
    ),
    idiom(
        "metaclass that registers",
        "['A']",
        """
        class Meta(type):
            made = []
            def __new__(mcs, name, bases, ns):
                cls = super().__new__(mcs, name, bases, ns)
                if bases: Meta.made.append(cls)
                return cls
        class Base(metaclass=Meta): pass
        """,
        "class A(Base): pass",
        flow("return str([c.__name__ for c in Meta.made])"),
    ),
    idiom(
        "subclasses asked for",
        "['Cat', 'Dog']",
        "class Animal: pass",
        "class Dog(Animal): pass\nclass Cat(Animal): pass",
        flow("return str(sorted(c.__name__ for c in Animal.__subclasses__()))"),
    ),
    idiom(
        "singledispatch",
        "int 3",
        "@functools.singledispatch\ndef describe(x): return 'any'",
        "@describe.register\ndef _(x: int): return f'int {x}'",
        flow("return describe(3)"),
    ),
    idiom(
        "singledispatch by call",
        "text",
        "@functools.singledispatch\ndef describe(x): return 'any'",
        "describe.register(str, lambda x: 'text')",
        flow("return describe('a')"),
    ),
    idiom(
        "setattr", "9", "class Config: pass", "setattr(Config, 'limit', 9)", flow("return str(Config.limit)")
    ),
    idiom(
        "globals assigned",
        "made",
        "globals()['made_by_hand'] = lambda: 'made'",
        flow("return made_by_hand()"),
    ),
    idiom(
        "globals read",
        "42",
        "def answer_of_life(): return 42",
        flow("return str(globals()['answer_of_life']())"),
    ),
    idiom("exec", "5", "exec('def five(): return 5')", flow("return str(five())")),
    idiom(
        "functions made in a loop",
        "3",
        "def make(n):\n    return lambda: n",
        "for number in range(1, 3):\n    globals()[f'get_{number}'] = make(number)",
        flow("return str(get_1() + get_2())"),
    ),
    idiom("augmented number", "3", "N = 1", "N += 2", flow("return str(N)")),
    idiom("augmented list", "[1, 2]", "XS = [1]", "XS += [2]", flow("return str(XS)")),
    idiom("set added to", "2", "RULES = {len}", "RULES.add(max)", flow("return str(len(RULES))")),
    idiom("update", "['a', 'b']", "OPS = {'a': len}", "OPS.update(b=max)", flow("return str(sorted(OPS))")),
    idiom(
        "map for its effect",
        "2",
        "STEPS = []\ndef f(): return 1\ndef g(): return 1",
        "list(map(STEPS.append, [f, g]))",
        flow("return str(sum(s() for s in STEPS))"),
    ),
    idiom(
        "helper that changes its argument",
        "1",
        """
        STEPS = []
        def f(): return 1
        def put(where, what): where.append(what)
        """,
        "put(STEPS, f)",
        flow("return str(sum(s() for s in STEPS))"),
    ),
    idiom(
        "setup function",
        "2",
        "LIMIT = None\ndef setup():\n    global LIMIT\n    LIMIT = 2",
        "setup()",
        flow("return str(LIMIT)"),
    ),
    idiom(
        "counter of a closure",
        "3",
        """
        def counter():
            n = 0
            def step():
                nonlocal n
                n += 1
                return n
            return step
        count = counter()
        """,
        "count(); count()",
        flow("return str(count())"),
    ),
    idiom(
        "defaultdict touched",
        "['b']",
        "GROUPS = collections.defaultdict(list)",
        "GROUPS['b'].append(len)",
        flow("return str(list(GROUPS))"),
    ),
    idiom(
        "chained object",
        "3",
        """
        class Pipe:
            def __init__(self): self.steps = []
            def then(self, f):
                self.steps.append(f)
                return self
        pipe = Pipe()
        """,
        "pipe.then(lambda n: n + 1).then(lambda n: n * 3)",
        flow("n = 0\nfor step in pipe.steps: n = step(n)\nreturn str(n)"),
    ),
    # ---- which binding is meant
    idiom(
        "two times of a name",
        "6 100",
        "def times(n): return K * n\nK = 2",
        "SIX = times(3)\nK = 100",
        flow("return f'{SIX} {K}'"),
    ),
    idiom(
        "redefined function",
        "second",
        "def helper(): return 'first'",
        "def helper(): return 'second'",
        flow("return helper()"),
    ),
    idiom(
        "wrapped function",
        "<old>",
        "def helper(): return 'old'",
        "old_helper = helper\ndef helper(): return f'<{old_helper()}>'",
        flow("return helper()"),
    ),
    idiom(
        "branch taken",
        "fast",
        "FAST = True",
        """
        if FAST:
            def run_it(): return 'fast'
        else:
            def run_it(): return 'slow'
        """,
        flow("return run_it()"),
    ),
    idiom(
        "fallback import",
        "[1]",
        "try:\n    import no_json as js\nexcept ImportError:\n    import json as js",
        flow("return js.dumps([1])"),
    ),
    idiom("star import", "4", "from math import *", flow("return str(floor(sqrt(17)))")),
    idiom(
        "match at top level",
        "two",
        """
        MODE = 2
        match MODE:
            case 1: word = 'one'
            case _: word = 'two'
        """,
        flow("return word"),
    ),
    idiom("while at top level", "4", "n = 1\nwhile n < 4:\n    n += 1", flow("return str(n)")),
    idiom(
        "comprehension of functions",
        "[0, 2, 4]",
        "DOUBLES = [lambda n=n: n * 2 for n in range(3)]",
        flow("return str([f() for f in DOUBLES])"),
    ),
    idiom("walrus", "3", "(n := 3)", flow("return str(n)")),
    idiom("tuple unpacking", "1 2", "first, (second, *rest) = 1, (2, 3)", flow("return f'{first} {second}'")),
    idiom(
        "deleted name",
        "NameError: name 'gone' is not defined",
        "gone = 1",
        "del gone",
        flow("return str(gone)"),
    ),
    idiom(
        "context manager at top level",
        "inside",
        """
        import contextlib
        @contextlib.contextmanager
        def opened(): yield 'inside'
        """,
        "with opened() as what:\n    WHERE = what",
        flow("return WHERE"),
    ),
    # ---- types
    idiom(
        "class hierarchy",
        "True True",
        "@dataclass\nclass Shape:\n    n: int = 1\nclass Square(Shape): pass",
        flow("return f'{isinstance(Square(), Shape)} {issubclass(Square, Shape)}'"),
    ),
    idiom(
        "plain class beside a dataclass",
        "True",
        """
        class Base: pass
        @dataclass
        class Item(Base):
            n: int = 1
        """,
        flow("return str(isinstance(Item(), Base))"),
    ),
    idiom(
        "argument of a dataclass",
        "True 3",
        "@dataclass\nclass Order:\n    n: int",
        """
          @workflow.defn
          class Flow:
              @workflow.run
              async def run(self, order: Order) -> str:
                  return f"{isinstance(order, Order)} {order.n}"
          """,
        args="[Order(3)]",
    ),
    idiom(
        "nested dataclasses",
        "Line",
        """
        @dataclass
        class Line:
            n: int
        @dataclass
        class Order:
            lines: list[Line]
        """,
        """
          @workflow.defn
          class Flow:
              @workflow.run
              async def run(self, order: Order) -> str:
                  return type(order.lines[0]).__name__
          """,
        args="[Order([Line(1)])]",
    ),
    idiom(
        "enum",
        "True tea",
        "class Kind(enum.StrEnum):\n    TEA = 'tea'",
        """
          @workflow.defn
          class Flow:
              @workflow.run
              async def run(self, kind: Kind) -> str:
                  return f"{kind is Kind.TEA} {kind.value}"
          """,
        args="[Kind.TEA]",
    ),
    idiom(
        "exception caught by its class",
        "caught",
        "class Sold(Exception): pass\ndef sell(): raise Sold",
        flow("try:\n    sell()\nexcept Sold:\n    return 'caught'"),
    ),
    idiom(
        "activity's result type",
        "True",
        """
        @dataclass
        class Receipt:
            n: int
        @activity.defn
        async def pay() -> Receipt:
            return Receipt(1)
        """,
        flow("""
        receipt = await workflow.execute_activity(pay, schedule_to_close_timeout=timedelta(seconds=100))
        return str(isinstance(receipt, Receipt))
        """),
        activities="[pay]",
    ),
    idiom(
        "named tuple",
        "(1, 2)",
        "class P(typing.NamedTuple):\n    x: int\n    y: int",
        flow("return str(tuple(P(1, 2)))"),
    ),
    idiom("typed dict", "{'n': 1}", "class T(typing.TypedDict):\n    n: int", flow("return str(T(n=1))")),
    idiom(
        "protocol",
        "True",
        """
        @typing.runtime_checkable
        class Greets(typing.Protocol):
            def greet(self): ...
        class Person:
            def greet(self): return 'hi'
        """,
        flow("return str(isinstance(Person(), Greets))"),
    ),
    idiom(
        "generic",
        "4",
        """
        T = typing.TypeVar('T')
        class Box(typing.Generic[T]):
            def __init__(self, v: T): self.v = v
        """,
        flow("return str(Box[int](4).v)"),
    ),
    idiom(
        "abstract class",
        "made",
        """
        import abc
        class Maker(abc.ABC):
            @abc.abstractmethod
            def make(self): ...
        class Real(Maker):
            def make(self): return 'made'
        """,
        flow("return Real().make()"),
    ),
    idiom(
        "quoted annotations",
        "2",
        "@dataclass\nclass Node:\n    n: int\n    next: 'Node | None' = None",
        """
          @workflow.defn
          class Flow:
              @workflow.run
              async def run(self, node: Node) -> str:
                  return str(node.next.n)
          """,
        args="[Node(1, Node(2))]",
    ),
    idiom(
        "object of a cell's class",
        "5",
        "class Cart:\n    def __init__(self): self.n = 5\ncart = Cart()",
        flow("return f'{cart.n}' if isinstance(cart, Cart) else 'another class'"),
    ),
    # ---- workflows
    idiom(
        "inherited run",
        "base",
        """
        class Base:
            @workflow.run
            async def run(self) -> str:
                return self.word()
        @workflow.defn
        class Flow(Base):
            def word(self): return 'base'
            @workflow.run
            async def run(self) -> str:
                return await super().run()
        """,
    ),
    idiom(
        "mixin",
        "mixed",
        "class Mixin:\n    def word(self): return 'mixed'",
        flow("return self.word()", bases="(Mixin)"),
    ),
    idiom(
        "workflow that is a dataclass",
        refused("random.random"),
        flow("return str(random.random())", above="@workflow.defn\n@dataclass"),
    ),
    idiom(
        "workflow that carries an activity",
        refused("random.random"),
        flow("return str(random.random())", members="@activity.defn\nasync def act(self) -> None: ..."),
    ),
    idiom(
        "decorated workflow class",
        "noted",
        """
        def noted(cls):
            cls.note = 'noted'
            return cls
        """,
        flow("return self.note", above="@noted\n@workflow.defn"),
    ),
    idiom(
        "helpers and constants",
        "2 s",
        "PAUSE = timedelta(seconds=2)\ndef words(d): return f'{d.seconds} s'",
        flow("return words(PAUSE)"),
    ),
    # ---- what a sandbox refuses
    idiom(
        "random in a helper",
        refused("random.randint"),
        "def dice(): return random.randint(1, 6)",
        flow("return str(dice())"),
    ),
    idiom(
        "activity called directly",
        refused("random.randint"),
        "@activity.defn\nasync def roll() -> int: return random.randint(1, 6)",
        flow("return str(await roll())"),
    ),
    idiom(
        "default factory that rolls dice",
        refused("uuid.uuid4"),
        "@dataclass\nclass Order:\n    id: uuid.UUID = field(default_factory=uuid.uuid4)",
        flow("return str(Order().id)"),
    ),
    idiom(
        "method of a data class that asks the clock",
        refused("datetime.datetime.now"),
        "@dataclass\nclass Order:\n    n: int = 1\n    def due(self): return datetime.datetime.now()",
        flow("return str(Order().due())"),
    ),
    idiom(
        "now at module level",
        refused("datetime.datetime.now"),
        "STARTED = datetime.datetime.now()",
        flow("return str(STARTED)"),
    ),
    idiom("uuid at module level", "36", "TOKEN = uuid.uuid4()", flow("return str(len(str(TOKEN)))")),
    idiom(
        "handler in a dict that rolls dice",
        refused("random.random"),
        "ROLL = {'dice': lambda: random.random()}",
        flow("return str(ROLL['dice']())"),
    ),
    idiom("alias of the clock", refused("time.time"), "now = time.time", flow("return str(now())")),
    # ---- activities
    idiom(
        "method activity",
        "north",
        """
        class Store:
            def __init__(self, name): self.name = name
            @activity.defn
            async def ship(self) -> str: return self.name
        store = Store('north')
        """,
        flow(ACT.format("Store.ship")),
        activities="[store.ship]",
    ),
    idiom(
        "activities by a variable",
        "ab",
        """
        @activity.defn
        async def a() -> str: return 'a'
        @activity.defn
        async def b() -> str: return 'b'
        ALL = [a, b]
        """,
        flow("""
        soon = timedelta(seconds=10)
        word = ''
        for each in ALL: word += await workflow.execute_activity(each, schedule_to_close_timeout=soon)
        return word
        """),
        activities="ALL",
    ),
    idiom(
        "activity with a wrapped body",
        "A",
        """
        def loud(f):
            @functools.wraps(f)
            async def inner(*args): return (await f(*args)).upper()
            return inner
        @activity.defn
        @loud
        async def say() -> str: return 'a'
        """,
        flow(ACT.format("say")),
        activities="[say]",
    ),
    idiom(
        "globals of the activity stay its own",
        "1",
        """
        SEEN = []
        @activity.defn
        async def note() -> int:
            SEEN.append(1)
            return len(SEEN)
        """,
        flow(ACT.format("note")),
        activities="[note]",
    ),
    idiom("each run has its own globals", "1", "RUNS = []", flow("RUNS.append(1)\nreturn str(len(RUNS))")),
    idiom(
        "from temporalio.workflow import",
        "ran",
        """
        from temporalio.workflow import defn, run
        @defn
        class Flow:
            @run
            async def run(self) -> str: return 'ran'
        """,
    ),
    idiom(
        "partial and cache",
        "[5, 4]",
        """
        add = functools.partial(int.__add__, 2)
        @functools.lru_cache
        def cached(n): return n
        """,
        flow("return str([add(3), cached(4)])"),
    ),
    idiom(
        "descriptor and property",
        "10",
        """
        class Twice:
            def __get__(self, obj, owner): return obj.n * 2
        class Item:
            twice = Twice()
            def __init__(self): self.n = 5
        """,
        flow("return str(Item().twice)"),
    ),
    idiom(
        "ordered by total_ordering",
        "True",
        """
        @functools.total_ordering
        class V:
            def __init__(self, n): self.n = n
            def __eq__(self, o): return self.n == o.n
            def __lt__(self, o): return self.n < o.n
        """,
        flow("return str(V(2) >= V(1))"),
    ),
    idiom("regular expression", "ab", "WORD = re.compile('[a-z]+')", flow("return WORD.match('ab1')[0]")),
]
