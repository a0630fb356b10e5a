"""Failures are told in two or three lines that point at the cell."""

from __future__ import annotations

import logging
import pathlib
import subprocess
import sys
import textwrap

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib.cells.failures.causes import MOST, causes_of
from tutorial_lib.cells.failures.log import FailureLog, message_of, short_traceback

RUN_UNTIL_FAILED = """
    # Of this process: other tests run beside it on the same server.
    IT = f"it-{os.getpid()}"

    async def run_until(cls, *, event, activities=(), worker=None, workflow_id=IT, seconds=0.0):
        client = await Client.connect("localhost:7233")
        queue = f"{workflow_id}-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[worker or cls], activities=activities):
            handle = await client.start_workflow(
                cls if isinstance(cls, str) else cls.run, id=workflow_id, task_queue=queue)
            for _ in range(400):
                history = await handle.fetch_history()
                if any(e.HasField(event) for e in history.events):
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(seconds)
            await handle.terminate()
"""
TASK_FAILED = "workflow_task_failed_event_attributes"


def test_a_failed_workflow_task_points_at_the_cell_and_is_told_once(kernel: Kernel) -> None:
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good("""
        @workflow.defn
        class Greeting:
            @workflow.run
            async def run(self) -> str:
                return f"hello {random.random()}"
    """)
    cell = kernel.cells
    # Long enough for the server to retry the task more than once.
    output = kernel.run(
        f"await run_until(Greeting, event='{TASK_FAILED}', workflow_id='greet-ada', seconds=1.5)"
    )
    assert output.stderr.splitlines() == [
        "WORKFLOW TASK FAILED Greeting 'greet-ada'",
        "  RestrictedWorkflowAccessError: Cannot access random.random.__call__ from inside a workflow",
        f'  Cell In[{cell}], line 5: return f"hello {{random.random()}}"',
    ]


def test_an_error_in_a_helper_points_at_the_helper(kernel: Kernel) -> None:
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good("def divide(n):\n    return 1 / n")
    cell = kernel.cells
    kernel.good("""
        @workflow.defn
        class Divides:
            @workflow.run
            async def run(self) -> float:
                return divide(0)
    """)
    output = kernel.run(f"await run_until(Divides, event='{TASK_FAILED}')")
    assert output.stderr.splitlines()[1:] == [
        "  ZeroDivisionError: division by zero",
        f"  Cell In[{cell}], line 2: return 1 / n",
    ]


def test_a_deadlock_points_at_the_line_that_does_not_yield(kernel: Kernel) -> None:
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good("""
        @workflow.defn
        class Busy:
            @workflow.run
            async def run(self) -> None:
                n = 0
                while True: n += 1
    """)
    output = kernel.run(f"await run_until(Busy, event='{TASK_FAILED}', workflow_id='busy-1')")
    lines = output.stderr.splitlines()
    assert lines[0] == "WORKFLOW TASK FAILED Busy 'busy-1'"
    assert lines[1].startswith("  [TMPRL1101] Potential deadlock detected")
    assert lines[2].endswith("line 6: while True: n += 1")


def test_non_determinism_is_told_in_two_lines(kernel: Kernel) -> None:
    kernel.good("""
        @workflow.defn
        class Edited:
            @workflow.run
            async def run(self) -> None:
                await workflow.sleep(0.2)
                await workflow.sleep(0.2)
        client = await Client.connect("localhost:7233")
        async with Worker(client, task_queue="edited", workflows=[Edited]):
            handle = await client.start_workflow(Edited.run, id="edited-1", task_queue="edited")
            while len((await handle.fetch_history()).events) < 5:  # the fifth is the timer's start
                await asyncio.sleep(0.02)
    """)
    kernel.good("""
        @workflow.defn
        class Edited:
            @workflow.run
            async def run(self) -> None:
                await workflow.execute_activity("other", start_to_close_timeout=timedelta(seconds=1))
    """)
    output = kernel.run(f"""
        async with Worker(client, task_queue="edited", workflows=[Edited]):
            while not any(e.HasField("{TASK_FAILED}") for e in (await handle.fetch_history()).events):
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.2)
        await handle.terminate()
    """)
    lines = output.stderr.splitlines()
    assert lines[0] == "WORKFLOW TASK FAILED Edited 'edited-1'"
    assert lines[1].startswith(
        "  [TMPRL1100] Nondeterminism error: Activity machine does not handle this event"
    )
    assert len(lines) == 2


