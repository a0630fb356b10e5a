"""Two async handlers at the same moment, and a `run` that does not wait for them."""

from __future__ import annotations

import ast
import asyncio
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateHandle, WorkflowUpdateStage
from temporalio.service import RPCError

from tutorial_lib.course.lesson_11.answered import Handle, unless_held_up
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.patience import Patience, in_time
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import fetch_history

_BUYERS = ("Ada", "Bob", "Cem")  # three: a lock that the second one leaves held hangs the third
_ANSWER_SECONDS = 3.0  # without any news
_OVER = "AcceptedUpdateCompletedWorkflow"  # the failure's type, where the workflow was over first
_CLOSED = 10.0  # seconds that the cards may wait at most
_WAIT = "`run` returns as soon as `sold_to` is set, and that ends the handlers: let it wait for them, last"


class LastSeat(Exercise):
    """Two async handlers at the same moment, and a `run` that does not wait for them."""

    title = "The last seat"
    task = (
        "Ada, Bob and Cem buy the last seat at the same moment. See to it that one card is charged, that its "
        "owner gets a ticket and the answer `sold to ...`, and that the others hear `sold out`."
    )
    starter = """
import asyncio
from datetime import timedelta

from temporalio import workflow

TIME = {"start_to_close_timeout": timedelta(seconds=10)}


@workflow.defn
class LastSeat:
    def __init__(self) -> None:
        self.sold_to = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.sold_to != "")
        return self.sold_to

    @workflow.update
    async def buy(self, name: str) -> str:
        if self.sold_to:
            return "sold out"
        await workflow.execute_activity("charge", name, **TIME)
        self.sold_to = name
        await workflow.execute_activity("send_ticket", name, **TIME)
        return f"sold to {name}"
"""
    takes = (a_workflow("LastSeat"),)
    hints = (
        "Two faults. Where does Ada's handler stand while Bob's begins? And when does `run` return?",
        (
            "From the look at `sold_to` to its change nobody else may come in: a lock, made once for the "
            "workflow, or no `await` in between."
        ),
        "`workflow.all_handlers_finished` is a condition like any other: `run` can wait for it, last.",
    )
    solution_code = """
@workflow.defn
class LastSeat:
    def __init__(self) -> None:
        self.sold_to = ""
        self.lock = asyncio.Lock()

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.sold_to != "")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.sold_to

    @workflow.update
    async def buy(self, name: str) -> str:
        async with self.lock:
            if self.sold_to:
                return "sold out"
            await workflow.execute_activity("charge", name, **TIME)
            self.sold_to = name
        await workflow.execute_activity("send_ticket", name, **TIME)
        return f"sold to {name}"
"""
    why = (
        "The lock holds from the look to the change, so the next buyer looks when the first one has paid. "
        "(Setting `sold_to` before the charge would do, too, if a declined card gives the seat back.) "
        "And `run` waits for the handlers, or no ticket would be sent: a workflow that is over has none."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Three buy, and no card is charged before all are accepted."""
        (last_seat,) = answers
        open_, activities = _shop(self.ledger)
        await bench.worker(workflows=[last_seat], activities=activities)
        handle = await bench.start(last_seat)
        await bench.until(handle, "WorkflowTaskCompleted")
        try:
            updates = [await _accepted(bench, handle, name, last_seat) for name in _BUYERS]
        finally:
            open_.set()
        heard = await _heard(bench, updates, last_seat)
        await _charged_once(handle, last_seat)
        for name, said in zip(_BUYERS, heard, strict=True):
            if isinstance(said, BaseException):
                raise NotYet(
                    f"{name}'s call failed: {getattr(said, 'message', said)}",
                    _cut_off(last_seat)
                    if getattr(said, "type", "") == _OVER or isinstance(said, RPCError)
                    else "leave `buy` an update: all three wait for its answer"
                    if "not found" in str(said)
                    else "`sold out` is an answer: return it, as before",
                )
        await _no_timer(handle)
        run = await bench.ended(handle, seconds=4)
        return self._sold(run, heard)

    def _sold(self, run: Run, heard: Sequence[Any]) -> str:
        buyer = next((name for name in _BUYERS if f"sold to {name}" in heard), "")
        if not buyer:
            raise NotYet(f"they heard {', '.join(map(repr, heard))}", "one of them is to hear `sold to ...`")
        for name, said in zip(_BUYERS, heard, strict=True):
            if name != buyer and said != "sold out":
                raise NotYet(f"the seat is {buyer}'s, and {name} heard {said!r}", "`sold out`, as before")
        if self.ledger.entries != (f"charge {buyer}", f"ticket {buyer}"):
            done = ", ".join(self.ledger.entries) or "nothing"
            raise NotYet(
                f"the seat is {buyer}'s, and what was done is: {done}", "one charge, then one ticket"
            )
        if run.result != buyer:
            raise NotYet(f"the seat is {buyer}'s, and `run` returned {run.result!r}", "leave that as it was")
        charged = run.expect.scheduled("charge")[0]
        return (
            f"All were accepted before a card was charged; event {charged.id} is the only charge, and the "
            f"ticket was sent before event {run.history.events[-1].id}, the end."
        )


def _shop(ledger: Ledger) -> tuple[threading.Event, list[Callable[..., Any]]]:
    """What charges and sends, as soon as it is open."""
    opened = threading.Event()

    @activity.defn(name="charge")
    async def charge(name: str) -> None:
        await asyncio.to_thread(opened.wait, _CLOSED)
        ledger.add(f"charge {name}")

    @activity.defn(name="send_ticket")
    async def send_ticket(name: str) -> None:
        ledger.add(f"ticket {name}")

    return opened, [charge, send_ticket]


async def _accepted(
    bench: Workbench, handle: Handle, name: str, last_seat: type
) -> WorkflowUpdateHandle[Any]:
    call = handle.start_update("buy", name, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
    try:
        update: WorkflowUpdateHandle[Any] = await unless_held_up(bench, call, name)
    except WorkflowUpdateFailedError as error:
        raise NotYet(
            f"{name} was refused: {getattr(error.cause, 'message', error.cause)}",
            "nobody has bought the seat yet: all are accepted, and two hear `sold out`",
        ) from None
    except RPCError:
        history = await fetch_history(handle)
        raise NotYet(
            f"{name} came too late: the workflow was over (event {history.events[-1].id}) before a card was "
            "charged",
            "no handler was running yet, so there was none to wait for: `run` waits for `sold_to` first"
            if name == _BUYERS[0]
            else _cut_off(last_seat),
        ) from None
    return update


async def _heard(
    bench: Workbench, updates: Sequence[WorkflowUpdateHandle[Any]], last_seat: type
) -> list[Any]:
    """What each buyer hears; an error, where the update failed."""

    async def hear(update: WorkflowUpdateHandle[Any], name: str) -> Any:
        try:
            return await unless_held_up(bench, update.result(), name)
        except WorkflowUpdateFailedError as error:
            return error.cause
        except RPCError as error:
            return error

    calls = [asyncio.ensure_future(hear(*each)) for each in zip(updates, _BUYERS, strict=True)]
    hearing = asyncio.gather(*calls)
    try:
        if await in_time(hearing, Patience(_ANSWER_SECONDS), bench.moved):
            return hearing.result()
    except NotYet as held_up:
        raise _named(held_up) from None
    deaf = [name for name, call in zip(_BUYERS, calls, strict=True) if call.cancelled()]
    hear_nothing = f"{deaf[0]} hears" if len(deaf) == 1 else f"{' and '.join(deaf)} hear"
    raise NotYet(
        f"{hear_nothing} nothing: nothing moves any more",
        "a handler that waits until all handlers have finished waits for itself: that is for `run`"
        if "all_handlers_finished" in _code(last_seat, but="run")
        else "does somebody still hold the lock, or wait for what never comes?",
    )


def _named(held_up: NotYet) -> NotYet:
    """What a workflow task fails with, where it is one of the usual slips."""
    why = held_up.diagnosis.message if held_up.diagnosis else ""
    if "bool" in why and ("'await'" in why or "not callable" in why):
        return NotYet(
            held_up.seen,
            "`all_handlers_finished` is a condition, to be waited for: `await "
            "workflow.wait_condition(workflow.all_handlers_finished)`",
        )
    return held_up


async def _charged_once(handle: Handle, last_seat: type) -> None:
    charges = [
        event
        for event in await fetch_history(handle)
        if event.type == "ActivityTaskScheduled" and event.name == "charge"
    ]
    if len(charges) <= 1:
        return
    where = _code(last_seat, but="__init__")
    buy = where.partition("def buy")[2]
    hint = (
        "Ada's handler had looked and was waiting for `charge` when Bob's looked: keep others out meanwhile"
    )
    if "Lock()" in where:
        hint = "a lock that each call makes for itself keeps nobody out: make one in `__init__`"
    elif "self.sold_to = " not in where:
        hint = "nobody sets `sold_to`, so everybody who looks may buy"
    elif 0 <= buy.find("'charge'") < buy.find("self.sold_to"):
        hint = "each charges before it looks whether the seat is sold: look first"
    elif "self." in where and "Lock()" in _code(last_seat):
        hint = "hold the lock from the look at `sold_to` to its change: both looked before it was set"
    raise NotYet(f"two cards are charged for one seat (events {charges[0].id} and {charges[1].id})", hint)


async def _no_timer(handle: Handle) -> None:
    if timers := [each for each in await fetch_history(handle) if each.type == "TimerStarted"]:
        raise NotYet(
            f"event {timers[0].id} is a timer: how long does a ticket take?",
            "too short, and it is cut off; too long, and all wait in vain: wait for the handlers themselves",
        )


def _cut_off(last_seat: type) -> str:
    """Why a handler was not done when `run` returned."""
    code = _code(last_seat)
    if re.search(r"wait_condition\((workflow\.)?all_handlers_finished (and|or) ", code):
        return (
            "`and` of two functions is one of the two, and nobody calls the other: write one `lambda:` that "
            "calls `workflow.all_handlers_finished()`"
        )
    if re.search(r"(lambda:| and | or ).*all_handlers_finished(?!\()", code):
        return "a function that is named and not called is always true: `workflow.all_handlers_finished()`"
    if "all_handlers_finished" in code:
        return "`run` does not wait for the handlers *last*: when `sold_to` is set, wait for them again"
    return _WAIT


def _code(last_seat: type, *, but: str = "") -> str:
    """The source of the methods, but for one."""
    node = definition_of(last_seat)
    parts = [each for each in getattr(node, "body", ()) if getattr(each, "name", "") != but]
    return "\n".join(map(ast.unparse, parts))
