"""Lesson 03, namespaces and task queues."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_03 as ex

DISK = ex.own_disk.starter
BACK = ex.own_disk.solution_code
SECOND = """workflow.execute_activity(
            count_words, report, start_to_close_timeout=limit
        )"""
FIRST = "workflow.execute_activity(download, report, start_to_close_timeout=limit)"


def forecast(*words: object) -> str:
    return f"forecast = dict(zip(('order-1', 'order-2', 'order-3', 'order-1 again'), {words!r}))"


def cli(*commands: str) -> str:
    """Commands as a learner gives them, in a cell."""
    return "\n".join(f"!temporal workflow {command}" for command in commands)


def again(queue: str = "shipping-tq", kind: str = "ShipParcel", more: str = "--input '\"order-77\"'") -> str:
    return f"start --workflow-id order-77 --type {kind} --task-queue {queue} {more}"


END = "terminate --workflow-id order-77"
RESCUE = """
lab.start_worker(task_queue="shiping-tq", workflows=lab.workers[0].spec.workflows)
await lab.result(lost)
"""
STRANGER = """
import asyncio

from temporalio import workflow


@workflow.defn
class Other:
    @workflow.run
    async def run(self) -> None:
        return


lab.start_worker(task_queue="shiping-tq", workflows=[Other])
while len((await lost.fetch_history()).events) < 4:
    await asyncio.sleep(0.05)
"""
GONE = """
import asyncio

from temporalio.service import RPCError

while True:
    try:
        await lost.describe()
    except RPCError:
        break
    await asyncio.sleep(0.05)