def test_an_unknown_workflow_type_is_named(kernel: Kernel) -> None:
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good("""
        @workflow.defn
        class Known:
            @workflow.run
            async def run(self) -> None: pass
    """)
    output = kernel.run(f"await run_until('known', worker=Known, event='{TASK_FAILED}')")
    assert output.stderr.splitlines() == [
        "WORKFLOW TASK FAILED known",
        (
            "  ApplicationError: NotFoundError: Workflow class known is not registered on this worker, "
            "available workflows: Known"
        ),
    ]


def test_each_failed_attempt_of_an_activity_is_a_line_and_its_place_comes_once(kernel: Kernel) -> None:
    kernel.good("""
        from temporalio.common import RetryPolicy
        @activity.defn
        async def charge(amount: int) -> str:
            if activity.info().attempt < 3:
                raise RuntimeError("card declined")
            return "paid"
    """)
    cell = kernel.cells
    kernel.good("""
        @workflow.defn
        class Pays:
            @workflow.run
            async def run(self) -> str:
                return await workflow.execute_activity(
                    charge, 5, start_to_close_timeout=timedelta(seconds=5),
                    retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=1)))
    """)
    output = kernel.run("await execute(Pays, activities=[charge])")
    assert output.text == "'paid'\n"
    assert output.stderr.splitlines() == [
        "ACTIVITY FAILED charge attempt 1: RuntimeError: card declined",
        f'  Cell In[{cell}], line 5: raise RuntimeError("card declined")',
        "ACTIVITY FAILED charge attempt 2: RuntimeError: card declined",
    ]


def test_an_activity_whose_workflow_is_over_was_cancelled_and_did_not_fail(kernel: Kernel) -> None:
    kernel.good("""
        import contextlib
        @activity.defn
        async def bakes() -> None:
            while True:
                activity.heartbeat()
                await asyncio.sleep(0.05)
        @activity.defn
        async def gives_up() -> None:
            raise asyncio.CancelledError("enough")
    """)
    cell = kernel.cells
    kernel.good("""
        @workflow.defn
        class Leaves:
            @workflow.run
            async def run(self) -> None:
                limits = {"start_to_close_timeout": timedelta(minutes=5)}
                workflow.start_activity(bakes, heartbeat_timeout=timedelta(seconds=2), **limits)
                with contextlib.suppress(Exception):
                    await workflow.execute_activity(
                        gives_up, retry_policy=RetryPolicy(maximum_attempts=1), **limits)
    """)
    output = kernel.run("""
        from temporalio.common import RetryPolicy
        client = await Client.connect("localhost:7233")
        queue = f"leaves-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[Leaves], activities=[bakes, gives_up],
                          graceful_shutdown_timeout=timedelta(minutes=1)):
            await client.execute_workflow(Leaves.run, id=queue, task_queue=queue)
    """)
    assert output.stderr.splitlines() == [
        "ACTIVITY FAILED gives_up attempt 1: CancelledError: enough",  # by its own code
        f'  Cell In[{cell}], line 9: raise asyncio.CancelledError("enough")',
        "ACTIVITY CANCELLED bakes attempt 1: the server waits for it no more",
        f"  Cell In[{cell}], line 6: await asyncio.sleep(0.05)",
    ]


def test_the_learners_own_log_lines_pass_without_ids(kernel: Kernel) -> None:
    kernel.good("""
        @activity.defn
        async def tells() -> None:
            activity.logger.warning("in the activity")
        @workflow.defn
        class Tells:
            @workflow.run
            async def run(self) -> None:
                workflow.logger.warning("in the workflow")
                await workflow.execute_activity(tells, start_to_close_timeout=timedelta(seconds=5))
    """)
    output = kernel.run("await execute(Tells, activities=[tells])")
    assert output.stderr.splitlines() == ["in the workflow", "in the activity"]


