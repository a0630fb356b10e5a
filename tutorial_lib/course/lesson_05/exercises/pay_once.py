"""An id and two policies that make a button safe to press."""

from __future__ import annotations

from typing import Any

from tutorial_lib.course.lesson_05.payments import charge, confirmed
from tutorial_lib.course.lesson_05.shop import Shop
from tutorial_lib.course.workflows.payments import MoneyTransfer
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import fetch_history

_DESKS = 5


class PayOnce(Exercise):
    """An id and two policies that make a button safe to press."""

    title = "A button that pays once"
    task = (
        "Finish `press_pay`: however often it is pressed, and at however many desks at once, a payment is "
        "charged once. While the bank thinks, each press says `on its way`; once it is paid, `already "
        "paid`; and if the bank declined, the customer may press again."
    )
    starter = """
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError


async def press_pay(client: Client, payment: str, amount: int) -> str:
    await client.start_workflow(
        "MoneyTransfer",
        args=[payment, amount],
        task_queue="payments-transfer-tq",
        id=____,
        id_conflict_policy=____,
        id_reuse_policy=____,
    )
    return "on its way"
"""
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
    solution_code = """
async def press_pay(client: Client, payment: str, amount: int) -> str:
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
"""
    why = (
        "The id says which payment it is; the server keeps it to one open run, for all desks at once, "
        "without a lock or a table of yours. `USE_EXISTING` makes a second press harmless, "
        "`ALLOW_DUPLICATE_FAILED_ONLY` leaves the way open after a failure and nowhere else."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Press, while it is open, after success, after failure; count charges and runs."""
        (press_pay,) = answers
        shop = Shop(bench, press_pay, self.ledger)
        await bench.worker(
            workflows=[MoneyTransfer], activities=[charge(self.ledger)], task_queue="payments-transfer-tq"
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


async def _pressed_while_open(shop: Shop, payment: str) -> None:
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


async def _another_payment(shop: Shop, payment: str, other: str) -> None:
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


async def _pressed_after_success(shop: Shop, payment: str) -> None:
    first, before = shop.runs()[0], shop.started
    await confirmed(shop.bench, shop.handle(first))
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


async def _pressed_after_failure(shop: Shop, payment: str) -> None:
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
    await confirmed(shop.bench, shop.handle(again[0]))
