"""Exercises and quiz of lesson 05, starting workflows."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from temporalio import activity
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError

from tutorial_lib.course.payments import MoneyTransfer
from tutorial_lib.exercises import threads
from tutorial_lib.exercises.bench import Bench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function, a_handle, a_value
from tutorial_lib.exercises.ledger import Ledger
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.exercises.place import fresh_name
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.binary import find_binary
from tutorial_lib.stage.commands import run_cli
from tutorial_lib.stage.lab import Lab

__all__ = ["same_id", "lost_guests", "pay_once", "quiz"]  # noqa: RUF022 - in the lesson's order

LESSON = "lesson-05"
_DESKS = 5
_DESK_SECONDS = 2.0  # until all of them are ready to press
_VISIBILITY_SECONDS = 0.15  # until a start is surely listed
NEW, SAME, REFUSED = "new run", "same run", "refused"

Handle = WorkflowHandle[Any, Any]


# ---- what will the server say? -------------------------------------------------------------------


class SameId(Exercise):
    """Six starts under one id, foretold."""

    lesson = LESSON
    name = "same_id"
    title = "One id, six starts"
    task = (
        'Six times somebody starts `payment-7`. Say what comes of each: a `"new run"`, the `"same run"` as '
        'before, or `"refused"`. The check does all six on the server, and compares.'
    )
    starter = """
prediction = {
    # the first run is open
    "the SDK, no policies": ____,
    "the SDK, no policies, another task queue": ____,
    "the SDK, conflict policy USE_EXISTING": ____,
    "the CLI: temporal workflow start, no flags": ____,
    # it has completed, and no other is open
    "the SDK, no policies, after it completed": ____,
    # now the newest run has completed, too
    "the SDK, reuse policy ALLOW_DUPLICATE_FAILED_ONLY": ____,
}
"""
    takes = (a_value("prediction", dict, "the dictionary of the starter cell"),)
    hints = (
        (
            "Ask two things of each line: is a run of this id open, and if so, what does the conflict "
            "policy say? If none is open, what does the reuse policy say?"
        ),
        "An id is unique within something, and that is not the task queue.",
        (
            "One of the lines was surprising in the lesson, too: it said the same, word for word, as if it "
            "had started something."
        ),
    )
    solution_code = """