def test_failures_go_to_the_latest_cell_not_to_the_one_that_made_the_worker(kernel: Kernel) -> None:
    kernel.good("""
        @activity.defn
        async def breaks() -> None:
            raise ValueError("broken")
        @workflow.defn
        class Breaks:
            @workflow.run
            async def run(self) -> None:
                from temporalio.common import RetryPolicy
                await workflow.execute_activity(
                    breaks, start_to_close_timeout=timedelta(seconds=5),
                    retry_policy=RetryPolicy(maximum_attempts=1))
        client = await Client.connect("localhost:7233")
        worker = Worker(client, task_queue="breaks", workflows=[Breaks], activities=[breaks])
        running = asyncio.create_task(worker.run())
    """)
    output = kernel.run("""
        try:
            await client.execute_workflow(Breaks.run, id=f"breaks-{os.getpid()}", task_queue="breaks")
        except Exception as error:
            print(type(error).__name__)
    """)
    kernel.good("await worker.shutdown()")
    assert output.stderr.startswith("ACTIVITY FAILED breaks attempt 1: ValueError: broken\n  Cell In[")


def test_failures_stand_between_what_was_printed_before_and_after(kernel: Kernel) -> None:
    output = kernel.run("""
        from tutorial_lib.cells.failures.log import to_latest_cell
        print("one")
        to_latest_cell("ACTIVITY FAILED")
        print("two")
    """)
    assert output.streams == [("stdout", "one\n"), ("stderr", "ACTIVITY FAILED\n"), ("stdout", "two\n")]


def test_an_error_of_the_sdk_at_construction_is_short(kernel: Kernel) -> None:
    kernel.good("""
        import sys
        @workflow.defn
        class Broken:
            if "ipykernel" not in sys.modules or workflow.unsafe.in_sandbox():
                1 / 0
            @workflow.run
            async def run(self) -> None: pass
        client = await Client.connect("localhost:7233")
    """)
    cell = kernel.cells
    error = kernel.run("Worker(client, task_queue='broken', workflows=[Broken])").error
    assert error.splitlines() == [
        "RuntimeError: Failed validating workflow Broken",
        "  ZeroDivisionError: division by zero",
        f"  Cell In[{cell}], line 5: 1 / 0",
    ]


def test_a_second_worker_on_a_queue_is_refused_shortly(kernel: Kernel) -> None:
    kernel.good("""
        @workflow.defn
        class Twice:
            @workflow.run
            async def run(self) -> None: pass
        client = await Client.connect("localhost:7233")
        first = Worker(client, task_queue="twice", workflows=[Twice])
    """)
    error = kernel.run("second = Worker(client, task_queue='twice', workflows=[Twice])").error
    assert error.splitlines() == [
        "RuntimeError: A worker for this task queue exists already on this client.",
        "  → Stop that one first; lab.start_worker(...) replaces it by itself.",
        f"  Cell In[{kernel.cells}], line 1: second = Worker(client, task_queue='twice', workflows=[Twice])",
    ]


def test_in_a_plain_process_the_file_is_named(dev_server_address: str, tmp_path) -> None:
    script = tmp_path / "plain worker.py"
    script.write_text(f"""
import asyncio, sys
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from tutorial_lib.cells.failures.log import FailureLog

@activity.defn
async def fails() -> None:
    raise ValueError("no")

@workflow.defn
class Flow:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            fails, start_to_close_timeout=timedelta(seconds=5), retry_policy=RetryPolicy(maximum_attempts=1))

async def main():
    FailureLog().install()
    client = await Client.connect({dev_server_address!r})
    async with Worker(client, task_queue="plain-errors", workflows=[Flow], activities=[fails],
                      workflow_runner=UnsandboxedWorkflowRunner()):
        try:
            await client.execute_workflow(Flow.run, id="plain-errors", task_queue="plain-errors")
        except Exception:
            pass
    await asyncio.sleep(0.02)

if __name__ == "__main__":
    asyncio.run(main())
""")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.splitlines() == [
        "ACTIVITY FAILED fails attempt 1: ValueError: no",
        '  plain worker.py, line 12: raise ValueError("no")',
    ]


def test_other_records_pass_unchanged() -> None:
    told: list[str] = []
    record = logging.LogRecord("temporalio.activity", logging.WARNING, "f", 1, "mine", (), None)
    assert FailureLog(told.append).filter(record)
    assert told == []


def test_a_cause_is_told_below_its_error() -> None:
    error = RuntimeError("Failed validating workflow Shop")
    error.__cause__ = KeyError("tea")
    [text] = short_traceback(error)
    assert text.splitlines() == ["RuntimeError: Failed validating workflow Shop", "  KeyError: 'tea'"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("first\nsecond"), "ValueError: first"),
        (ValueError(), "ValueError"),
        (RuntimeError("no. If this is code from a module"), "RuntimeError: no"),
    ],
)
def test_an_error_is_one_line(error: Exception, message: str) -> None:
    assert message_of(error) == message


