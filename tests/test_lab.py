"""The lab as a learner has it: each method gives its view; opening it costs no picture."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.service import RPCError
from temporalio.worker import Worker

import tutorial_lib
from tests.support.labs import keep_environment
from tests.support.workflows import Failing, Greeting, Sleeping, SyncGreeting, failing, greet
from tutorial_lib.errors import HistoryError, LocalServerNeededError, TutorialError
from tutorial_lib.lab import Lab
from tutorial_lib.stage import hold_server, stop_server
from tutorial_lib.stage.stage import Stage


@pytest.fixture
async def greeted(lab):
    """A lab with a greeting that is over."""
    lab.start_worker(
        task_queue="greeted", workflows=[Greeting, Sleeping, Failing], activities=[greet, failing]
    )
    handle = await lab.client.start_workflow(Greeting.run, "Ada", id="greet-ada", task_queue="greeted")
    await handle.result()
    return lab, handle


def test_the_public_lab_is_the_one_with_views():
    assert tutorial_lib.Lab is Lab
    assert issubclass(Lab, Stage)


async def test_open_lab_makes_it(lab):
    assert type(lab) is Lab
    assert repr(lab).startswith("Lab 'lab-")


def test_a_lab_that_shows_no_picture_imports_none():
    program = (
        "import sys, tutorial_lib\ntutorial_lib.open_lab, tutorial_lib.Lab\n"
        "costly = ('tutorial_lib.views', 'tutorial_lib.history', 'anywidget')\n"
        "print([name for name in sys.modules if name.startswith(costly)])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


async def test_a_history_from_a_handle_or_a_file(greeted, tmp_path: Path):
    lab, handle = greeted
    history = await lab.history(handle)
    assert history.workflow_type == "Greeting"
    assert history.status == "Completed"
    path = tmp_path / "history.json"
    path.write_text((await handle.fetch_history()).to_json())
    read = await lab.history(path)
    assert [event.type for event in read.events] == [event.type for event in history.events]
    assert await lab.history(history) is history
    with pytest.raises(HistoryError):
        await lab.history("{")


async def test_the_timeline_and_the_table_of_an_execution(greeted):
    lab, handle = greeted
    timeline = await lab.timeline(handle)
    table = await lab.history_table(handle)
    for view in (timeline, table):
        assert "Greeting" in repr(view)
        assert "<img alt=" in view._repr_mimebundle_()[0]["text/html"]
        view.close()
    of_data = await lab.timeline(await lab.history(handle))
    assert repr(of_data) == repr(timeline)


async def test_an_execution_that_is_not_there_is_an_error_not_an_empty_picture(lab):
    missing = lab.client.get_workflow_handle("nobody")
    for show in (lab.timeline, lab.history_table, lab.step_through, lab.history):
        with pytest.raises(RPCError, match="not found"):
            await show(missing)
    with pytest.raises(RPCError, match="not found"):
        await lab.retry_chart(None, missing)


async def test_stepping_through_finds_the_class_of_the_workers(greeted):
    lab, handle = greeted
    found = await lab.step_through(handle)
    given = await lab.step_through(handle, Greeting)
    assert repr(found) == repr(given)
    assert "Greeting" in repr(found)


async def test_two_versions_stand_side_by_side_and_three_do_not(greeted):
    lab, handle = greeted
    view = await lab.step_through(handle, Greeting, Greeting)
    assert len(view.data["sides"]) == 2
    with pytest.raises(TutorialError, match="two versions of a workflow side by side, not 3"):
        await lab.step_through(handle, Greeting, Greeting, Greeting)
    with pytest.raises(HistoryError, match="Greeting"):
        await lab.step_through(handle, SyncGreeting)


async def test_replays_are_recorded_compared_and_asked_what_if(greeted):
    lab, handle = greeted
    real = await lab.replay(handle)
    assert real.history.workflow_type == "Greeting"
    [done] = [each.id for each in real.history.events if each.type == "ActivityTaskCompleted"]
    other = await lab.what_if(handle, done, result="Good evening, Ada")
    view = await lab.step_through(real, other, labels=("as it was", "what if"))
    assert len(view.data["sides"]) == 2
    assert len((await lab.step_through(real, Greeting)).data["sides"]) == 2
    with pytest.raises(TutorialError, match="side by side, not 3"):
        await lab.step_through(real, other, Greeting)
    with pytest.raises(HistoryError, match="either a result or a failure"):
        await lab.what_if(handle, done)


async def test_an_event_is_explained_if_its_history_is_known(greeted):
    lab, handle = greeted
    history = await lab.history(handle)
    assert lab.explain(history.event(1)).startswith("A client")
    assert lab.client.identity not in lab.explain(history.event(1))
    assert lab.client.identity in lab.explain(history.event(1), names=True)
    foreign = dataclasses.replace(history.event(1))
    with pytest.raises(TutorialError, match=r"of no history that this lab has read\n.*lab\.explain"):
        lab.explain(foreign)


async def test_the_fleet_is_one_view_that_ends_with_the_lab(greeted):
    lab, _ = greeted
    view = lab.fleet()
    assert lab.fleet() is view
    assert "this kernel on 'greeted'" in repr(view)
    lab.close()
    assert not view.live
    assert view._watch is not None
    assert not view._watch.alive


async def test_the_task_queues_are_those_used_since_the_lab_was_opened(greeted):
    lab, _ = greeted
    view = await lab.task_queues()
    assert repr(view) == "Task queues. 'greeted': polled."
    lab.close()
    assert not view.live


async def test_a_retry_chart_of_a_policy_and_of_a_run(greeted):
    lab, _ = greeted
    alone = lab.retry_chart(RetryPolicy(maximum_attempts=2))
    assert repr(alone) == "Retry policy. 2 attempts: at 0 s and 1 s if each fails at once; then it gives up."
    limited = lab.retry_chart(RetryPolicy(), schedule_to_close_timeout=timedelta(seconds=2))
    assert "schedule-to-close timeout of 2 s" in repr(limited)
    handle = await lab.client.start_workflow(Failing.run, id="failing", task_queue="greeted")
    view = await lab.retry_chart(None, handle, activity=failing)
    assert view.live
    await handle.terminate()
    lab.close()
    assert not view.live
    with pytest.raises(TutorialError, match="neither a policy nor an execution"):
        lab.retry_chart(None)


async def test_the_timeouts_of_options_and_of_a_run(greeted):
    lab, _ = greeted
    alone = lab.timeouts(start_to_close_timeout=timedelta(seconds=5))
    assert repr(alone).startswith("Timeouts: start-to-close 5 s. Not set:")
    handle = await lab.client.start_workflow(Failing.run, id="failing", task_queue="greeted")
    view = await lab.timeouts(handle=handle, activity=failing)
    assert view.live
    await handle.terminate()
    lab.close()
    assert not view.live


async def test_with_a_profile_the_pictures_have_no_link(dev_server_address, namespace, monkeypatch):
    keep_environment(monkeypatch)
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server_address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", namespace)
    outside = await tutorial_lib.open_lab("outside")
    handle = await outside.client.start_workflow(Greeting.run, "Ada", id="greet", task_queue="greeted")
    timeline = await outside.timeline(handle)
    assert timeline.head["link"] == ""
    assert os.environ["TEMPORAL_ADDRESS"] == dev_server_address
    timeline.close()
    await handle.terminate()
    outside.close()


# ---- a handle brings its own client ---------------------------------------------------------------------


async def greeted_elsewhere(client: Client, workflow_id: str) -> WorkflowHandle[Any, str]:
    """A greeting of Bob's that is over, by a client of another namespace or server."""
    async with Worker(client, task_queue="greeted", workflows=[Greeting], activities=[greet]):
        handle = await client.start_workflow(Greeting.run, "Bob", id=workflow_id, task_queue="greeted")
        await handle.result()
    return handle