"""
# Leaves no worker on the misspelt queue to the answers after it.
HOME = "\nfor each in lab.workers:\n    each.stop()"

FOUR_STARTS = [
    Answer("four_starts", "forecast = forecast | {'order-1': 'waits'}", NOT_ATTEMPTED, says="____"),
    Answer(
        "four_starts",
        "waits, refused = 'waits', 'refused'\n"
        "forecast = {'order-1 again': refused, 'order-3': refused, 'order-2': waits, 'order-1': waits}",
        CORRECT,
    ),
    # a typo is an error
    Answer(
        "four_starts",
        forecast("refused", "waits", "refused", "refused"),
        says="order-1 is 'refused'; it waits",
    ),
    # names are not case-sensitive
    Answer("four_starts", forecast("done", "waits", "refused", "refused"), says="order-1 is 'done'"),
    # a queue is the same one in all namespaces
    Answer("four_starts", forecast("waits", "done", "refused", "refused"), says="order-2 is 'done'"),
    # a namespace has to be told about a queue
    Answer("four_starts", forecast("waits", "refused", "refused", "refused"), says="order-2 is 'refused'"),
    # a namespace exists as a queue does
    Answer("four_starts", forecast("waits", "waits", "waits", "refused"), says="order-3 is 'waits'"),
    Answer("four_starts", forecast("waits", "waits", "done", "refused"), says="order-3 is 'done'"),
    # an id is unique on its queue
    Answer("four_starts", forecast("waits", "waits", "refused", "done"), says="order-1 again is 'done'"),
    Answer("four_starts", forecast("waits", "waits", "refused", "waits"), says="order-1 again is 'waits'"),
    # the same words, written otherwise
    Answer("four_starts", forecast("Waits", "running", "Refused.", "REFUSED"), CORRECT),
    # a status, an exception, a truth value
    Answer("four_starts", forecast("waits", "waits", "NOT_FOUND", "refused"), says="'NOT_FOUND'"),
    Answer(
        "four_starts", forecast("waits", True, "refused", "refused"), says="`forecast['order-2']` is True"
    ),
    Answer("four_starts", forecast("waits", "failed", "refused", "refused"), says="is 'failed'"),
    # another word
    Answer("four_starts", forecast("waits", "waits", "error", "refused"), says="one of 'done'"),
    # a line was lost
    Answer("four_starts", "forecast = {'order-1': 'waits'}", says="nothing about order-2"),
    # names that Python would take
    Answer(
        "four_starts",
        "forecast = {name.replace('-', '_'): 'waits' for name in forecast}",
        says="nothing about order-1",
    ),
    # `again` forgotten: the second order-1 replaces the first
    Answer(
        "four_starts",
        "forecast = {'order-1': 'waits', 'order-2': 'waits', 'order-3': 'refused', 'order-1': 'refused'}",
        says="nothing about order-1 again",
    ),
    # what the server says, instead of what it is called here
    Answer(
        "four_starts",
        forecast("waits", "waits", "refused", "already started"),
        says="`forecast['order-1 again']` is 'already started'",
    ),
    Answer("four_starts", forecast(["waits"], "waits", "refused", "refused"), says="is ['waits']"),
    # a list
    Answer("four_starts", "forecast = ['waits', 'waits', 'refused', 'refused']", says="is not a dictionary"),
]

LOST_ORDER = [
    # nothing was done but looking
    Answer("lost_order", cli("describe --workflow-id order-77"), NOT_ATTEMPTED, says="order-77 waits"),
    # started again without being ended: the CLI shows the run that is there
    Answer("lost_order", cli(again()), NOT_ATTEMPTED, says="order-77 waits"),
    # by the client
    Answer(
        "lost_order",
        "await lost.terminate('wrong queue')\n"
        "await lab.client.start_workflow('ShipParcel', 'order-77', id='order-77', task_queue='shipping-tq')",
        CORRECT,
    ),
    # both in one command
    Answer(
        "lost_order",
        cli(again(more="--input '\"order-77\"' --id-conflict-policy TerminateExisting")),
        CORRECT,
    ),
    # a worker for the typo
    Answer("lost_order", f"{RESCUE}{HOME}", says="brought the worker to the work"),
    # and then once more
    Answer("lost_order", f"{RESCUE}{HOME}\n{cli(again())}", says="shipped twice"),
    # a worker for the misspelt queue, with another workflow
    Answer("lost_order", STRANGER + HOME, says="failed at its task (event 4)"),
    # a polite request that nobody reads
    Answer("lost_order", cli("cancel --workflow-id order-77"), says="asked it to cancel itself"),
    # the lost run left as it is, a second order beside it
    Answer(
        "lost_order",
        cli(replace(again(), "--workflow-id order-77", "--workflow-id order-77b")),
        says="`order-77b` was started, and the lost run of `order-77` is still open",
    ),
    # deleted, which the server does in its own time
    Answer("lost_order", cli("delete --workflow-id order-77 --yes") + GONE, says="no longer on the server"),
    # the input twice
    Answer("lost_order", cli(END, again(more="--input '\"order-77\"' --input '\"now\"'")), says="positional"),
    # half of it
    Answer("lost_order", cli(END), says="no new run"),
    # written otherwise: short options, and waits for the result
    Answer(
        "lost_order",
        cli(END, "execute -w order-77 --type ShipParcel -t shipping-tq -i '\"order-77\"'"),
        CORRECT,
    ),
    # ended somewhere else, or something else
    Answer("lost_order", cli(f"{END} --namespace default"), NOT_ATTEMPTED, says="order-77 waits"),
    Answer("lost_order", cli(replace(END, "77", "41")), NOT_ATTEMPTED, says="order-77 waits"),
    # the queue and the type of the scene above
    Answer("lost_order", cli(END, again("payments-transfer-tq")), says="`payments-transfer-tq` (event 1)"),
    Answer("lost_order", cli(END, again(kind="TransferMoney")), says="TransferMoney is not registered"),
    # capitals
    Answer(
        "lost_order",
        cli(END, replace(again(), "order-77 --type", "Order-77 --type")),
        says="an order keeps its id",
    ),
    # ended, and started under another id
    Answer(
        "lost_order",
        cli(END, replace(again(), "--workflow-id order-77", "--workflow-id order-78")),
        says="`order-78` was started",
    ),
    # the same typo, another typo, reset
    Answer("lost_order", cli(END, again("shiping-tq")), says="`shiping-tq` (event 1)"),
    Answer("lost_order", cli(END, again("Shipping-tq")), says="`Shipping-tq` (event 1)"),
    # another type
    Answer("lost_order", cli(END, again(kind="shipParcel")), says="shipParcel"),
    # no input, another input
    Answer("lost_order", cli(END, again(more="")), says="required positional argument"),
    Answer("lost_order", cli(END, again(more="--input 77")), says="to be str"),
    Answer("lost_order", cli(END, again(more="--input '\"77\"'")), says="'77 is shipped'"),
    # in the namespace of a bare command line
    Answer(
        "lost_order",
        cli(END, again(more="--input '\"order-77\"' --namespace default")),
        says="in the namespace `default`",
        call="_said = await ex.lost_order.check(lost)\n"
        "_ended = lab.cli(['workflow', 'terminate', '--workflow-id', 'order-77', '--namespace', 'default'])\n"
        "_said",
    ),
    # another handle
    Answer(
        "lost_order",
        "lost = await lab.client.start_workflow('ShipParcel', 'order-79', id='order-79', "
        "task_queue='shipping-tq')",
        says="'order-79'",
    ),
]

OWN_DISK = [
    # written otherwise: by name, and as the price is paid in real life
    Answer(
        "own_disk",
        """