REFUSED = "RestrictedWorkflowAccessError: Cannot access"
DEFAULT_FACTORY = (
    "  → a field's default factory runs in the workflow that makes the object: "
    "`workflow.uuid4()` gives the workflow an id"
)
RUNS_AGAIN = (
    "  → this line runs again whenever a worker loads the workflow, in a project as well; in its code "
    "`workflow.now()` is the workflow's time, and what an activity returns is kept"
)
IMPORT_FAILS = (
    "  → this import fails inside the sandbox, in a project as well: put it under "
    "`with workflow.unsafe.imports_passed_through():`"
)


def workflow_cell(name: str, body: str, parameters: str = "self") -> str:
    head = f"@workflow.defn\nclass {name}:\n    @workflow.run\n    async def run({parameters}) -> str:\n"
    return head + textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (
            ["@activity.defn\nasync def rolled():\n    return random.randint(1, 6)", "return await rolled()"],
            [
                f"  {REFUSED} random.randint.__call__ from inside a workflow",
                "  Cell In[{setup}], line 3: return random.randint(1, 6)",
                "  → `rolled` is an activity: `workflow.execute_activity(rolled, ...)` runs it",
            ],
        ),
        (
            ["import uuid\n@dataclass\nclass Ticket:\n    n: uuid.UUID = field(default_factory=uuid.uuid4)",
             "return Ticket()"],
            [
                f"  {REFUSED} uuid.uuid4.__call__ from inside a workflow",
                "  Cell In[{flow}], line 5: return Ticket()",
                DEFAULT_FACTORY,
            ],
        ),
        (
            ["async def bad(n): raise ValueError(f'bad {n}')",
             "async with asyncio.TaskGroup() as group:\n    for n in (1, 2): group.create_task(bad(n))"],
            [
                "  ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)",
                "  Cell In[{flow}], line 5: async with asyncio.TaskGroup() as group:",
                "    ValueError: bad 1",
                "    Cell In[{setup}], line 1: async def bad(n): raise ValueError(f'bad {n}')",
                "    ValueError: bad 2",
                "    Cell In[{setup}], line 1: async def bad(n): raise ValueError(f'bad {n}')",
            ],
        ),
        (
            ["def fetch(): return {}['price']",
             "try:\n    fetch()\nexcept KeyError as error:\n    raise RuntimeError('no price') from error"],
            [
                "  RuntimeError: no price",
                "  Cell In[{flow}], line 8: raise RuntimeError('no price') from error",
                "    KeyError: 'price'",
                "    Cell In[{setup}], line 1: def fetch(): return {}['price']",
            ],
        ),
        (
            ["HOURS = 24", "raise ChildWorkflowError"],
            [
                "  NameError: name 'ChildWorkflowError' is not defined",
                "  Cell In[{flow}], line 5: raise ChildWorkflowError",
                "  → import it first: `from temporalio.exceptions import ChildWorkflowError`",
            ],
        ),
    ],
    ids=["activity called", "default factory", "group", "cause", "no import"],
)  # fmt: skip
def test_an_error_keeps_its_causes_and_says_what_to_do(
    kernel: Kernel, cells: list[str], lines: list[str]
) -> None:
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good(cells[0])
    setup = kernel.cells
    kernel.good(workflow_cell("Caused", cells[1]))
    flow = kernel.cells
    output = kernel.run(f"await run_until(Caused, event='{TASK_FAILED}')")
    told = [line.replace("{setup}", str(setup)).replace("{flow}", str(flow)) for line in lines]
    assert output.stderr.splitlines()[1:] == told


def test_an_error_that_only_happened_meanwhile_is_no_cause() -> None:
    error = RuntimeError("second")
    error.__context__ = KeyError("first")
    assert causes_of(error) == []


def test_a_group_of_many_shows_some() -> None:
    group = ExceptionGroup("all", [ValueError(str(n)) for n in range(100)])
    assert len(causes_of(group)) == MOST


