from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.service import RPCError
from temporalio.worker import Worker

from tests.history.every_event import ACTIVITIES, WORKFLOWS, Activities, Fails, Loop, Open
from tests.support.hiding import Hide
from tests.support.waiting import BACKSTOP, looks_async, wait_for
from tutorial_lib.history import Event, Follower, FollowState, fetch_history, pages, read_history
from tutorial_lib.stage.server.dev_server import start_dev_server


class Seen:
    """What a follower told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.states: list[FollowState] = []
        self.threads: set[str] = set()

    def __call__(self, events: Sequence[Event], state: FollowState) -> None:
        self.events += events
        self.states.append(state)
        self.threads.add(threading.current_thread().name)

    def keys(self) -> list[tuple[int, int]]:
        return [(event.run, event.id) for event in self.events]


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def followers() -> Iterator[list[Follower]]:
    kept: list[Follower] = []
    yield kept
    for follower in kept:
        follower.stop()


@pytest.fixture
async def queue(client: Client, unique: Callable[[str], str]) -> AsyncIterator[str]:
    """A task queue with a worker."""
    queue = unique("follow")
    async with Worker(client, task_queue=queue, workflows=WORKFLOWS, activities=ACTIVITIES):
        yield queue


async def test_every_event_comes_once_and_in_order(client, queue, unique, seen):
    handle = await client.start_workflow(Activities.run, id=unique("live"), task_queue=queue)
    follower = Follower(client, handle.id, on_events=seen, every=0.05)
    await handle.result()
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    history = await fetch_history(handle)
    assert tuple(seen.events) == history.events
    assert len(seen.states) > 2, "in batches, while it ran"
    last = seen.states[-1]
    assert last == follower.state
    assert (last.run_id, last.run, last.workflow_type) == (history.run_id, 0, "Activities")
    assert (last.task_queue, last.started) == (queue, history.started)
    assert (last.status, last.ended, last.error, last.connected) == ("Completed", True, "", True)
    assert [state.ended for state in seen.states].count(True) == 1
    assert seen.threads == {f"follow {handle.id}"}


async def test_a_finished_execution_comes_at_once(client, queue, unique, seen):
    handle = await client.start_workflow(Loop.run, 0, id=unique("over"), task_queue=queue)
    await handle.result()
    # At once: not after `every`, which would be an hour.
    follower = Follower(client, handle.id, handle.first_execution_run_id, on_events=seen, every=3600)
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    assert tuple(seen.events) == (await fetch_history(handle)).events
    assert len(seen.states) == 1


async def test_runs_that_go_on_as_new_are_followed(client, queue, unique, seen):
    handle = await client.start_workflow(Loop.run, 2, id=unique("loop"), task_queue=queue)
    follower = Follower(client, handle.id, handle.first_execution_run_id, on_events=seen)
    await handle.result()
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    assert {event.run for event in seen.events} == {0, 1, 2}
    assert seen.keys() == sorted(set(seen.keys()))
    starts = [event for event in seen.events if event.type == "WorkflowExecutionStarted"]
    assert [event.payloads["input"] for event in starts] == [(2,), (1,), (0,)]
    assert starts[0].time == 0 < starts[1].time < starts[2].time, "times count from the first run"
    assert seen.events[-1].payloads == {"result": ("done",)}
    assert {state.status for state in seen.states[:-1]} == {"Running"}
    assert (follower.state.status, follower.state.run) == ("Completed", 2)
    assert follower.state.started == (await fetch_history(handle)).started
    third = await client.get_workflow_handle(handle.id).describe()
    assert follower.state.run_id == third.run_id


async def test_a_retried_workflow_is_followed_to_its_last_run(client, queue, unique, seen):
    handle = await client.start_workflow(
        Fails.run,
        id=unique("retried"),
        task_queue=queue,
        retry_policy=RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=20)),
    )
    follower = Follower(client, handle.id, on_events=seen)
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    failures = [event for event in seen.events if event.type == "WorkflowExecutionFailed"]
    assert [(event.run, str(event.failure)) for event in failures] == [
        (0, "Always: always"),
        (1, "Always: always"),
    ]
    assert follower.state.status == "Failed"


async def test_payloads_go_through_the_codec_of_the_client(dev_server_address, unique, seen, followers):
    converter = DataConverter(payload_codec=Hide())
    client = await Client.connect(dev_server_address, data_converter=converter)
    handle = await client.start_workflow("Never", "secret", id=unique("hidden"), task_queue=unique("nobody"))
    followers.append(Follower(client, handle.id, on_events=seen))
    await asyncio.to_thread(wait_for, lambda: seen.events)
    history = await fetch_history(handle)
    assert history.event(1).payloads["input"] == seen.events[0].payloads["input"] == ("secret",)
    assert "hidden" in str(read_history(history.source).event(1).payloads["input"])


async def test_it_goes_on_while_a_cell_blocks(client, unique, seen, followers):
    handle = await client.start_workflow(Open.run, id=unique("block"), task_queue=unique("nobody"))
    followers.append(Follower(client, handle.id, on_events=seen, every=0.0))
    wait_for(lambda: len(seen.events) == 2)  # this blocks the loop that the client was made on
    for number in range(10):
        await handle.signal(Open.note, str(number))
        wait_for(lambda: len(seen.events) == 3 + number)  # noqa: B023 - called at once


async def test_after_stop_nothing_comes(client, unique, seen):
    handle = await client.start_workflow(Open.run, id=unique("stop"), task_queue=unique("nobody"))
    follower = Follower(client, handle.id, on_events=seen)
    await asyncio.to_thread(wait_for, lambda: seen.events)
    follower.stop()
    assert not follower.alive
    assert follower.wait(0), "it does not wait for the answer to a long poll"
    count = len(seen.states)
    await handle.signal(Open.note, "nobody listens")
    await asyncio.sleep(0.3)  # short: nothing is to come, and the longer, the surer
    assert len(seen.states) == count
    follower.stop()  # harmless
    assert follower.wait(0)
    assert repr(follower) == f"Follower({handle.id!r}, ended)"


async def test_a_callback_may_stop_its_follower(client, queue, unique):
    handle = await client.start_workflow(Open.run, id=unique("self"), task_queue=queue)
    calls = []

    def on_events(events: Sequence[Event], state: FollowState) -> None:
        calls.append(state)
        follower.stop()

    follower = Follower(client, handle.id, on_events=on_events)
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    assert len(calls) == 1


async def test_a_callback_that_fails_ends_it_and_is_logged(client, queue, unique, caplog):
    handle = await client.start_workflow(Open.run, id=unique("broken"), task_queue=queue)

    def on_events(events: Sequence[Event], state: FollowState) -> None:
        raise ZeroDivisionError("in a view")

    follower = Follower(client, handle.id, on_events=on_events)
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    assert "follows no further" in caplog.text
    assert "ZeroDivisionError: in a view" in caplog.text


async def test_an_execution_that_is_not_there_ends_with_the_reason(client, unique, seen, monkeypatch):
    monkeypatch.setattr(pages, "MISSING_FOR", 0.2)
    follower = Follower(client, unique("none"), on_events=seen)
    assert await asyncio.to_thread(follower.wait, BACKSTOP)
    assert seen.events == []
    assert follower.state.ended
    assert follower.state.error.startswith("the server has no such execution: ")


async def test_a_server_that_restarts_on_the_same_ports_is_held_out_for(tmp_path, seen, followers):
    server = await start_dev_server(db_filename=tmp_path / "server.db")
    try:
        client = await server.connect()
        handle = await client.start_workflow(Open.run, id="survivor", task_queue="q")
        followers.append(Follower(client, handle.id, on_events=seen))
        await asyncio.to_thread(wait_for, lambda: len(seen.events) == 2)

        server.kill()
        await asyncio.to_thread(wait_for, lambda: not seen.states[-1].connected)
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(wait_for, lambda: seen.states[-1].connected)

        async with Worker(client, task_queue="q", workflows=[Open]):
            for text in ("back", "end"):
                await _patiently(lambda text=text: handle.signal(Open.note, text))
            await handle.result()
            assert await asyncio.to_thread(followers[0].wait, BACKSTOP)
        assert tuple(seen.events) == (await fetch_history(handle)).events
        assert (followers[0].state.status, followers[0].state.error) == ("Completed", "")
    finally:
        server.close()


async def _patiently(call: Callable[[], object]) -> None:
    """A server that has just started may take a moment to know its namespaces."""
    async for _ in looks_async():
        with contextlib.suppress(RPCError):
            await call()
            return


ENDS = """
import asyncio, sys, threading
from temporalio.client import Client
from tutorial_lib.history import Follower

async def main():
    client = await Client.connect(sys.argv[1])
    await client.start_workflow("Never", id=sys.argv[2], task_queue="nobody")
    there = threading.Event()
    Follower(client, sys.argv[2], on_events=lambda events, state: there.set())
    assert await asyncio.to_thread(there.wait, 90)

asyncio.run(main())
print("the last line", flush=True)
"""


async def test_a_process_with_a_follower_ends_though_nothing_comes(dev_server_address, unique):
    """Its execution waits for ever, and its long poll for as long as the server likes."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", ENDS, dev_server_address, unique("ends")],
        capture_output=True,
        text=True,
        timeout=BACKSTOP,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the last line\n", "")