async def assert_shown(lab: Lab, handle: WorkflowHandle[Any, Any]) -> None:
    """All that takes a handle shows the one greeting of Bob's."""
    timeline, table = await lab.timeline(handle), await lab.history_table(handle)
    chart = await lab.retry_chart(None, handle)
    try:
        assert "1 activity: greet completed" in repr(timeline)
        assert [row["values"] for row in table.records() if "result" in row["values"]][-1] == {
            "result": '"Hello, Bob!"'
        }
        assert "greet" in repr(chart)
    finally:
        for view in (timeline, table, chart):
            view.close()
    assert "Greeting" in repr(await lab.step_through(handle, Greeting))
    assert await lab.result(handle) == "Hello, Bob!"


async def test_an_execution_of_another_namespace_is_shown_as_it_is(greeted, namespace: str):
    lab, own = greeted
    there = await Client.connect(lab.address.replace("127.0.0.1", "localhost"), namespace=namespace)
    handle = await greeted_elsewhere(there, own.id)
    await assert_shown(lab, handle)
    link = lab.ui(handle)
    assert f"/namespaces/{namespace}/workflows/{own.id}/{handle.result_run_id}/timeline" in link.url
    assert link.text == f"{own.id} in namespace {namespace}"
    assert lab.ui(own).text == own.id
    timeline = await lab.timeline(handle)
    assert f"/namespaces/{namespace}/" in timeline.head["link"]
    timeline.close()


