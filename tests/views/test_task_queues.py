"""Task queues: the queue that nobody polls is obvious, with the name that was probably meant."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.taskqueue.v1 import PollerInfo
from temporalio.worker import Worker

from tests.support.waiting import wait_for
from tests.support.workflows import Elsewhere, Greeting, Sleeping, greet
from tutorial_lib.stage.pollers import LONGEST_POLL, is_ghost
from tutorial_lib.views.task_queues.facts import Queue, Side
from tutorial_lib.views.task_queues.layout import sentence, task_queues_layout
from tutorial_lib.views.task_queues.view import TaskQueues

POLLED = Side(pollers=("1@here",))
STUCK = Side(backlog=1, since=1000.2, needed_by=("order-1",))


def test_the_queue_that_nobody_polls_comes_first_and_names_the_likely_typo():
    rows = task_queues_layout([Queue("greetings", POLLED, POLLED), Queue("greetngs", STUCK)])
    assert [(row["name"], row["symbol"], row["verdict"]) for row in rows] == [
        ("greetngs", "▲", "nobody polls"),
        ("greetings", "●", "polled"),
    ]
    assert rows[0]["advice"] == (
        "Its workflow tasks wait. A worker polls 'greetings': is one of the two names a typo?"
    )
    assert sentence(rows) == (
        "Task queues. 'greetngs': ▲ nobody polls. Its workflow tasks wait. A worker polls 'greetings': "
        "is one of the two names a typo? 'greetings': polled."
    )


def test_the_name_that_was_meant_is_sought_among_pollers_of_the_same_kind():
    queues = [Queue("gpu", activity=STUCK), Queue("gpus", workflow=POLLED), Queue("orders", activity=POLLED)]
    (row,) = [row for row in task_queues_layout(queues) if row["verdict"] == "nobody polls"]
    assert row["advice"] == "Its activity tasks wait. Workers poll 'orders': start one here."
    (alone,) = task_queues_layout([Queue("gpu", STUCK)])
    assert alone["advice"] == "Its workflow tasks wait: start a worker here, and they go on at once."


def test_a_queue_of_the_same_name_in_another_namespace_is_told():
    stuck = Side(backlog=1, since=1.0, needed_by=("order-1",), polled_in=("default",))
    rows = task_queues_layout([Queue("orders", stuck, namespace="samples"), Queue("order", POLLED)])
    assert rows[0]["advice"] == (
        "Its workflow tasks wait: start a worker here. The one that polls 'orders' in namespace 'default' "
        "cannot see them: its client needs namespace='samples'."
    )
    rows = task_queues_layout(
        [Queue("orders", Side(pollers=("1@here",), waits_in=("default",)), namespace="samples")]
    )
    assert rows[0]["verdict"] == "polled"
    assert sentence(rows) == (
        "Task queues. 'orders': polled. Work for 'orders' waits in namespace 'default', where nobody polls. "
        "This is namespace 'samples': a client that starts work for these workers needs it."
    )


def test_other_verdicts():
    waiting = Side(pollers=("1@here",), backlog=3, since=1.0, needed_by=("a",))
    verdicts = {
        "work waits": Queue("q", waiting),
        "polled": Queue("q", POLLED),
        "no worker": Queue("q", Side(needed_by=("a",))),
        "left over": Queue("q", Side(backlog=2, since=1.0)),
        "quiet": Queue("q"),
    }
    for verdict, queue in verdicts.items():
        (row,) = task_queues_layout([queue])
        assert row["verdict"] == verdict
    # Whether work waits where workers are depends on the moment: the text does not say it.
    assert sentence(task_queues_layout([verdicts["work waits"]])) == "Task queues. 'q': polled."
    assert sentence([]) == "Task queues: none is in use."


def test_pollers_have_the_names_that_the_lab_gives_them():
    (row,) = task_queues_layout([Queue("q", Side(pollers=("1@here", "2@here")))], {"1@here": "worker-1"})
    assert row["workflow"]["pollers"] == ["worker-1", "another process"]
    assert row["workflow"]["identities"] == ["1@here", "2@here"]


def poller(identity: str, ago: float, now: float) -> PollerInfo:
    seen = Timestamp()
    seen.FromNanoseconds(int((now - ago) * 1e9))
    return PollerInfo(identity=identity, last_access_time=seen)


def test_a_poller_that_has_ended_does_not_count():
    now, me = time.time(), f"{os.getpid()}@{socket.gethostname()}"
    assert not is_ghost(poller(me, 30, now), now, 0.0)
    assert not is_ghost(poller(f"{me}#3", 30, now), now, 0.0)
    assert not is_ghost(poller("anna", 30, now), now, 0.0)
    assert is_ghost(poller(me, LONGEST_POLL + 1, now), now, 0.0)
    assert is_ghost(poller(me, 30, now), now, now - 20)  # said goodbye after its last poll
    assert not is_ghost(poller(me, 10, now), now, now - 20)  # and a new one polls under its name
    assert is_ghost(poller(f"999999999@{socket.gethostname()}", 1, now), now, 0.0)
    assert not is_ghost(poller("999999999@another-host", 1, now), now, 0.0)


async def test_a_typo_and_a_queue_of_activities_alone_show_on_the_real_server(lab):
    lab.start_worker(task_queue="greetings", workflows=[Greeting, Elsewhere], activities=[greet])
    await lab.client.start_workflow(Greeting.run, "Ada", id="typo", task_queue="greetngs")
    await lab.client.start_workflow(Elsewhere.run, "gpu", id="elsewhere", task_queue="greetings")
    view = await TaskQueues.follow(lab.client, lab.workers)

    def stuck() -> list[str]:
        return [row["name"] for row in view.rows if row["verdict"] == "nobody polls"]

    wait_for(lambda: stuck() == ["gpu", "greetngs"])
    rows = {row["name"]: row for row in view.rows}
    assert rows["greetngs"]["workflow"]["backlog"] == 1
    started = (await lab.client.get_workflow_handle("typo").describe()).start_time.timestamp()
    assert rows["greetngs"]["workflow"]["since"] >= int(started) - 1, (
        "of its first workflow, in whole seconds"
    )
    assert rows["gpu"]["activity"]["backlog"] == 1
    assert rows["greetings"]["workflow"]["pollers"] == ["this kernel"]
    assert "A worker polls 'greetings'" in repr(view)

    # It heals by itself as soon as somebody comes for the work, and the view shows that.
    lab.spawn_worker(task_queue="greetngs", workflows=[Greeting], activities=[greet], name="rescue")
    wait_for(lambda: stuck() == ["gpu"])
    view.close()


async def test_a_stopped_worker_of_the_learners_own_is_no_poller(lab):
    async with Worker(lab.client, task_queue="own", workflows=[Sleeping]):
        await lab.client.start_workflow(Sleeping.run, 600.0, id="sleeper", task_queue="own")
        view = await TaskQueues.follow(lab.client, lab.workers)
        # It is listed, and begins to poll, each in its own time.
        while not any(row["workflow"]["pollers"] for row in view.rows):
            await asyncio.sleep(0.02)
            await view.look()
        (row,) = view.rows
        assert row["workflow"]["pollers"] == ["another process"]
        assert row["verdict"] == "polled"
    await view.look()
    (row,) = view.rows
    assert (row["verdict"], row["workflow"]["pollers"]) == ("no worker", [])
    view.close()


async def test_queues_of_executions_that_were_over_before_do_not_count(lab):
    lab.start_worker(task_queue="old", workflows=[Greeting], activities=[greet])
    await lab.client.execute_workflow(Greeting.run, "Ada", id="over", task_queue="old")
    lab.workers.close()
    later = await TaskQueues.follow(lab.client, lab.workers, datetime.now(UTC))
    assert "'old'" not in repr(later)
    later.close()


async def test_in_a_cell_it_is_a_table_with_a_picture(lab):
    view = await TaskQueues.follow(lab.client, lab.workers)
    data, _ = view._repr_mimebundle_()
    assert data["text/plain"] == "Task queues: none is in use."
    assert data["text/html"].startswith('<img alt="Task queues: none is in use."')
    assert view._watch is not None
    view.close()
    assert not view._watch.alive


async def test_a_worker_here_and_work_there_are_seen_from_both_sides(lab, client, unique):
    here, there = unique("here"), unique("there")
    lab.start_worker(task_queue=here, workflows=[Sleeping])
    astray = await client.start_workflow(Sleeping.run, 1, id=unique("astray"), task_queue=here)
    await lab.client.start_workflow(Sleeping.run, 1, id="stuck", task_queue=there)
    async with Worker(client, task_queue=there, workflows=[Sleeping]):
        view = await TaskQueues.follow(lab.client, lab.workers)

        def told() -> list[str]:
            return [row["name"] for row in view.rows if "in namespace 'default'" in row["advice"]]

        await asyncio.to_thread(wait_for, lambda: told() == [there, here])
        view.close()
    await astray.terminate()
