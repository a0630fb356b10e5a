"""What one worker remembers, another does not know: hand it over in the history."""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.cells.export.worker_module import write_worker_module
from tutorial_lib.errors import Stuck
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.patience import Patience
from tutorial_lib.exercises.checks.stuck_messages import SEVERAL, misfits
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.progress import progress


class TwoMachines(Exercise):
    """What one worker remembers, another does not know: hand it over in the history."""

    title = "Works with one worker, fails with two"
    task = (
        "This shop has run for a year on one worker. Since there are two, orders get stuck. Repair it, and "
        "keep `pick` and `pack` as two activities: either may run on any machine."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow

LIMIT = timedelta(seconds=2)
shelf: dict[str, str] = {}  # what was picked, by order


@activity.defn
async def pick(order_id: str) -> None:
    shelf[order_id] = f"goods of {order_id} from row {len(order_id)}"


@activity.defn
async def pack(order_id: str) -> str:
    return f"a box with the {shelf[order_id]}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        await workflow.execute_activity(
            pick, order_id, start_to_close_timeout=LIMIT
        )
        return await workflow.execute_activity(
            pack, order_id, start_to_close_timeout=LIMIT
        )
"""
    takes = (a_workflow("FulfilOrder"), an_activity("pick"), an_activity("pack"))
    hints = (
        "In which process is `shelf`, and who else can look into it?",
        (
            "There is one thing that all workers share: the event history. What an activity returns is "
            "written there; what it is given as an argument comes from there."
        ),
    )
    solution_code = """
@activity.defn
async def pick(order_id: str) -> str:
    return f"goods of {order_id} from row {len(order_id)}"


@activity.defn
async def pack(goods: str) -> str:
    return f"a box with the {goods}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        goods = await workflow.execute_activity(
            pick, order_id, start_to_close_timeout=LIMIT
        )
        return await workflow.execute_activity(
            pack, goods, start_to_close_timeout=LIMIT
        )
"""
    why = (
        "A global, a cache, a file on the local disk: all of them are on one machine, and two activities of "
        "one order meet on the same machine only by luck. Results and arguments go through the server. What "
        "is too big for that goes to a store that all workers reach, and its address through the server."
    )

    GOODS = "goods of order-7 from row 7"

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Each activity is of a copy of the notebook's code of its own, as on two machines."""
        fulfil, pick, pack = answers
        here, there = _copies([pick, pack])
        await bench.worker(workflows=[fulfil], activities=[here, there])
        handle = await bench.start(fulfil, "order-7")
        await self._until_it_fails(handle)
        try:
            run = await bench.ended(handle, seconds=4)
        except NotYet as stuck:
            if stuck.diagnosis is None or stuck.diagnosis.kind is not Stuck.NO_POLLER:
                raise
            raise NotYet(
                stuck.seen, "both machines poll the workflow's own queue: ask there, without `task_queue`"
            ) from None
        seen = run.expect
        if run.failure is not None:
            last = run.history.events[-1]
            because = last.failure.reason if last.failure else run.history.status
            raise NotYet(
                f"the order has failed, event {last.id}: {because}",
                "a retry policy cannot help: the other machine's memory stays empty",
            )
        if markers := seen.events("MarkerRecorded"):
            raise NotYet(
                f"event {markers[0].id} is the marker of a local activity: it runs inside the workflow's "
                "worker, so both are bound to one machine again",
                "`workflow.execute_activity` lets any machine do it; what must travel then?",
            )
        seen.ran("pick", hint="keep the two activities of the starter cell")
        seen.ran("pack", hint="keep the two activities of the starter cell")
        seen.after("pack", "pick", hint="wait for `pick` before you ask for `pack`")
        picked, packed = seen.has("ActivityTaskCompleted", "pick"), seen.scheduled("pack")[0]
        if self.GOODS not in str(picked.payloads.get("result", "")):
            raise self._not_handed_over(run, picked, packed)
        if self.GOODS not in str(packed.payloads.get("input", "")):
            raise NotYet(
                f"event {picked.id} holds the goods, but event {packed.id} asks for `pack` with "
                f"{_values(packed, 'input')}",
                "give `pack` what `pick` returned",
            )
        if run.result != f"a box with the {self.GOODS}":
            raise NotYet(f"the order returned {run.result!r}", f"it is to be 'a box with the {self.GOODS}'")
        return (
            f"Event {picked.id} holds what was picked, and event {packed.id} hands it to whoever packs. The "
            "two machines know nothing of each other."
        )

    def _not_handed_over(self, run: Run, picked: Event, packed: Event) -> NotYet:
        told = f"the result of `pick` in event {picked.id} is {_values(picked, 'result')}"
        if self.GOODS in str(run.result):
            given = _values(packed, "input")
            return NotYet(
                f"the box has the right goods, and no event says how they came there: {told}, and `pack` was "
                f"given {given} (event {packed.id})",
                "a file, say, is on one machine as a global is; this check has only one disk, Kubernetes has "
                "many",
            )
        return NotYet(told, "let `pick` return the goods as they were, so that the server has them")

    @staticmethod
    async def _until_it_fails(handle: WorkflowHandle[Any, Any]) -> None:
        """Until the order is done, or an activity has failed: its retries would go on for ever."""
        patience, news, took = Patience(3), 0, 0.0
        while not patience.over(news, took):
            asked = time.monotonic()
            raw = (await handle.describe()).raw_description
            news, took = progress(raw, clock_of(sdk.client_of(handle)).now()), time.monotonic() - asked
            for pending in raw.pending_activities:
                if pending.HasField("last_failure"):
                    failure = pending.last_failure
                    kind = failure.application_failure_info.type or "an error"
                    name = pending.activity_type.name
                    if kind == "KeyError" and name == "pack":
                        raise NotYet(
                            "`pack` ran on another machine than `pick`, and looked for the goods in the "
                            f"memory of its own: KeyError: {failure.message}. It is retried, and the order "
                            "waits",
                            "what `pick` knows must reach `pack` by a way that both machines share",
                        )
                    if failure.HasField("timeout_failure_info"):
                        raise NotYet(
                            f"activity `{name}` did not return in time and is tried again: {failure.message}",
                            "does it wait for something, or loop for ever?",
                        )
                    raise NotYet(
                        f"activity `{name}` fails on a machine of its own and is retried: {kind}: "
                        f"{failure.message}",
                        _cure(kind, failure.message),
                    )
            if raw.workflow_execution_info.HasField("close_time"):
                return
            if raw.HasField("pending_workflow_task") and raw.pending_workflow_task.attempt > 1:
                return
            await asyncio.sleep(0.02)


def _cure(kind: str, message: str) -> str:
    """What to do about an activity's error."""
    if misfits(kind, message):
        return SEVERAL
    if kind == "NameError":
        return "an activity knows what it is given as arguments, and nothing of the workflow that asks for it"
    return "does it use something that only another machine has?"


def _copies(activities: list[Any]) -> list[Any]:
    """A learner's activities, each from a module of its own: the same code, and nothing in common."""
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        written = write_worker_module(activities, Path(folder), name=fresh_name("machine").replace("-", "_"))
        return [getattr(_loaded(written.module, written.path), each.__name__) for each in activities]


def _loaded(name: str, path: Path) -> ModuleType:
    """The module in a file, loaded anew."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101 - it is a file that was just written
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _values(event: Event, field: str) -> str:
    """What an event carries, as a learner would write it."""
    return ", ".join(f"`{value!r}`" for value in event.payloads.get(field, ())) or "nothing"
