"""A notebook taken home as a project: it runs outside Jupyter, and ends as a deployed worker has to."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle

from tests.cells.projects import CELLS, IMPORTS, SETUP, SLOW, USE_SLOW, notebook
from tests.support.waiting import BACKSTOP, wait_until
from tutorial_lib.cells import export_project
from tutorial_lib.stage.server.binary import find_binary

LESSONS = pathlib.Path(__file__).resolve().parents[2] / "notebooks"
STOPPED = "Stopping: finishes what is in hand. Ctrl-C ends it at once.\nWorker stopped.\n"


def environment(address: str) -> dict[str, str]:
    env = {**os.environ, "TEMPORAL_ADDRESS": address, "PYTHONUNBUFFERED": "1"}
    env.pop("PYTHONPATH", None)
    return env


@dataclasses.dataclass(frozen=True)
class Parcel:
    """A worker, the workflow whose activities it has in hand, and the files that these wait for."""

    worker: subprocess.Popen[str]
    handle: WorkflowHandle[Any, Any]
    files: list[pathlib.Path]


@contextlib.contextmanager
def running_worker(folder: pathlib.Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "worker.py"], cwd=folder, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as worker:  # fmt: skip
        try:
            yield worker
        finally:
            worker.kill()


def test_the_project_runs_and_stops_cleanly(tmp_path: pathlib.Path, dev_server_address: str) -> None:
    folder = tmp_path / "my project"
    export_project(notebook(tmp_path / "01_orders.ipynb", *CELLS), folder)
    env = environment(dev_server_address)

    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "starter.py", *arguments]
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    with running_worker(folder, env) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Worker runs on orders-tq; Ctrl-C stops it.\n"
        assert start().stdout.splitlines() == [
            "Started Shop with id order-1; waiting for its result.",
            "['charged tea x2 with nbformat', 'shipped from north']",
        ]
        assert start("Count", "7").stdout.endswith("\n7\n")
        needs = start("Count")
        assert needs.returncode == 1
        assert "Count needs its arguments, as JSON" in needs.stderr
        assert "No workflow 'Nope' here, only: Shop, Count, Hello" in start("Nope").stderr
        worker.send_signal(signal.SIGINT)
        assert worker.wait(BACKSTOP) == 0
        assert worker.stdout.read() == STOPPED


@contextlib.asynccontextmanager
async def parcel_in_hand(folder: pathlib.Path, client: Client) -> AsyncIterator[Parcel]:
    """An exported worker with two activities in hand."""
    export_project(notebook(folder / "drained.ipynb", SETUP, IMPORTS, SLOW, USE_SLOW), folder)
    files = [folder / "wrap.txt", folder / "carry.txt"]
    with running_worker(folder, environment(client.service_client.config.target_host)) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Worker runs on drain-tq, drain-carry-tq; Ctrl-C stops it.\n"
        handle = await client.start_workflow("Parcel", id=f"parcel-{worker.pid}", task_queue="drain-tq")
        await wait_until(lambda: all(file.exists() for file in files))
        yield Parcel(worker, handle, files)
        await handle.terminate()


async def test_sigterm_lets_the_worker_finish_what_it_has_in_hand(
    tmp_path: pathlib.Path, client: Client
) -> None:
    async with parcel_in_hand(tmp_path, client) as parcel:
        worker, handle = parcel.worker, parcel.handle
        worker.send_signal(signal.SIGTERM)
        assert worker.stdout.readline() == STOPPED.splitlines(keepends=True)[0]
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(1)  # short: it waits for both, and neither was told to give up
        late = await client.start_workflow("Parcel", id=f"late-{worker.pid}", task_queue="drain-tq")
        for file in parcel.files:
            file.write_text("go")
        assert await asyncio.to_thread(worker.wait, BACKSTOP) == 0
        assert worker.stdout.read() == "Worker stopped.\n"
        events = [event async for event in handle.fetch_history_events()]
        done = "activity_task_completed_event_attributes"
        results = [getattr(event, done).result for event in events if event.HasField(done)]
        texts = {json.loads(result.payloads[0].data) for result in results}
        assert texts == {"wrap.txt wrapped", "carry.txt carried"}
        assert len([event async for event in late.fetch_history_events()]) == 2  # nobody took its task
        await late.terminate()


async def test_a_second_ctrl_c_does_not_wait(tmp_path: pathlib.Path, client: Client) -> None:
    async with parcel_in_hand(tmp_path, client) as parcel:
        parcel.worker.send_signal(signal.SIGINT)
        assert "Ctrl-C ends it at once" in parcel.worker.stdout.readline()
        parcel.worker.send_signal(signal.SIGINT)
        assert parcel.worker.wait(BACKSTOP) == -signal.SIGINT


def test_a_project_that_knows_no_arguments_says_so(tmp_path: pathlib.Path) -> None:
    asks = """@workflow.defn