prediction = {
    "the SDK, no policies": "refused",
    "the SDK, no policies, another task queue": "refused",
    "the SDK, conflict policy USE_EXISTING": "same run",
    "the CLI: temporal workflow start, no flags": "same run",
    "the SDK, no policies, after it completed": "new run",
    "the SDK, reuse policy ALLOW_DUPLICATE_FAILED_ONLY": "refused",
}
"""
    why = (
        "While a run is open, the id belongs to it in the whole namespace, and the conflict policy "
        "decides; afterwards the reuse policy does. The defaults (fail, and allow duplicates) guard "
        "against two at once, not against two in a row."
    )

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """Do all six and compare."""
        (prediction,) = answers
        _well_formed(prediction)
        seen = await _six_starts(bench)
        wrong = [line for line, what in seen.items() if prediction[line] != what]
        if wrong:
            first = wrong[0]
            more = f" ({len(wrong) - 1} more of the six came otherwise)" if len(wrong) > 1 else ""
            raise NotYet(
                f"{first}: you said {prediction[first]!r}, it came out as {seen[first]!r}{more}",
                _REASONS[first],
            )
        return (
            "All six. The server kept payment-7 to one open run at a time; that it did so for the CLI "
            "without a word is why scripts want `--fail-existing`."
        )


_REASONS = {
    "the SDK, no policies": "a run of that id is open; what does the default conflict policy do?",
    "the SDK, no policies, another task queue": "an id is unique among the open executions of a namespace",
    "the SDK, conflict policy USE_EXISTING": "the policy's name says it; is that an error to its caller?",
    "the CLI: temporal workflow start, no flags": "the lesson looked at the run id that the CLI prints",
    "the SDK, no policies, after it completed": "nothing is open now; the default reuse policy is "
    "ALLOW_DUPLICATE",
    "the SDK, reuse policy ALLOW_DUPLICATE_FAILED_ONLY": "did the newest run fail?",
}


def _well_formed(prediction: Mapping[Any, Any]) -> None:
    missing = [line for line in _REASONS if line not in prediction]
    if missing:
        raise NotYet(f"the prediction has no line {missing[0]!r}", "keep the keys of the starter cell")
    odd = next((said for said in prediction.values() if said not in (NEW, SAME, REFUSED)), None)
    if odd is not None:
        raise NotYet(
            f"{odd!r} is none of the three answers", f"they are the texts {NEW!r}, {SAME!r} and {REFUSED!r}"
        )


async def _six_starts(bench: Bench) -> dict[str, str]:
    """What really comes of each line, in order."""
    ledger = Ledger()
    await bench.worker(workflows=[MoneyTransfer], activities=[_charge(ledger)])
    first = await bench.start(MoneyTransfer, "7", 100)
    known = {first.result_run_id}

    async def begin(**options: Any) -> str:
        try:
            handle = await bench.start(MoneyTransfer, "7", 100, id=first.id, **options)
        except WorkflowAlreadyStartedError:
            return REFUSED
        return told(handle.result_run_id or "")

    def told(run_id: str) -> str:
        what = SAME if run_id in known else NEW
        known.add(run_id)
        return what

    lines = iter(_REASONS)
    seen = {next(lines): await begin()}
    seen[next(lines)] = await begin(task_queue=f"{bench.task_queue}-2")
    seen[next(lines)] = await begin(id_conflict_policy=Conflict.USE_EXISTING)
    said = await asyncio.to_thread(_cli_start, bench, first.id)
    seen[next(lines)] = told(said.split("RunId", 1)[-1].split()[0]) if "RunId" in said else REFUSED
    await _confirmed(bench, first)
    seen[next(lines)] = await begin()
    await _confirmed(bench, bench.client.get_workflow_handle(first.id))
    seen[next(lines)] = await begin(id_reuse_policy=Reuse.ALLOW_DUPLICATE_FAILED_ONLY)
    return seen


def _cli_start(bench: Bench, workflow_id: str) -> str:
    line = ["workflow", "start", "--type", "MoneyTransfer", "--task-queue", bench.task_queue]
    client = bench.client
    return run_cli(
        find_binary().path,
        [*line, "--workflow-id", workflow_id],
        address=client.service_client.config.target_host,
        namespace=client.namespace,
    ).stdout


async def _confirmed(bench: Bench, handle: Handle) -> None:
    await handle.signal("confirm")
    await bench.ended(handle)


# ---- two starts that came to nothing -------------------------------------------------------------


class LostGuests(Exercise):
    """Two starts with one wrong name each, found and mended in the Web UI or a terminal."""

    lesson = LESSON
    name = "lost_guests"
    title = "Two lost guests"
    task = (
        "Nobody welcomes `guest-fay` and `guest-gus`: in each start one of the three names is wrong. Find "
        "which, in the Web UI or with `temporal workflow describe`, and see to it that both are welcomed, "
        "each under the id that it has."
    )
    starter = """
from temporalio import workflow


@workflow.defn
class Welcome:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"Welcome, {name}!"


lab.start_worker(task_queue="front-desk", workflows=[Welcome])
fay, gus = await ex.lost_guests.arrive(lab)
lab.ui()
"""
    takes = (a_handle("fay"), a_handle("gus"))
    hints = (
        (
            "`!temporal workflow describe --workflow-id guest-fay` shows type and task queue. Compare them "
            "with the class and the worker above, letter by letter."
        ),
        (
            "A start cannot be corrected, but it can be made again: `temporal workflow start ...` with all "
            "names right. What does the CLI do when a run of that id is open?"
        ),
        (
            "There is a flag for what is to happen to the open run: `--id-conflict-policy`. The lesson "
            "used its values from code. In the Web UI it takes two steps: terminate, start. (And for one "
            "of the two a worker may come to the task.)"
        ),
    )
    solution_code = """
for name in ("Fay", "Gus"):
    print(lab.cli(
        f"workflow start --workflow-id guest-{name.lower()} --task-queue front-desk --type Welcome"
        f" --input '\\"{name}\\"' --id-conflict-policy TerminateExisting"
    ))
