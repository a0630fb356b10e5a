"""A notebook's definitions as a module that another process imports."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys
import textwrap

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib.cells import write_worker_module
from tutorial_lib.errors import ExportError

RUNNER = """
import asyncio, importlib, sys
folder, module, address, queue, expression = sys.argv[1:]
sys.path.insert(0, folder)
exported = importlib.import_module(module)
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

async def main():
    client = await Client.connect(address)
    activities = [exported.act] if hasattr(exported, "act") else []
    async with Worker(client, task_queue=queue, workflows=[exported.Exported], activities=activities):
        arguments = eval(expression, vars(exported))
        handle = await client.start_workflow(
            "Exported", args=arguments, id=queue, task_queue=queue, result_type=str)
        print(await handle.result())
    await asyncio.sleep(0.02)

asyncio.run(main())
"""


class Export:
    """Writes the kernel's `Exported` and `act` into a folder, and runs them in a process of their own."""

    def __init__(self, kernel: Kernel, folder: pathlib.Path, address: str, queue: str) -> None:
        self._kernel, self._folder, self._address, self._queue = kernel, folder, address, queue
        self.text = ""

    def __call__(self, *cells: str, arguments: str = "[]") -> str:
        for cell in cells:
            self._kernel.good(cell)
        definitions = "[Exported, act]" if "act" in cells[-1] else "[Exported]"
        module = self._kernel.good(f"""
            from tutorial_lib.cells import write_worker_module
            written = write_worker_module({definitions}, {str(self._folder)!r})
            print(written.module)
        """)
        self.text = (self._folder / f"{module}.py").read_text()
        command = [sys.executable, "-c", RUNNER, self._folder, module, self._address, self._queue, arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
        assert done.returncode == 0, done.stderr[-3000:] + self.text
        return done.stdout.strip()


@pytest.fixture
def export(kernel: Kernel, tmp_path: pathlib.Path, dev_server_address: str, unique) -> Export:
    return Export(kernel, tmp_path / "a folder with spaces", dev_server_address, unique("export"))


def flow(body: str) -> str:
    return (
        "@workflow.defn\nclass Exported:\n    @workflow.run\n    async def run(self, *given: str) -> str:\n"
        + textwrap.indent(body, "        ")
    )


ACT = "return await workflow.execute_activity(act, {}, schedule_to_close_timeout=timedelta(seconds=100))"


def test_a_workflow_goes_with_its_helpers_and_imports(export: Export) -> None:
    helpers = """
        import json as exported_json
        LIMIT = 3  # the most
        def _inner(n): return min(n, LIMIT)
        def outer(n):
            # kept as typed
            return exported_json.dumps(_inner(n))
    """
    assert export(helpers, flow("return outer(9)")) == "3"
    assert "LIMIT = 3  # the most" in export.text
    assert "    # kept as typed" in export.text
    assert "import json as exported_json" in export.text


def test_what_only_activities_import_is_passed_through_the_sandbox(export: Export) -> None:
    setup = """
        import nbformat, psutil
        @activity.defn
        async def act(order: str) -> str:
            return f"{order} {nbformat.__name__} {psutil.__name__}"
    """
    assert export(setup, flow(ACT.format("'x'"))) == "x nbformat psutil"
    block = export.text[export.text.index("with workflow.unsafe.imports_passed_through():") :]
    assert "    import nbformat\n    import psutil\n" in block


def test_values_are_made_again_and_what_was_awaited_is_stored(export: Export) -> None:
    setup = """
        @dataclass
        class Row:
            n: int
        ROWS = []
        ROWS.append(Row(1))
        from pathlib import Path
        async def somewhere(): return Path("/srv")
        WHERE = await somewhere()
        TARGET = WHERE / "out"
        ABOVE = 5
    """
    assert (
        export(setup, flow("return f'{ROWS} {TARGET} {ABOVE}'")) == f"[Row(n=1)] {pathlib.Path('/srv/out')} 5"
    )
    assert "ABOVE = 5" in export.text
    assert "ROWS.append(Row(1))" in export.text
    assert "WHERE = _stored(" in export.text


def test_data_classes_decorators_partials_and_aliases_arrive(export: Export) -> None:
    setup = """
        from functools import lru_cache, partial
        from enum import StrEnum
        class Size(StrEnum):
            S = "s"
        @dataclass
        class Shirt:
            size: Size = Size.S
            tags: list[str] = field(default_factory=list)
        @lru_cache
        def cached(n): return n
        add = partial(int.__add__, 2)
        also = cached
        def make(k):
            def inner(n): return n * k
            return inner
        triple = make(3)
        quick = lambda n: n + 1
        D = dt.datetime
        HANDLERS = {"cached": cached}
    """
    body = """
        shirt = Shirt(tags=["new"])
        numbers = [add(1), also(4), triple(2), quick(1), HANDLERS["cached"](9)]
        return f"{shirt.size.value} {shirt.tags} {numbers} {D(2026, 1, 1).year}"
    """
    assert export(setup, flow(textwrap.dedent(body).strip())) == "s ['new'] [3, 4, 6, 2, 9] 2026"


def test_postponed_annotations_stay_postponed(
    fresh_kernel: Kernel, tmp_path, dev_server_address, unique
) -> None:
    export = Export(fresh_kernel, tmp_path, dev_server_address, unique("export"))
    cells = [
        "from __future__ import annotations\n@dataclass\nclass Early:\n    late: Late\n",
        "@dataclass\nclass Late:\n    n: int\n",
        """
            @workflow.defn
            class Exported:
                @workflow.run
                async def run(self, early: Early) -> str:
                    return repr(early.late)
        """,
    ]
    assert export(*cells, arguments="[Early(Late(1))]") == "Late(n=1)"
    assert export.text.splitlines()[2] == "from __future__ import annotations"


def test_the_same_definitions_give_the_same_module_and_an_edit_another(kernel: Kernel, tmp_path) -> None:
    kernel.good(flow("return 'one'"))
    kernel.good("from tutorial_lib.cells import write_worker_module")
    write = f"write_worker_module([Exported], {str(tmp_path)!r}).module"
    first = kernel.good(write)
    assert kernel.good(write) == first
    kernel.good(flow("return 'two'"))
    assert kernel.good(write) != first


def test_references_name_module_and_definition(kernel: Kernel, tmp_path) -> None:
    (tmp_path / "tools_of_ours.py").write_text(
        "from temporalio import activity\n@activity.defn\nasync def act(): ...\n"
    )
    kernel.good(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom tools_of_ours import act as outside"
    )
    kernel.good(flow("return ''"))
    kernel.good(f"written = write_worker_module([Exported, outside], {str(tmp_path)!r}, name='here')")
    assert kernel.good("written.reference(Exported), written.reference(outside)") == (
        "('here:Exported', 'tools_of_ours:act')"
    )
    assert kernel.run("written.reference(print)").error.startswith("ExportError: 'print' is not in here.py.")


METHODS = """
    class Shop:
        def __init__(self, name: str) -> None:
            self.name = name
        @activity.defn
        async def sell(self) -> str:
            return self.name
    class Carrier:
        @activity.defn
        async def carry(self) -> str:
            return "carried"
    shop = Shop("north")
"""


def test_methods_of_named_and_unnamed_objects_arrive(kernel: Kernel, tmp_path) -> None:
    kernel.good("from tutorial_lib.cells import write_worker_module")
    kernel.good(METHODS)
    kernel.good(
        f"given = [shop.sell, Carrier().carry]\nwritten = write_worker_module(given, {str(tmp_path)!r})"
    )
    references = ast.literal_eval(kernel.good("[written.reference(each) for each in given]"))
    done = subprocess.run(
        [sys.executable, "-c", LOAD, tmp_path, *references], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["north", "carried"], done.stderr


LOAD = """
import asyncio, importlib, operator, sys
sys.path.insert(0, sys.argv[1])
for reference in sys.argv[2:]:
    module, _, name = reference.partition(":")
    print(asyncio.run(operator.attrgetter(name)(importlib.import_module(module))()))
"""


def test_what_only_activities_hold_begins_anew_in_another_process(export: Export) -> None:
    setup = """
        shelf = {}
        @activity.defn
        async def act(name: str) -> str:
            shelf[name] = len(shelf)
            return f"{shelf}"
        await act("here")
    """
    assert export(setup, flow(ACT.format("'there'"))) == "{'there': 0}"
    assert "if not workflow.unsafe.in_sandbox():" in export.text


@pytest.mark.parametrize(
    ("setup", "definition", "message"),
    [
        (
            """
                import threading
                async def made(): return threading.Lock()
                held = await made()
                @activity.defn
                async def act() -> None:
                    held.acquire()
            """,
            "act",
            "'held' (lock) cannot be taken to another process.",
        ),
        (
            """
                import threading
                class Shop:
                    def __init__(self): self.lock = threading.Lock()
                    @activity.defn
                    async def sell(self) -> None: ...
            """,
            "Shop().sell",
            "'shop_0' (Shop) cannot be taken to another process.",
        ),
        ("nothing = 5", "nothing", "int object 5 is neither a workflow class nor an activity."),
        (
            """
                def outer():
                    @activity.defn
                    async def inner() -> None: ...
                    return inner
                async def later(): return outer()
                inner = await later()
            """,
            "inner",
            "The cell that defines 'inner' cannot be found.",
        ),
    ],
)
def test_what_cannot_travel_is_named(
    kernel: Kernel, tmp_path, setup: str, definition: str, message: str
) -> None:
    kernel.good("from tutorial_lib.cells import write_worker_module")
    kernel.good(setup)
    error = kernel.run(f"write_worker_module([{definition}], {str(tmp_path)!r})").error
    assert error.startswith(f"ExportError: {message}")
    assert "\n  → " in error


def test_outside_a_notebook_only_modules_can_be_referred_to(tmp_path) -> None:
    async def local() -> None: ...

    with pytest.raises(ExportError, match="made inside another function"):
        write_worker_module([local], tmp_path)
    written = write_worker_module([test_references_name_module_and_definition], tmp_path)
    assert written.reference(test_references_name_module_and_definition).endswith(
        ":test_references_name_module_and_definition"
    )