@workflow.defn
class CountWords:
    @workflow.run
    async def run(self, report: str) -> int:
        where = await workflow.start_activity("download", report, start_to_close_timeout=timedelta(seconds=5))
        return await workflow.execute_activity(
            "count_words",
            args=[report],
            task_queue=where,
            start_to_close_timeout=timedelta(seconds=2),
            schedule_to_start_timeout=timedelta(seconds=30),
            result_type=int,
        )
""",
        CORRECT,
    ),
    # the name is written down
    Answer(
        "own_disk", replace(BACK, "task_queue=own_queue", 'task_queue="machine-a-tq"'), says="'machine-a-tq'"
    ),
    # the workflow's own queue
    Answer(
        "own_disk",
        replace(BACK, "task_queue=own_queue", "task_queue=workflow.info().task_queue"),
        says="on the shared queue",
    ),
    # the queue is given to the activity, not to the server
    Answer(
        "own_disk",
        replace(BACK, "count_words, report, task_queue=own_queue", "count_words, own_queue"),
        says="'machine-a-...-tq' is not on",
    ),
    # right queue, wrong argument
    Answer(
        "own_disk", replace(BACK, "count_words, report", "count_words, own_queue"), says="as its argument"
    ),
    # both steps on the own queue
    Answer(
        "own_disk",
        replace(BACK, "download, report, start_to", "download, report, task_queue=own_queue, start_to"),
        says="own_queue",
    ),
    # not awaited
    Answer(
        "own_disk",
        replace(BACK, "own_queue = await workflow.execute", "own_queue = workflow.start"),
        says="must be a text",
    ),
    # local activities
    Answer("own_disk", replace(DISK, "execute_activity", "execute_local_activity"), says="local activity"),
    # downloads again before it counts
    Answer(
        "own_disk",
        replace(BACK, "        return await", f"        own_queue = await {FIRST}\n        return await"),
        says="twice",
    ),
    # returns the queue
    Answer("own_disk", replace(DISK, f"return await {SECOND}", "return own_queue"), says="never scheduled"),
    # an activity called instead of passed
    Answer(
        "own_disk", replace(BACK, "download, report, start", "download(report), start"), says="calls it here"
    ),
    # the queue as the activity's second argument
    Answer(
        "own_disk",
        replace(BACK, "count_words, report, task_queue=own_queue", "count_words, args=[report, own_queue]"),
        says="count_words",
    ),
    # the queue's name in quotes
    Answer("own_disk", replace(BACK, "task_queue=own_queue", 'task_queue="own_queue"'), says="'own_queue'"),
    # written otherwise: a text is a text
    Answer("own_disk", replace(BACK, "task_queue=own_queue", 'task_queue=f"{own_queue}"'), CORRECT),
    # the queue behind the argument, without its keyword
    Answer(
        "own_disk",
        replace(BACK, "count_words, report, task_queue=own_queue", "count_words, report, own_queue"),
        says="everything else has a name",
    ),
    # a keyword that there is not
    Answer("own_disk", replace(BACK, "task_queue=own_queue", "queue=own_queue"), says="argument 'queue'"),
    # the f before the quotes is forgotten
    Answer(
        "own_disk", replace(BACK, "task_queue=own_queue", 'task_queue="{own_queue}"'), says="'{own_queue}'"
    ),
    # one more ending
    Answer(
        "own_disk",
        replace(BACK, "task_queue=own_queue", 'task_queue=own_queue + "-tq"'),
        says="which event holds the name",
    ),
    # the report as the queue
    Answer("own_disk", replace(BACK, "task_queue=own_queue", "task_queue=report"), says="'report-november'"),
    # a letter is missing
    Answer("own_disk", replace(BACK, "task_queue=own_queue", "task_queue=ownqueue"), says="NameError"),
    # counts nothing itself
    Answer("own_disk", replace(DISK, f"return await {SECOND}", "return 1842"), says="never scheduled"),
    # drops the result
    Answer("own_disk", replace(BACK, "return await", "await"), says="returned None"),
    # the workflow moves, not the activity
    Answer(
        "own_disk",
        replace(
            DISK,
            f"        return await {SECOND}",
            "        if workflow.info().continued_run_id is None:\n"
            "            workflow.continue_as_new(report, task_queue=own_queue)\n"
            f"        return await {SECOND}",
        ),
        says="has moved to `machine-a-...-tq`",
    ),
    # tries again until it is lucky
    Answer(
        "own_disk",
        replace(
            DISK,
            f"        return await {SECOND}",
            "        while True:\n"
            "            try:\n"
            f"                return await {SECOND}\n"
            "            except Exception:\n"
            "                pass",
        ),
        says="goes on and on",
    ),
]

ANSWERS = [*FOUR_STARTS, *LOST_ORDER, *OWN_DISK]
