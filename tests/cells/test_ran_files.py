"""`%run`: a file is a file. Its workflows get all of it, as a script's do, and its names are its own."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel

HEAD = """
import asyncio, threading, uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker
QUEUE = uuid.uuid4().hex
"""
# Of the shape that the SDK's samples have: all in one file, which makes its worker and runs its workflow.
TAIL = """
async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue=QUEUE, workflows=[Flow], activities=ACTIVITIES,
                      activity_executor=ThreadPoolExecutor(5)):
        print(await client.execute_workflow(
            Flow.run, "Ada", id=uuid.uuid4().hex, task_queue=QUEUE, execution_timeout=timedelta(seconds=100)))


if __name__ == "__main__":
    asyncio.run(main())
"""
GREETING = """
ACTIVITIES = []
WORD = "hello"
def greeting(name):
    return f"{WORD} {name}"
@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> str:
        return greeting(name)
"""
PROGRAMS = {
    "an activity on threads": (
        """
with open(__file__) as own_text:
    LINES = len(own_text.readlines())
@dataclass
class Input:
    greeting: str
    name: str
@activity.defn
def compose(given: Input) -> str:
    return f"{given.greeting}, {given.name}! {threading.current_thread() is threading.main_thread()}"
ACTIVITIES = [compose]
@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> str:
        soon = timedelta(seconds=10)
        said = await workflow.execute_activity(compose, Input("Hello", name), start_to_close_timeout=soon)
        return f"{said} {LINES > 10}"
""",
        "Hello, Ada! False True",
    ),
    "children and signals": (
        """
import enum
class Size(enum.IntEnum):
    BIG = 2
SIZES = {size.name: size for size in Size}
ACTIVITIES = []
@dataclass
class Box:
    size: Size
@workflow.defn(sandboxed=True)
class Child:
    def __init__(self):
        self.box = None
    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.box is not None)
        return self.box.size.name
    @workflow.signal
    def pack(self, box: Box) -> None:
        self.box = box
@workflow.defn
class Parent:
    @workflow.run
    async def run(self, name: str) -> str:
        child = await workflow.start_child_workflow(Child.run, id=f"{workflow.info().workflow_id}-child")
        await child.signal(Child.pack, Box(SIZES["BIG"]))
        return f"{name} {await child}"
async def main():
    client = await Client.connect("localhost:7233")
    soon = timedelta(seconds=30)
    async with Worker(client, task_queue=QUEUE, workflows=[Parent, Child]):
        own = uuid.uuid4().hex
        print(await client.execute_workflow(
            Parent.run, "Ada", id=own, task_queue=QUEUE, execution_timeout=soon))
if __name__ == "__main__":
    asyncio.run(main())
__name__ = "done"
""",
        "Ada BIG",
    ),
    "pydantic": (
        """
with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel
class Item(BaseModel):
    price: float
class Cart(BaseModel):
    items: list[Item]
ACTIVITIES = []
@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> str:
        cart = Cart.model_validate_json('{"items": [{"price": 2.5}]}')
        return f"{name} {sum(item.price for item in cart.items)}"
""",
        "Ada 2.5",
    ),
    "what only a whole file has": (
        """
ACTIVITIES, STEPS = [], []
def step(function):
    STEPS.append(function.__name__)
    return function
for _letter in "ab":
    @step
    def made(letter=_letter): return letter
try:
    import no_such_module
except ImportError:
    FOUND = False
else:
    FOUND = True
def _later():
    global LATE
    LATE = "late"
_later()
@workflow.defn
class Flow:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"{name} {STEPS} {made()} {FOUND} {LATE}"
""",
        "Ada ['made', 'made'] b False late",
    ),
}


def write(path: Path, body: str) -> Path:
    """A program as a file."""
    path.write_text(HEAD + body + TAIL)
    return path


@pytest.fixture
def kernel(kernel: Kernel, tmp_path: Path) -> Kernel:
    """A kernel whose working directory is the test's own."""
    kernel.good(f"%cd -q {tmp_path}")
    return kernel


