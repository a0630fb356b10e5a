"""What a busy machine does to a check is no fault of the learner's."""

from __future__ import annotations

import asyncio
import importlib
import threading
import types
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from tests.support.waiting import BACKSTOP, looks_async, wait_until
from tests.support.workflows import Greeting, greet
from tutorial_lib.course import lesson_02, lesson_09, lesson_12
from tutorial_lib.course.lesson_02.exercises import goodbye, three_ends
from tutorial_lib.exercises.checks import workbench
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.stage.workers.embedded import EmbeddedWorker


async def has_ended(order) -> bool:
    return (await order.describe()).close_time is not None


async def test_a_worker_is_killed_while_it_packs_however_late_every_look_is(client, monkeypatch):
    in_hand = three_ends._in_hand

    async def in_hand_for_long(order):
        await in_hand(order)
        async for _ in looks_async():
            if await has_ended(order):
                break

    monkeypatch.setattr(three_ends, "_in_hand", in_hand_for_long)
    bench = Workbench(client, "three-ends")
    try:
        seen = await three_ends._three_ends(bench)
    finally:
        await bench.close()
    assert [three_ends._begun(history).attempt for history in seen.values()] == [2, 1, 1]


async def test_a_machine_that_is_late_with_every_look_gives_a_right_answer_its_due(
    client, monkeypatch, tmp_path
):
    exercise = lesson_02.goodbye
    (tmp_path / "packing_cells.py").write_text(exercise.starter + exercise.solution_code)
    monkeypatch.syspath_prepend(tmp_path)
    cells = importlib.import_module("packing_cells")
    late = []

    def only_when_packed(look):
        async def looked(order):
            if order.id.endswith("order-71"):
                late.append(order.id)
                async for _ in looks_async():
                    if await three_ends._packed(order):
                        break
            return await look(order)

        return looked

    monkeypatch.setattr(goodbye, "heartbeats", only_when_packed(goodbye.heartbeats))
    monkeypatch.setattr(goodbye, "fetch_history", only_when_packed(goodbye.fetch_history))
    bench = Workbench(client, "packed-unseen")
    try:
        told = await exercise.verify(bench, cells.work, cells.PackOrder, cells.pack)
    finally:
        await bench.close()
    assert late
    assert len(set(late)) == 1  # and the first scene was good enough
    assert "order-71 was packed at attempt 1" in told


@pytest.fixture
def slow_start(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event, threading.Event]:
    """A worker that starts only when the second is set; the others are set when it has begun to, and has."""
    begun, go_on, started = threading.Event(), threading.Event(), threading.Event()
    real = EmbeddedWorker.start

    def start(self: EmbeddedWorker) -> None:
        begun.set()
        assert go_on.wait(BACKSTOP)
        real(self)
        started.set()

    monkeypatch.setattr(EmbeddedWorker, "start", start)
    return begun, go_on, started


async def test_a_bench_moves_while_a_worker_starts(client, slow_start):
    begun, go_on, _ = slow_start
    bench = Workbench(client, "slow-start")
    starting = asyncio.create_task(bench.worker(workflows=[Greeting], activities=[greet]))
    await wait_until(begun.is_set)
    still = await bench.moved()
    async for _ in looks_async():
        if await bench.moved() > still:
            break
    go_on.set()
    await starting
    assert await bench.moved() == await bench.moved()
    await bench.close()


async def test_a_worker_whose_start_was_given_up_is_stopped_with_the_bench(client, slow_start):
    begun, go_on, started = slow_start
    bench = Workbench(client, "given-up")
    starting = asyncio.create_task(bench.worker(workflows=[Greeting], activities=[greet]))
    await wait_until(begun.is_set)
    starting.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.wait({starting})
    assert starting.cancelled()
    await bench.close()
    await wait_until(started.is_set)
    await wait_until(lambda: not [each for each in threading.enumerate() if bench.name in each.name])


async def test_a_worker_without_an_activity_is_not_interrupted_however_slow_it_is(client, monkeypatch):
    """Its thread got no turn for a moment: what runs there is the SDK's own work."""
    interrupted, ended = [], threading.Event()
    monkeypatch.setattr(workbench, "interrupt", interrupted.append)
    monkeypatch.setattr(workbench, "BLOCKED", 0.0)
    bench = Workbench(client, "slow-end")
    worker = await bench.worker(workflows=[Greeting], activities=[greet])
    real = worker.stop

    def stop() -> None:
        ended.wait(2 * workbench.QUIET_STOP)
        real()

    monkeypatch.setattr(worker, "stop", stop)
    monkeypatch.setattr(worker, "answers", lambda _: False)
    await bench.close()
    assert interrupted == []


async def test_a_bench_moves_while_a_workflow_task_is_given_out(client):
    answer = DescribeWorkflowExecutionResponse()
    answer.workflow_execution_info.history_length = 7
    answer.pending_workflow_task.started_time.FromDatetime(datetime.now(UTC) - timedelta(minutes=5))

    async def describe():
        return types.SimpleNamespace(raw_description=answer)

    bench = Workbench(client, "moved")
    bench._open.append(types.SimpleNamespace(describe=describe))
    still = await bench.moved()
    answer.pending_workflow_task.state = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
    assert await bench.moved() >= still + 299


class RecordedError(Exception):
    """Ends a check when it starts its worker."""


@pytest.mark.parametrize(
    "exercise", [lesson_09.stop, lesson_09.which_fires, lesson_12.oven], ids=lambda e: e.name
)
async def test_a_check_in_which_a_heartbeat_matters_holds_none_back(client, monkeypatch, exercise):
    """The SDK leaves a fifth of a timeout: who stands still so long is refused, with a right answer."""
    options = {}

    async def worker(_: Workbench, **given: object) -> None:
        options.update(given)
        raise RecordedError

    monkeypatch.setattr(Workbench, "worker", worker)
    answers = {"which_fires": dict.fromkeys("ABCDE", "none")}
    with pytest.raises(RecordedError):
        await exercise.verify(Workbench(client, "held-back"), answers.get(exercise.name, greet))
    assert options["max_heartbeat_throttle_interval"].total_seconds() == 0.2
