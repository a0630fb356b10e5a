"""Live views on a real server: attempts as they happen, chains of runs, and threads that end."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from tests.support.waiting import wait_until
from tests.views.live_workflows import Chain, Order, Waiting, charge
from tutorial_lib.history import fetch_history
from tutorial_lib.views import HistoryTable, Timeline
from tutorial_lib.views.execution.lanes import TASKS, WORKFLOW


@pytest.fixture
async def queue(client: Client, unique: Callable[[str], str]) -> AsyncIterator[str]:
    """A task queue with a worker."""
    name = unique("views")
    async with Worker(client, task_queue=name, workflows=[Order, Chain, Waiting], activities=[charge]):
        yield name


def followers(workflow_id: str) -> list[str]:
    """Threads that follow an execution."""
    return [each.name for each in threading.enumerate() if each.name.endswith(workflow_id)]


async def test_attempts_are_seen_while_they_happen_and_stay(client: Client, queue: str, unique):
    handle = await client.start_workflow(Order.run, 3, id=unique("order"), task_queue=queue)
    view = await asyncio.to_thread(Timeline.follow, client, handle.id)
    assert view.running
    states = set()

    def collect() -> bool:
        states.update(lane["state"] for lane in view._lanes.lanes[TASKS + 1 :])
        return not view.running

    await wait_until(collect)
    assert {"running", "retrying", "completed"} <= states
    charge_lane = view._lanes.lanes[TASKS + 1]
    styles = [bar[2] for bar in charge_lane["bars"] if bar[2] != "wait"]
    assert styles == ["failed", "backoff", "failed", "backoff", "run"]
    assert "the bank is closed" in str(charge_lane["bars"])
    history = await fetch_history(handle)
    started, completed = (
        next(event.time for event in history if event.type == f"ActivityTask{what}")
        for what in ("Started", "Completed")
    )
    assert charge_lane["bars"][-1][:2] == pytest.approx([started, completed], abs=0.001)
    for one, following in itertools.pairwise(charge_lane["bars"]):
        assert one[1] == pytest.approx(following[0])
    # What the history alone tells comes close to what was seen.
    reckoned = Timeline.of(history)._lanes.lanes[TASKS + 1]
    assert [bar[2] for bar in reckoned["bars"]].count("reckoned") == 2
    assert view.picture().alt == Timeline.of(history).picture().alt
    await wait_until(lambda: not followers(handle.id))


async def test_a_chain_that_is_over_is_there_as_a_whole_at_once(
    client: Client, queue: str, unique, monkeypatch: pytest.MonkeyPatch
):
    for name in (
        "FIRST_LOOK",
        "CATCHING_UP",
        "QUIET",
    ):  # a slow machine
        monkeypatch.setattr(f"tutorial_lib.views.execution.view.{name}", 0.0)
    handle = await client.start_workflow(Chain.run, 2, id=unique("chain"), task_queue=queue)
    await handle.result()
    first_run = handle.first_execution_run_id
    for kind in (Timeline, HistoryTable):
        view = await asyncio.to_thread(
            kind.follow,
            client,
            handle.id,
            first_run,
            link=f"x/workflows/{handle.id}/{first_run}",
            over=True,
        )
        assert not view.running
        assert "completed in 3 runs. 3 activities: charge completed (3)." in view.picture().alt
        assert len(view.head["runs"]) == 3
        assert len(set(view.head["events"])) == 3
        assert view.head["events"][0] == f"x/workflows/{handle.id}/{first_run}/history/events/{{id}}"
    lanes = (await asyncio.to_thread(Timeline.follow, client, handle.id, first_run, over=True))._lanes
    assert [bar[1] is not None for bar in lanes.lanes[WORKFLOW]["bars"]] == [True] * 3


async def test_closing_a_view_ends_its_threads(client: Client, queue: str, unique):
    handle = await client.start_workflow(Waiting.run, id=unique("waiting"), task_queue=queue)
    timeline = await asyncio.to_thread(Timeline.follow, client, handle.id)
    table = await asyncio.to_thread(HistoryTable.follow, client, handle.id)
    assert len(followers(handle.id)) == 3
    assert repr(timeline) == "Timeline of workflow Waiting, which is still running."
    assert repr(table) == "Event history of workflow Waiting, which is still running."
    assert not timeline.wait(0.01)  # short: it has not ended
    timeline.close()
    table.close()
    await wait_until(lambda: not followers(handle.id))
    await handle.signal(Waiting.finish)
    await handle.result()


async def test_an_execution_that_does_not_exist_is_told_in_the_view(client: Client, unique):
    view = await asyncio.to_thread(Timeline.follow, client, unique("nobody"))
    await wait_until(lambda: view.wait(0))
    assert not view.head["live"]
    assert view.head["trouble"]
    view.close()


async def test_what_the_page_is_told_is_what_python_has(client: Client, queue: str, unique):
    """The messages and states that a browser gets, applied as it applies them, give the whole."""
    handle = await client.start_workflow(Order.run, 2, id=unique("order"), task_queue=queue)
    view = await asyncio.to_thread(Timeline.follow, client, handle.id)
    built: dict[Any, Any] = {}
    count = 0

    def apply(records: list[dict[str, Any]]) -> None:
        built.update({("lane", r["lane"]) if "lane" in r else ("task", r["task"]): r for r in records})

    send, send_state = view.send, view.send_state

    def heard(content: dict[str, Any], buffers: Any = None) -> None:
        nonlocal count
        assert content["n"] == count
        apply(content["records"])
        count += len(content["records"])
        send(content, buffers)

    def whole(key: Any = None) -> None:
        nonlocal count
        content = view.get_state("content")["content"]
        apply(content["records"])
        count = content["n"]
        send_state(key)

    view.send, view.send_state = heard, whole  # type: ignore[method-assign]
    view._repr_mimebundle_()
    await handle.result()
    await wait_until(lambda: not view.head["live"])
    assert sorted(map(str, built.values())) == sorted(map(str, view.records()))
    assert len(built) == len(view.records())