WORK = """
    async with Worker(await Client.connect("localhost:7233"), task_queue=QUEUE, workflows=[{}]) as worker:
        found = [await worker.client.execute_workflow(
            flow.run, "Ada", id=f"{{QUEUE}}-{{flow.__name__}}", task_queue=QUEUE,
            execution_timeout=timedelta(seconds=100)) for flow in [{}]]
    " ".join(found)
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_runs_as_a_script_does(kernel: Kernel, tmp_path: Path, name: str) -> None:
    body, printed = PROGRAMS[name]
    write(tmp_path / "program.py", body)
    for _ in range(2):
        assert kernel.good("%run program.py") == printed


@pytest.mark.parametrize("line", ["%run program.py", "%run program", "%run -m program", "%run -t program.py"])
def test_an_edit_is_taken(kernel: Kernel, tmp_path: Path, line: str) -> None:
    write(tmp_path / "program.py", GREETING)
    assert kernel.good(line).startswith("hello Ada")
    write(tmp_path / "program.py", GREETING.replace("hello", "edited"))
    assert kernel.good(line).startswith("edited Ada")
    edit = (
        "import pathlib; program = pathlib.Path('program.py')\n"
        "program.write_text(program.read_text().replace('edited', 'again'))"
    )
    assert kernel.good(f"{edit}\n{line}").startswith("again Ada")
    # A worker of a cell runs what the notebook has, as every worker of cells does, not what was edited since.
    write(tmp_path / "program.py", GREETING.replace("hello", "later"))
    assert kernel.good(WORK.format("Flow", "Flow")) == "'again Ada'"


def test_names_of_cells_and_of_other_files_are_not_the_files(kernel: Kernel, tmp_path: Path) -> None:
    write(tmp_path / "one.py", GREETING.replace("Flow", "One").replace("hello", "one") + "Flow = One\n")
    write(tmp_path / "two.py", GREETING.replace("Flow", "Two").replace("hello", "two") + "Flow = Two\n")
    kernel.good("WORD = 'cell'")
    assert kernel.good("%run one.py") == "one Ada"
    assert kernel.good("%run two.py") == "two Ada"
    kernel.good("WORD = 'cell'\ndef greeting(name): return 'of a cell'")
    assert kernel.good(WORK.format("One, Two", "One, Two")) == "'one Ada two Ada'"


def test_modules_beside_the_file_are_found_when_it_has_ended(kernel: Kernel, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / f"{tmp_path.name.replace('-', '_')}_words.py").write_text("WORD = 'beside'\n")
    body = GREETING.replace('WORD = "hello"', f"from {tmp_path.name.replace('-', '_')}_words import WORD")
    write(below / "program.py", body)
    assert kernel.good("%run below/program.py") == "beside Ada"
    assert kernel.good(WORK.format("Flow", "Flow")) == "'beside Ada'"


def test_with_i_the_file_is_one_of_the_cells(kernel: Kernel, tmp_path: Path) -> None:
    write(tmp_path / "program.py", GREETING.replace('WORD = "hello"', ""))
    kernel.good("WORD = 'of the cell'")
    assert kernel.good("%run -i program.py") == "of the cell Ada"


def test_a_program_without_a_guard_is_told_as_that(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + GREETING + TAIL.replace('if __name__ == "__main__":\n    ', ""))
    output = kernel.run("%run program.py")
    # `%run` shows an error of the file itself.
    assert "program.py begins its program again when the sandbox loads the workflow in it." in output.error
    assert '`if __name__ == "__main__":`' in output.error


def test_a_relative_import_fails_as_it_does_in_a_script(kernel: Kernel, tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "words.py").write_text("WORD = 'of the package'\n")
    write(package / "program.py", GREETING.replace('WORD = "hello"', "from .words import WORD"))
    assert (
        "name the package, as in `from package.module import ...`" in kernel.run("%run -m shop.program").error
    )
    write(package / "program.py", GREETING.replace('WORD = "hello"', "from shop.words import WORD"))
    assert kernel.good("%run -m shop.program") == "of the package Ada"


def test_a_failure_type_of_the_file_fails_the_workflow(kernel: Kernel, tmp_path: Path) -> None:
    body = textwrap.dedent("""
        ACTIVITIES = []
        class Refused(Exception): pass
        @workflow.defn(failure_exception_types=[])
        class Flow:
            @workflow.run
            async def run(self, name: str) -> str:
                raise Refused(name)
    """)
    tail = TAIL.replace("ACTIVITIES,", "ACTIVITIES, workflow_failure_exception_types=[Refused],")
    (tmp_path / "program.py").write_text(HEAD + body + tail)
    assert "WorkflowFailureError" in kernel.run("%run program.py").error


def test_a_worker_process_gets_what_its_workflow_needs(kernel: Kernel, tmp_path: Path) -> None:
    write(tmp_path / "program.py", GREETING)
    kernel.good("%run program.py")
    kernel.good(f"""
        from tutorial_lib.cells import write_worker_module
        module = write_worker_module([Flow], {str(tmp_path / "out")!r}, name="made")
    """)
    kernel.good(f"import sys; sys.path.insert(0, {str(tmp_path / 'out')!r}); import made; sys.path.pop(0)")
    assert kernel.good("made.greeting('Ada')") == "'hello Ada'"
    kernel.good("del made")  # which cannot be imported any more: the next test's worker would try to