"""
    why = (
        "`guest-fay` waits on a task queue that nobody polls, and nothing says so; `guest-gus` has a type "
        "that its worker refuses, at each try. Queue and type stand in event 1 and stay there, so each is "
        "started again; the conflict policy ends the lost run and begins the new one in a single request."
    )

    async def arrive(self, lab: Lab) -> tuple[Handle, Handle]:
        """Start the two guests, as somebody did who was in a hurry.

        Args:
            lab: The lab whose worker should have welcomed them.

        Returns:
            A handle of each, of the run that is lost.
        """
        for worker in lab.workers:
            if worker.spec.task_queue == "front-deck":  # it came to the task, when the cell ran before
                worker.stop()
        again = Conflict.TERMINATE_EXISTING
        start = lab.client.start_workflow
        fay: Handle = await start(
            "Welcome", "Fay", id="guest-fay", task_queue="front-deck", id_conflict_policy=again
        )
        gus: Handle = await start(
            "welcome", "Gus", id="guest-gus", task_queue="front-desk", id_conflict_policy=again
        )
        deadline = time.monotonic() + 5.0
        while time.monotonic() < deadline:  # what the worker says of it belongs into this cell
            history = await fetch_history(gus)
            if any(event.type == "WorkflowTaskFailed" for event in history):
                break
            await asyncio.sleep(0.02)
        return fay, gus

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - the lab's worker runs them
        """Look at the newest run under each id."""
        guests = [await _Guest.of(handle, name) for handle, name in zip(answers, ("Fay", "Gus"), strict=True)]
        if all(guest.untouched for guest in guests):
            if stray := await _stray(guests[0].lost):
                raise NotYet(
                    f"`{stray}` was started; `guest-fay` and `guest-gus` themselves still wait",
                    "an id is an address: whoever asks for `guest-fay` finds the lost run",
                )
            raise NotBegun(
                "`guest-fay` and `guest-gus` wait in the runs that the starter cell began. (The CLI says "
                "`Running execution` also when it has started nothing.)"
            )
        for guest in guests:
            guest.judge()
        ways = [
            "in a new run" if g.history.run_id != g.lost.result_run_id else "in the same run" for g in guests
        ]
        return (
            f"`guest-fay` was welcomed {ways[0]}, `guest-gus` {ways[1]}; event 1 has the names that this "
            f"came of: queue `{guests[0].history.task_queue}` and type `{guests[1].history.workflow_type}`."
        )


class _Guest(NamedTuple):
    """A guest: the run that was lost, and the newest one under the id."""

    name: str
    lost: Handle
    history: History

    @classmethod
    async def of(cls, lost: Handle, name: str) -> _Guest:
        if lost.id != f"guest-{name.lower()}":
            raise NotYet(
                f"this is the handle of `{lost.id}`", "the check wants `fay` and `gus`, in this order"
            )
        client: Client = lost._client  # noqa: SLF001 - the SDK has no public name for it
        newest = client.get_workflow_handle(lost.id)
        deadline = time.monotonic() + 1.0
        while True:
            description = await newest.describe()
            moved = description.run_id != lost.result_run_id
            running = description.status == WorkflowExecutionStatus.RUNNING
            if not (moved and running) or time.monotonic() > deadline:
                break
            await asyncio.sleep(0.05)  # it was started a moment ago
        return cls(
            name, lost, await fetch_history(client.get_workflow_handle(lost.id, run_id=description.run_id))
        )

    @property
    def untouched(self) -> bool:
        return not self.history.closed and self.history.run_id == self.lost.result_run_id

    def judge(self) -> None:
        """Demand that it was welcomed.

        Raises:
            NotYet: With the names of its newest run.
        """
        history, who = self.history, f"`{self.lost.id}`"
        if self.untouched:
            raise NotYet(
                f"{who} still waits in its first run: event 1 has type `{history.workflow_type}` and task "
                f"queue `{history.task_queue}`",
                "one of the two is unknown to the worker. If you did start it again: the CLI says `Running "
                "execution` also when it has started nothing",
                view=_picture(history),
            )
        if not history.closed:
            raise NotYet(
                f"{who} was started again and waits again: event 1 of the new run has type "
                f"`{history.workflow_type}` and task queue `{history.task_queue}`",
                "the worker knows the type `Welcome` and polls `front-desk`",
                view=_picture(history),
            )
        if history.status != "Completed":
            raise NotYet(
                f"{who} is {history.status}: nobody waits any more, but nobody was welcomed",
                "start it again under its id",
            )
        said = history.events[-1].payloads.get("result", ())
        if said != (f"Welcome, {self.name}!",):
            raise NotYet(
                f"{who} has completed with {said[0] if said else None!r}; the guest is called {self.name}",
                "the name is the input, as JSON: look at event 1 of the lost run",
            )


def _picture(history: History) -> Any:
    from tutorial_lib.views import Timeline

    return Timeline.of(history)


async def _stray(lost: Handle) -> str | None:
    """What was started under another id since."""
    client: Client = lost._client  # noqa: SLF001 - as above
    since = (await lost.describe()).start_time.isoformat()
    for patience in (_VISIBILITY_SECONDS, 0.0):
        async for each in client.list_workflows(f"StartTime > '{since}'"):
            if each.id not in ("guest-fay", "guest-gus"):
                return each.id
        await asyncio.sleep(patience)
    return None


# ---- paid once -----------------------------------------------------------------------------------


class _Starts(Interceptor):
    """A client's interceptor: what was really asked of the server, and which run came of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Workflow id and run id of each start that was not refused."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        asked = self.asked

        class Watching(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> Handle:  # noqa: A002 - the SDK's name
                handle = await super().start_workflow(input)
                asked.append((handle.id, handle.result_run_id or ""))
                return handle

        return Watching(next)


class PayOnce(Exercise):
    """An id and two policies that make a button safe to press."""

    lesson = LESSON
    name = "pay_once"
    title = "A button that pays once"
    task = (
        "Finish `press_pay`: however often it is pressed, and at however many desks at once, a payment is "
        "charged once. While the bank thinks, each press says `on its way`; once it is paid, `already "
        "paid`; and if the bank declined, the customer may press again."
    )
    starter = '''
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError


async def press_pay(client: Client, payment: str, amount: int) -> str:
    """What a press of the button does. `payment` is its number in the shop's books."""
    await client.start_workflow(
        "MoneyTransfer",
        args=[payment, amount],
        task_queue="payments-transfer-tq",
        id=____,
        id_conflict_policy=____,
        id_reuse_policy=____,
    )
    return "on its way"
'''
    takes = (a_function("press_pay"),)
    hints = (
        (
            "Two presses are the same payment if they have the same id, and two payments are not if they "
            "have not. What do you have that is different for each payment and the same for each press?"
        ),
        (
            "A press while a run is open is no mistake: it should find that run. Of the values of "
            "`Conflict`, which one does?"
        ),
        (
            "After the end, two cases are to be told apart, success and failure. One value of `Reuse` "
            "does; when it refuses, `start_workflow` raises, and the customer should not see that."
        ),
    )
    solution_code = '''
async def press_pay(client: Client, payment: str, amount: int) -> str:
    """What a press of the button does. `payment` is its number in the shop's books."""
    try:
        await client.start_workflow(
            "MoneyTransfer",
            args=[payment, amount],
            task_queue="payments-transfer-tq",
            id=f"payment-{payment}",
            id_conflict_policy=Conflict.USE_EXISTING,
            id_reuse_policy=Reuse.ALLOW_DUPLICATE_FAILED_ONLY,
        )
    except WorkflowAlreadyStartedError:
        return "already paid"
    return "on its way"
'''
    why = (
        "The id says which payment it is; the server keeps it to one open run, for all desks at once, "
        "without a lock or a table of yours. `USE_EXISTING` makes a second press harmless, "
        "`ALLOW_DUPLICATE_FAILED_ONLY` leaves the way open after a failure and nowhere else."
    )

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """Press, while it is open, after success, after failure; count charges and runs."""
        (press_pay,) = answers
        shop = _Shop(bench, press_pay, self.ledger)
        await bench.worker(
            workflows=[MoneyTransfer], activities=[_charge(self.ledger)], task_queue="payments-transfer-tq"
        )
        paid, declined = fresh_name("xyz"), fresh_name("abc")
        await _pressed_while_open(shop, paid)
        await _another_payment(shop, paid, declined)
        await _pressed_after_success(shop, paid)
        await _pressed_after_failure(shop, declined)
        charged = self.ledger.count(f"charge {paid}")
        return (
            f"{shop.presses} presses, two payments. The paid one was charged "
            f"{'once' if charged == 1 else f'{charged} times'}, in one run; the declined one could be tried "
            "again. The server did the book-keeping: all that it had was the id."
        )


class _Shop:
    """The learner's button, pressed; and what came of it."""

    def __init__(self, bench: Bench, press_pay: Callable[..., Any], ledger: Ledger) -> None:
        self.bench = bench
        self.ledger = ledger
        self.presses = 0
        self._button = press_pay
        self._starts = _Starts()
        self._client = Client(
            bench.client.service_client, namespace=bench.client.namespace, interceptors=[self._starts]
        )

    async def press_at_once(self, payment: str, desks: int) -> list[str]:
        """A press at each of so many desks, at the same moment. Returns what each customer is told."""
        all_there = threading.Barrier(desks)

        @functools.wraps(self._button)
        async def pressed(*args: Any) -> Any:
            all_there.wait(_DESK_SECONDS)  # each desk has a thread and a loop of its own
            return await self._button(*args)

        return await asyncio.gather(*(self.press(payment, pressed) for _ in range(desks)))

    async def press(self, payment: str, button: Callable[..., Any] | None = None) -> str:
        """One press. Returns what the customer is told; "refused" if the server's refusal came through.

        Raises:
            NotYet: If the button breaks, or says something else.
        """
        self.presses += 1
        before = self.started
        try:
            said = await threads.call(button or self._button, self._client, payment, 100)
        except NotYet as answer:
            if WorkflowAlreadyStartedError.__name__ in answer.seen:
                return "refused"
            if "did not return" in answer.seen and self.started > before:
                raise NotYet(
                    f"{answer.seen}, though the transfer is started: it waits for the bank",
                    "a customer does not wait that long at the button; which call starts and returns at "
                    "once?",
                ) from None
            raise
        if said not in ("on its way", "already paid"):
            raise NotYet(
                f"`press_pay` returned {said!r}"[:120], "the customer is told `on its way` or `already paid`"
            )
        return str(said)

    def runs(self, number: int = 0) -> list[tuple[str, str]]:
        """Workflow id and run id of what was started or found since the nth start, each once."""
        return list(dict.fromkeys(self._starts.asked[number:]))

    @property
    def started(self) -> int:
        """How many starts the server did not refuse."""
        return len(self._starts.asked)

    def handle(self, run: tuple[str, str]) -> Handle:
        """A handle of a run."""
        return self.bench.client.get_workflow_handle(run[0], run_id=run[1])


async def _pressed_while_open(shop: _Shop, payment: str) -> None:
    said = [await shop.press(payment), await shop.press(payment)]
    runs = shop.runs()
    if not runs:
        raise NotYet("`press_pay` was called twice, and the server was never asked to start a workflow")
    if len({workflow_id for workflow_id, _ in runs}) > 1:
        raise NotYet(
            "two presses for one payment made two ids, and so two transfers: both will be charged",
            "the server can only know that it is the same payment if the id says so",
        )
    if len(runs) > 1:
        last = (await fetch_history(shop.handle(runs[0]))).events[-1]
        raise NotYet(
            f"the second press began a second run, and the first one's event {last.id} is {last.type}: the "
            "bank may be charging it at that very moment",
            "a press while a run is open should find that run, not end it",
        )
    if "refused" in said:
        raise NotYet(
            "the second press, while the bank was still thinking, raised WorkflowAlreadyStartedError at "
            "the customer",
            "no second run, that is good; but there is a conflict policy that makes it no error at all",
        )
    if said != ["on its way"] * 2:
        raise NotYet(
            f"while the bank was thinking, the two presses said {said[0]!r} and {said[1]!r}",
            "a refusal says that the id is taken, not that anything is paid; there is a policy for open runs",
        )


async def _another_payment(shop: _Shop, payment: str, other: str) -> None:
    """Pressed at five desks at once."""
    before, [known] = shop.started, shop.runs()
    said = await shop.press_at_once(other, _DESKS)
    runs = shop.runs(before)
    if not runs or known in runs or {workflow_id for workflow_id, _ in runs} == {known[0]}:
        raise NotYet(
            f"another payment got the id of the first one, `{known[0]}`: it will never be charged".replace(
                payment, "xyz"
            ),
            "two payments are told apart by their ids",
        )
    if len(runs) > 1:
        raise NotYet(
            f"five presses at the same moment made {len(runs)} runs: all of them will be charged",
            "what you look up may have changed when you act on it; let the server decide, in the start "
            "itself",
        )
    if set(said) != {"on its way"}:
        raise NotYet(
            f"five presses at the same moment said {', '.join(sorted(set(said)))}",
            "one of them started the run, and the others should find it: all are told `on its way`",
        )


async def _pressed_after_success(shop: _Shop, payment: str) -> None:
    first, before = shop.runs()[0], shop.started
    await _confirmed(shop.bench, shop.handle(first))
    said = await shop.press(payment)
    if shop.runs(before):
        raise NotYet(
            "paid, and pressed again: that started a new run, and it will be charged a second time",
            "it is what the default does; the reuse policy says what may follow a closed run",
        )
    if said == "refused":
        raise NotYet(
            "paid, and pressed again: no second charge, but the customer sees WorkflowAlreadyStartedError",
            "catch it, and say `already paid`",
        )
    if said != "already paid":
        raise NotYet(f"paid, and pressed again: the customer is told {said!r}", "it is `already paid` by now")


async def _pressed_after_failure(shop: _Shop, payment: str) -> None:
    before, run = shop.started, shop.runs()[-1]
    handle = shop.handle(run)
    await handle.signal("decline")
    ended = await shop.bench.ended(handle)
    said = await shop.press(payment)
    again = shop.runs(before)
    last = ended.history.events[-1]
    if not again:
        raise NotYet(
            f"the bank declined (event {last.id}, {last.type}) and nothing was charged; the customer "
            f"presses again and is told {said!r}",
            "a reuse policy that refuses every second run is too strict here",
        )
    await _confirmed(shop.bench, shop.handle(again[0]))


# ---- what they share -----------------------------------------------------------------------------


def _charge(ledger: Ledger) -> Callable[..., Any]:
    @activity.defn(name="charge")
    async def charge(payment: str) -> None:
        ledger.add(f"charge {payment}")

    return charge


same_id = SameId()
lost_guests = LostGuests()
pay_once = PayOnce()

quiz = Quiz(
    LESSON,
    Question(
        "An order was started with the task queue `payment-tq`; the workers poll `payments-tq`. What "
        "happens?",
        [
            Choice(
                "The start raises an error",
                "The server does not know which queues will ever be polled: it writes the start down and "
                "says yes.",
            ),
            Choice(
                "The order fails after a while",
                "Nothing fails, so nothing ends: without a timeout of your own it waits for as long as you "
                "let it.",
            ),
            Choice(
                "It waits, and nothing says so",
                "Its history stops at the scheduled workflow task. The queue's pollers show it: there are "
                "none.",
                right=True,
            ),
        ],
    ),
    Question(
        "Yesterday's run of `report-7` has completed. Today somebody starts `report-7` again, with no "
        "policies. And?",
        [
            Choice(
                "A new run begins",
                "An id is unique among open executions, and none is open. For a report, just right.",
                right=True,
            ),
            Choice(
                "It is refused: the id is taken",
                "A closed run keeps its id from nobody, unless the start's reuse policy says so.",
            ),
            Choice(
                "It finds yesterday's run and returns its result",
                "`USE_EXISTING` finds open runs only. A closed one is read through a handle, without a "
                "start.",
            ),
        ],
    ),
    Question(
        "A run with a misspelt workflow type is RUNNING, and its workflow task fails again and again. What "
        "heals *this* run?",
        [
            Choice(
                "Nothing: it has to be terminated",
                "The run is fine, only nobody knows its type. It heals when somebody does.",
            ),
            Choice(
                "A worker that knows a workflow of that name",
                "The server keeps offering the task; the first worker that has the type goes on with it.",
                right=True,
            ),
            Choice(
                "A second start with the right type and `USE_EXISTING`",
                "That finds the run as it is, misspelt. The type stands in its first event and does not "
                "change.",
            ),
        ],
    ),
)