class Asks:
    @workflow.run
    async def run(self, what: str) -> str:
        return what"""
    export_project(notebook(tmp_path / "asks.ipynb", IMPORTS, asks), tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, check=True)
    assert "1 passed, 1 skipped" in ran.stdout
    assert "starter.py knows the arguments of no workflow" in ran.stdout


@pytest.mark.parametrize(
    ("lesson", "start", "says"),
    [
        ("00_start_here", [], "order-42 is complete"),
        ("01_core_concepts", [], "10 from alice, 10 to bob"),
        ("03_namespaces_and_task_queues", [], "order-44 paid (default, payments-transfer-tq)"),
        ("07_determinism", ["Order"], "order-44 is complete"),
        ("10_timers", ["Reminder", '"Ada"', "1"], "Ada is reminded after 0 days"),
        ("11_signals_queries_updates", ["Tab"], "0"),
    ],
)
def test_a_lesson_taken_home_runs(
    lesson: str, start: list[str], says: str, tmp_path: pathlib.Path, dev_server_address: str
) -> None:
    export_project(LESSONS / f"{lesson}.ipynb", tmp_path)
    env = environment(dev_server_address)
    with running_worker(tmp_path, env) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline().startswith("Worker runs on ")
        command = [sys.executable, "starter.py", *start]
        with subprocess.Popen(command, cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE) as starter:
            assert starter.stdout is not None
            for line in starter.stdout:
                if line.startswith("It takes: temporal "):
                    options = [*line.split()[3:], "--address", dev_server_address]
                    subprocess.run([find_binary().path, *options], check=True, capture_output=True)
            assert line.strip() == says
        worker.terminate()
        assert worker.wait(BACKSTOP) == 0
        assert worker.stdout.read().endswith(STOPPED)


@pytest.mark.parametrize(
    "lesson",
    ["03_namespaces_and_task_queues", "07_determinism", "09_timeouts_and_heartbeats", "10_timers"],
)
def test_a_lessons_own_test_starts_its_workflows(
    lesson: str, tmp_path: pathlib.Path, dev_server_address: str
) -> None:
    export_project(LESSONS / f"{lesson}.ipynb", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    env = environment(dev_server_address)
    ran = subprocess.run(command, cwd=tmp_path, env=env, text=True, capture_output=True, check=False)
    assert "2 passed" in ran.stdout, ran.stdout


OPTIONS_IMPORTS = """from __future__ import annotations
import asyncio
import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.converter import DataConverter, DefaultPayloadConverter, JSONPlainPayloadConverter
from temporalio.worker import ActivityInboundInterceptor, Interceptor, Worker, WorkerDeploymentConfig"""
OPTIONS_CELLS = """class Loud(ActivityInboundInterceptor):
    async def execute_activity(self, input):
        return f"{await super().execute_activity(input)}!"

class LoudInterceptor(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return Loud(next)

class Sold(Exception): ...

class Marked(DefaultPayloadConverter):
    marks = 0
    def to_payloads(self, values):
        payloads = super().to_payloads(values)
        for payload in payloads:
            payload.metadata["shop"] = b"north"
        return payloads

CONVERTER = dataclasses.replace(DataConverter.default, payload_converter_class=Marked)

@activity.defn
def pay(order: Order) -> str:
    if order.item == "none":
        raise ValueError("nothing left")
    return f"paid {order.item}"

@dataclasses.dataclass
class Order:
    item: str

STEPS = [pay]

@workflow.defn
class Buys:
    @workflow.run
    async def run(self, order: Order) -> str:
        if order.item == "sold":
            raise Sold("none left")
        return await workflow.execute_activity(pay, order, schedule_to_close_timeout=timedelta(seconds=90))"""
OPTIONS_USE = """async def main():
    client = await Client.connect("localhost:7233", data_converter=CONVERTER, interceptors=[])
    async with Worker(
        client, task_queue="options-tq", workflows=[Buys], activities=STEPS,
        activity_executor=ThreadPoolExecutor(2), workflow_failure_exception_types=[Sold],
        interceptors=[LoudInterceptor()], max_cached_workflows=7,
    ):
        print(await client.execute_workflow(Buys.run, Order("tea"), id="options-1", task_queue="options-tq"))

await main()"""


async def test_options_of_client_and_worker_go_along(tmp_path: pathlib.Path, client: Client) -> None:
    exported = export_project(
        notebook(tmp_path / "options.ipynb", OPTIONS_IMPORTS, OPTIONS_CELLS, OPTIONS_USE), tmp_path
    )
    assert not exported.notes
    assert "from __future__ import annotations" in (tmp_path / "workflows.py").read_text()
    env = environment(client.service_client.config.target_host)
    with running_worker(tmp_path, env) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Worker runs on options-tq; Ctrl-C stops it.\n"
        for argument, told in (('{"item": "tea"}', "paid tea!"), ('{"item": "sold"}', "Sold: none left")):
            command = [sys.executable, "starter.py", "Buys", argument]
            done = await asyncio.to_thread(
                subprocess.run,
                command,
                cwd=tmp_path,
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert told in done.stdout + done.stderr, done
    handle = client.get_workflow_handle("options-1")
    events = [event async for event in handle.fetch_history_events()]
    given = events[0].workflow_execution_started_event_attributes.input.payloads[0]
    assert given.metadata["shop"] == b"north"
