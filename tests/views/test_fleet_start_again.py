"""A worker that was stopped or killed is started again: one of the same spec, with another identity."""

from __future__ import annotations

import psutil
import pytest

from tests.support.workflows import Greeting, WhoRunsIt, greet, whoami


async def test_a_killed_process_is_started_again_as_another_process(lab):
    worker = lab.spawn_worker(task_queue="q", workflows=[WhoRunsIt], activities=[whoami], name="worker-1")
    first_pid, first_identity = worker.pid, worker.identity
    worker.kill()
    assert not psutil.pid_exists(first_pid)
    worker.start()
    assert worker.alive
    assert worker.pid != first_pid
    assert first_identity in lab.workers.gone()
    assert worker.identity not in lab.workers.gone()
    assert list(lab.workers) == [worker]
    handle = await lab.client.start_workflow(WhoRunsIt.run, id="who", task_queue="q")
    assert await lab.result(handle) == worker.pid
    assert repr(lab.workers).splitlines()[1].endswith("● alive")


async def test_an_embedded_worker_is_started_again_under_another_identity(lab):
    worker = lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    before = worker.identity
    worker.stop()
    assert before in lab.workers.gone()
    worker.start()
    assert worker.alive
    assert worker.identity != before
    assert lab.workers.gone() == {before}
    handle = await lab.client.start_workflow(Greeting.run, "Ada", id="greet", task_queue="greetings")
    assert await lab.result(handle) == "Hello, Ada!"


async def test_starting_a_worker_that_runs_does_nothing(lab):
    worker = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    pid = worker.pid
    worker.start()
    assert worker.pid == pid


async def test_the_log_of_a_killed_process_is_kept_when_it_starts_again(lab):
    worker = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    worker.kill()
    with worker._log_file.open("a") as log:
        log.write("what it said before\n")
    worker.start()
    assert "what it said before" in worker.log


@pytest.mark.parametrize("kind", ["embedded", "process"])
async def test_an_identity_of_the_learners_own_is_not_gone_while_it_runs_again(lab, kind):
    make = lab.start_worker if kind == "embedded" else lab.spawn_worker
    worker = make(task_queue="q", workflows=[Greeting], activities=[greet], identity="anna")
    worker.stop()
    assert lab.workers.gone() == {"anna"}
    worker.start()
    assert worker.identity == "anna"
    assert lab.workers.gone() == set()