def test_arguments_that_cannot_be_decoded_point_at_the_parameters(kernel: Kernel) -> None:
    kernel.good("@dataclass\nclass Parcel:\n    weight: int")
    kernel.good(workflow_cell("Decodes", "return str(parcel.weight)", "self, parcel: Parcel"))
    cell = kernel.cells
    output = kernel.run(f"""
        client = await Client.connect("localhost:7233")
        async with Worker(client, task_queue="decodes", workflows=[Decodes]):
            handle = await client.start_workflow("Decodes", "heavy", id=f"decodes-{{os.getpid()}}",
                                                 task_queue="decodes")
            while not any(e.HasField("{TASK_FAILED}") for e in (await handle.fetch_history()).events):
                await asyncio.sleep(0.02)
            await handle.terminate()
    """)
    assert output.stderr.splitlines()[1:] == [
        "  RuntimeError: Failed decoding arguments",
        f"  Cell In[{cell}], line 4: async def run(self, parcel: Parcel) -> str:",
        "    TypeError: Cannot convert to dataclass <class 'Parcel'>, value is <class 'str'> not dict",
    ]


def test_an_activity_that_the_worker_does_not_know_has_its_name_and_attempts(kernel: Kernel) -> None:
    kernel.good("from temporalio.common import RetryPolicy")
    kernel.good("@activity.defn\nasync def known() -> None: ...")
    kernel.good(
        workflow_cell(
            "Asks",
            "minute, twice = timedelta(minutes=1), RetryPolicy(maximum_attempts=2)\n"
            "return await workflow.execute_activity(\n"
            "    'unknown', start_to_close_timeout=minute, retry_policy=twice)",
        )
    )
    output = kernel.run("await execute(Asks, activities=[known])")
    first, second = output.stderr.splitlines()[:2]
    assert first.startswith("ACTIVITY FAILED unknown attempt 1: NotFoundError: Activity function unknown")
    assert second.startswith("ACTIVITY FAILED unknown attempt 2: NotFoundError: Activity function unknown")


def test_a_failure_in_a_package_has_its_folder(kernel: Kernel, tmp_path: pathlib.Path) -> None:
    (tmp_path / "parcels").mkdir()
    (tmp_path / "parcels" / "__init__.py").write_text("def weigh():\n    return 1 / 0\n")
    kernel.good(RUN_UNTIL_FAILED)
    kernel.good(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport parcels")
    kernel.good(workflow_cell("Weighs", "return parcels.weigh()"))
    output = kernel.run(f"await run_until(Weighs, event='{TASK_FAILED}')")
    assert output.stderr.splitlines()[2] == "  parcels/__init__.py, line 2: return 1 / 0"


@pytest.mark.parametrize(
    ("setup", "used", "line", "advice"),
    [
        (
            "OPENED = dt.datetime.now()",
            "OPENED",
            "Cell In[{cell}], line 1: OPENED = dt.datetime.now()",
            RUNS_AGAIN,
        ),
        (
            "import refused_in_sandbox",
            "refused_in_sandbox.NAME",
            "refused_in_sandbox.py, line 2: NAME = str(random.random())",
            IMPORT_FAILS,
        ),
    ],
)
def test_what_is_refused_when_a_workflow_is_loaded_points_at_the_line(
    kernel: Kernel, tmp_path: pathlib.Path, setup: str, used: str, line: str, advice: str
) -> None:
    (tmp_path / "refused_in_sandbox.py").write_text("import random\nNAME = str(random.random())\n")
    kernel.good(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    kernel.good(setup)
    cell = kernel.cells
    kernel.good(workflow_cell("Loads", f"return str({used})"))
    lines = kernel.run("await execute(Loads)").error.splitlines()
    assert lines[0] == "RuntimeError: Failed validating workflow Loads"
    assert lines[-1] == advice
    assert lines[-2] == "  " + line.replace("{cell}", str(cell))


@pytest.mark.parametrize(
    ("made", "kind"),
    [("await Client.connect(os.environ['COURSE'])", "Client"), ("await locked()", "lock")],
)
def test_what_was_made_outside_is_refused(kernel: Kernel, made: str, kind: str) -> None:
    kernel.good("import threading\nasync def locked(): return threading.Lock()")
    kernel.good(f"from_outside = {made}")
    kernel.good(workflow_cell("Reaches", "return str(from_outside)"))
    assert kernel.run("await execute(Reaches)").error.splitlines() == [
        f"NotebookSourceError: `from_outside` ({kind}) was made outside; a workflow cannot use it.",
        "  → Use it in an activity, and have the workflow execute that.",
    ]