async def test_an_execution_of_another_server_is_shown_and_the_web_ui_says_that_it_is_not(
    greeted, tmp_path: Path
):
    lab, own = greeted
    with hold_server(who="another", state_dir=tmp_path / "another") as another:
        try:
            handle = await greeted_elsewhere(await Client.connect(another.info.address), own.id)
            await assert_shown(lab, handle)
            timeline = await lab.timeline(handle)
            assert timeline.head["link"] == ""
            timeline.close()
            with pytest.raises(
                LocalServerNeededError,
                match=f"is on the server {another.info.address}; the lab's Web UI shows {lab.address} alone",
            ):
                lab.ui(handle)
        finally:
            stop_server(tmp_path / "another")


async def test_a_handle_that_names_its_run_in_whatever_way_shows_that_run(greeted):
    lab, first = greeted
    again = await lab.client.start_workflow(Greeting.run, "Bob", id=first.id, task_queue="greeted")
    await again.result()
    for naming in ("run_id", "first_execution_run_id", "result_run_id"):
        handle: WorkflowHandle[Any, Any] = WorkflowHandle(
            lab.client, first.id, **{naming: first.result_run_id}
        )
        assert (await lab.history(handle)).run_id == first.result_run_id
        assert first.result_run_id in lab.ui(handle).url
        table = await lab.history_table(handle)
        assert table.records()[0]["values"]["input"] == '"Ada"'
        table.close()


@pytest.mark.parametrize(
    ("show", "is_async"),
    [
        (lambda lab, given: lab.result(given), True),
        (lambda lab, given: lab.retry_chart(None, given), False),
        (lambda lab, given: lab.timeouts(handle=given), False),
        (lambda lab, given: lab.ui(given), False),
    ],
    ids=["result", "retry_chart", "timeouts", "ui"],
)
async def test_what_is_no_handle_is_told_with_what_to_give(lab, show, is_async):
    async def told(given: Any) -> str:
        with pytest.raises(TutorialError) as error:
            await show(lab, given) if is_async else show(lab, given)
        return str(error.value)

    call = lab.client.start_workflow(Greeting.run, "Ada", id="order", task_queue="greetings")
    assert await told(call) == (
        "this is a call of Client.start_workflow that nobody awaited\n"
        "  → write await before it: handle = await lab.client.start_workflow(...)"
    )
    assert await told("order-42") == (
        "'order-42' is a text, not a handle\n"
        "  → give the handle of that id: lab.client.get_workflow_handle('order-42')"
    )
    assert (await told(Greeting)).startswith("Greeting is a workflow class, not the handle of an execution\n")
    assert "this is the handle of an activity" in await told(lab.client.get_activity_handle("reserve"))
