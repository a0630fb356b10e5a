"""A server whose clock is another than ours: it is later there, or earlier, by seconds or hours."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import ListWorkersResponse
from temporalio.service import WorkflowService

from tests.support.labs import keep_environment
from tests.support.waiting import BACKSTOP, looks_async, wait_for
from tests.support.workflows import Greeting, Sleeping, greet
from tutorial_lib import open_lab
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.look import Look
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.views.fleet.layout import caches

SHIFT = """
import os, time
def _shifted(read, by):
    return lambda: read() + by
_by = float(os.environ["TEST_CLOCK"])
time.time = _shifted(time.time, _by)
time.time_ns = _shifted(time.time_ns, int(_by * 1e9))
"""


@pytest.fixture(params=[20.0, -20.0, 3600.0, -3600.0], ids=lambda by: f"ours is {by:+.0f} s")
def shifted(request, monkeypatch, tmp_path: Path):
    """This process' clock, and that of the processes it starts, beside the real one of the server."""
    real, by = time.time, request.param
    (tmp_path / "sitecustomize.py").write_text(SHIFT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TEST_CLOCK", str(by))
    monkeypatch.setattr(time, "time", lambda: real() + by)
    reported = WorkflowService.list_workers

    async def list_workers(self: WorkflowService, *args: Any, **options: Any) -> ListWorkersResponse:
        """What workers report by this process' clock: the SDK's core reads the real one."""
        answer = await reported(self, *args, **options)
        for each in answer.workers_info:
            at = each.worker_heartbeat.heartbeat_time
            at.FromNanoseconds(at.ToNanoseconds() + int(by * 1e9))
        return answer

    monkeypatch.setattr(WorkflowService, "list_workers", list_workers)
    return by


@pytest.fixture
async def lab(unique, monkeypatch, shifted):
    keep_environment(monkeypatch)
    monkeypatch.setattr("tutorial_lib.stage.clock.MEASURING", BACKSTOP)
    opened = await open_lab(unique("lab"))
    assert clock_of(opened.client).ahead == pytest.approx(-shifted, rel=0.5)  # how near depends on the way
    yield opened
    opened.close()


async def test_equal_clocks_stay_equal(unique, monkeypatch):
    keep_environment(monkeypatch)
    lab = await open_lab(unique("lab"))
    assert clock_of(lab.client).ahead == 0.0
    lab.close()


async def test_workers_start_whatever_the_clock_says(lab, monkeypatch):
    worker = lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet], identity="the same")
    worker.stop()
    worker.start()
    process = lab.spawn_worker(task_queue="p", workflows=[Greeting], activities=[greet])
    assert (process.kill(), process.start(), process.alive) == (None, None, True)
    for queue in "qp":
        handle = await lab.client.start_workflow(Greeting.run, "Ada", id=queue, task_queue=queue)
        assert await lab.result(handle) == "Hello, Ada!"


async def test_a_worker_that_was_started_again_does_not_pass_for_the_one_that_said_goodbye(lab):
    worker = lab.start_worker(task_queue="q", workflows=[Sleeping], activities=[greet], identity="the same")
    worker.stop()
    handle = await lab.client.start_workflow(Sleeping.run, 60.0, id="sleeps", task_queue="q")
    look = Look(handle, {}, ())
    async for _ in looks_async():
        if await look.unattended():
            break
    worker.start()
    assert await look.unattended() is None


async def test_a_worker_that_has_gone_does_not_pass_for_its_successor(lab, monkeypatch):
    """The server lists the one before for minutes, under the same name."""
    first = lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet], identity="the same")
    first.stop()

    async def never_polls(self: EmbeddedWorker) -> asyncio.Task[None]:
        monkeypatch.setattr("tutorial_lib.stage.workers.embedded.START_DEADLINE", 0.5)
        return asyncio.create_task(asyncio.sleep(60))

    monkeypatch.setattr(EmbeddedWorker, "_make", never_polls)
    with pytest.raises(Exception, match="does not list the worker"):
        first.start()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"max_concurrent_workflow_tasks": 2}, "`max_concurrent_workflow_tasks=2` is few"),
        ({"max_concurrent_workflow_tasks": 5}, "is the server still there"),
        (
            {"max_concurrent_workflow_tasks": 2, "max_concurrent_workflow_task_polls": 2},
            "is the server still",
        ),
        ({}, "is the server still there"),
    ],
)
async def test_a_worker_with_few_places_may_not_begin_and_is_told_why(lab, monkeypatch, options, hint):
    """It is chance (8 of 60): its sticky queue is polled, and its task queue is not."""

    async def never_polls(self: EmbeddedWorker) -> asyncio.Task[None]:
        # Only now: what is asked before it is made has the usual time.
        monkeypatch.setattr("tutorial_lib.stage.workers.embedded.START_DEADLINE", 0.5)
        return asyncio.create_task(asyncio.sleep(60))

    monkeypatch.setattr(EmbeddedWorker, "_make", never_polls)
    with pytest.raises(Exception, match=hint):
        lab.start_worker(task_queue="few", workflows=[Greeting], activities=[greet], **options)


async def test_views_tell_the_servers_time(lab, shifted):
    queues = await lab.task_queues()
    lab.start_worker(task_queue="q", workflows=[Sleeping], activities=[greet])
    handle = await lab.client.start_workflow(Sleeping.run, 60.0, id="sleeps", task_queue="q")
    await lab.client.start_workflow(Sleeping.run, 60.0, id="waits", task_queue="nobody")
    await lab.client.start_workflow(Sleeping.run, 60.0, id="over", task_queue="another")
    await lab.client.get_workflow_handle("over").terminate()

    def rows():
        return {row["name"]: row for row in queues.rows}

    wait_for(lambda: rows().get("q", {}).get("verdict") == "polled" and "another" in rows())
    wait_for(lambda: rows().get("nobody", {}).get("workflow", {}).get("since"))
    started = (await handle.describe()).start_time.timestamp()
    since = rows()["nobody"]["workflow"]["since"]
    told = queues.get_state()["now"] - started
    assert abs(told) < 60, "the browser counts from here"
    timeline = await lab.timeline(handle)
    assert 0 <= timeline.get_state()["content"]["now"] < 60
    timeline.close()
    here = lab.server_time().timestamp()
    after = await lab.client.start_workflow(Sleeping.run, 60.0, id="after", task_queue="nobody")
    ended = (await after.describe()).start_time.timestamp()
    # By the server's own clock, or less than half of the difference beside it.
    span = abs(shifted) / 2
    assert started - span < since < ended + span
    assert started - span < here < ended + span


async def test_what_a_worker_has_cached_is_told_right_after_a_restart(lab):
    fleet = lab.fleet()
    worker = lab.start_worker(task_queue="q", workflows=[Sleeping], activities=[greet], identity="the same")
    await lab.client.start_workflow(Sleeping.run, 60.0, id="sleeps", task_queue="q")

    def cached() -> bool:
        census = fleet._census
        return bool(census and census.executions) and caches(worker, census.executions[0])

    wait_for(cached)
    worker.stop()
    worker.start()
    assert not cached(), "its cache went with it"
