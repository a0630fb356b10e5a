"""Lesson 05, starting workflows."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_05 as ex

FORETOLD = ex.same_id.solution_code
AGAIN = (
    "!temporal workflow start --workflow-id {id} --task-queue {queue} --type {type} --input {input} {more}"
)
ENDING = "--id-conflict-policy TerminateExisting"
PAY = ex.pay_once.solution_code


def foretold(line: str, said: str) -> str:
    """All right but one line."""
    return f"{FORETOLD}\nprediction[{line!r}] = {said!r}"


def start(who: str, more: str = ENDING, **names: str) -> str:
    """Start a guest again in the terminal; right, unless a name is given."""
    right = {"id": f"guest-{who.lower()}", "queue": "front-desk", "type": "Welcome", "input": f"'\"{who}\"'"}
    return AGAIN.format(**{**right, **names}, more=more)


def guests(*lines: str) -> str:
    """Some commands of a learner."""
    return "\n".join(lines)


ANSWERS = [
    # ---- one id, six starts ----------------------------------------------------------------------
    Answer(
        "same_id",
        """
R = "refused"
answers = [R, "same run", "new run", R, "new run", "new run"]
prediction = dict(zip(prediction, answers))
""",
        CORRECT,
    ),
    Answer(
        "same_id", FORETOLD.replace('"new run"', '"A new run."').replace('"refused"', '"Refused"'), CORRECT
    ),
    # what the mistaken believe, one belief at a time
    Answer("same_id", foretold("open: no policies, another task queue", "new run"), says="of a namespace"),
    Answer("same_id", foretold("open: USE_EXISTING", "refused"), says="USE_EXISTING: you said 'refused'"),
    Answer("same_id", foretold("open: TERMINATE_EXISTING", "same run"), says="what did the start ask for?"),
    Answer("same_id", foretold("open: TERMINATE_EXISTING", "refused"), says="came out as 'new run'"),
    Answer("same_id", foretold("completed: USE_EXISTING", "same run"), says="nothing is open now"),
    Answer(
        "same_id",
        foretold("completed: ALLOW_DUPLICATE_FAILED_ONLY", "new run"),
        says="did the newest run fail?",
    ),
    Answer(
        "same_id",
        foretold("terminated: ALLOW_DUPLICATE_FAILED_ONLY", "refused"),
        says="terminated, timed out and cancelled count as failed",
    ),
    Answer("same_id", "prediction = {line: 'new run' for line in prediction}", says="2 more of the six"),
    Answer("same_id", "prediction = {line: 'error' for line in prediction}", says="'error', at 'open: no"),
    Answer(
        "same_id", FORETOLD.replace('"same run"', "True"), says="True, at 'open: USE_EXISTING', is none of"
    ),
    Answer("same_id", "prediction = {'the SDK': 'refused'}", says="has no line 'open: no policies, another"),
    Answer("same_id", "prediction = ['refused'] * 6", says="is not the dictionary"),
    Answer("same_id", FORETOLD.replace('"same run"', "____", 1), NOT_ATTEMPTED),
    # ---- two lost guests -------------------------------------------------------------------------
    # a worker comes to the task; the other one is ended by hand and started anew
    Answer(
        "lost_guests",
        guests(
            'lab.start_worker(task_queue="front-deck", workflows=[Welcome])',
            "!temporal workflow terminate --workflow-id guest-gus",
            start("Gus", more=""),
        ),
        CORRECT,
    ),
    # a worker that knows the type by the other name
    Answer(
        "lost_guests",
        """
from temporalio.common import WorkflowIDConflictPolicy
await lab.client.start_workflow(
    "Welcome", "Fay", id="guest-fay", task_queue="front-desk",
    id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
)
await lab.client.start_workflow(
    Welcome.run, "Gus", id="guest-gus", task_queue="front-desk",
    id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
)
""",
        CORRECT,
    ),
    # the CLI says "Running execution", and has started nothing
    Answer(
        "lost_guests",
        guests(start("Fay", more=""), start("Gus", more="")),
        NOT_ATTEMPTED,
        says="started nothing",
    ),
    Answer("lost_guests", start("Fay", id="guest-fay-2"), says="`guest-fay-2` was started"),
    Answer("lost_guests", start("Gus"), says="`guest-fay` still waits in its first run"),
    Answer("lost_guests", start("Fay"), says="`guest-gus` still waits in its first run"),
    # what was wrong with the other one is tried on this one
    Answer(
        "lost_guests",
        guests(start("Fay", queue="front-deck"), start("Gus")),
        says="`guest-fay` was started again and waits again",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay"), start("Gus", type="welcome")),
        says="`guest-gus` was started again and waits again",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay"), "!temporal workflow terminate --workflow-id guest-gus"),
        says="`guest-gus` is Terminated",
    ),
    Answer("lost_guests", guests(start("Fay", input="'\"fay\"'"), start("Gus")), says="'Welcome, fay!'"),
    Answer(
        "lost_guests",
        guests(start("Fay"), start("Gus")),
        says="this is the handle of `guest-gus`",
        call="await ex.lost_guests.check(gus, fay)",
    ),
    # all names right, and the guest's own forgotten
    Answer(
        "lost_guests",
        guests(*(start(who).replace(f"--input '\"{who}\"'", "") for who in ("Fay", "Gus"))),
        says="`guest-gus` was started again and waits again: its names are right, and event 1 of the new run "
        "has no input",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay"), start("Gus", more=f"--input '\"!\"' {ENDING}")),
        says="event 1 of the new run has 2 inputs",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay", input='\'{"name": "Fay"}\''), start("Gus")),
        says="has the input {'name': 'Fay'}",
    ),
    # both are told, whatever each lacks
    Answer(
        "lost_guests",
        guests(start("Fay", queue="front-deck"), start("Gus", type="welcome")),
        says="task queue `front-deck`, and the worker polls `front-desk`; `guest-gus` was started again",
    ),
    Answer(
        "lost_guests",
        guests("!temporal workflow terminate --workflow-id guest-fay", start("Gus", input="'\"gus\"'")),
        says="`guest-fay` is Terminated: nobody waits any more, but nobody was welcomed; `guest-gus` has",
    ),
    Answer(
        "lost_guests",
        guests("!temporal workflow cancel --workflow-id guest-fay", start("Gus")),
        says="`guest-fay` was asked to cancel (event 3), and still waits",
    ),
    # the worker has gone with the cell that made it
    Answer(
        "lost_guests",
        guests(
            start("Fay"),
            "_ = await lab.result(lab.client.get_workflow_handle('guest-fay'))",
            "lab.workers[-1].stop()",
            start("Gus"),
        ),
        says="Is the worker of the starter cell still there",
    ),
    Answer("lost_guests", 'fay = "guest-fay"', says="is no workflow handle"),
    # ---- a button that pays once -----------------------------------------------------------------
    # the default policy, and a look at what is there
    Answer(
        "pay_once",
        """
async def press_pay(client: Client, payment: str, amount: int) -> str:
    try:
        await client.start_workflow(
            "MoneyTransfer", args=[payment, amount], task_queue="payments-transfer-tq", id=payment,
            id_reuse_policy=Reuse.ALLOW_DUPLICATE_FAILED_ONLY,
        )
    except WorkflowAlreadyStartedError:
        found = await client.get_workflow_handle(payment).describe()
        return "on its way" if found.status.name == "RUNNING" else "already paid"
    return "on its way"
""",
        CORRECT,
    ),
    # a new id for each press
    Answer(
        "pay_once",
        "import uuid\n" + replace(PAY, 'f"payment-{payment}"', "str(uuid.uuid4())"),
        says="two presses for one payment made two ids",
    ),
    # the same id for all payments
    Answer("pay_once", replace(PAY, 'f"payment-{payment}"', '"payment"'), says="got the id of the first one"),
    Answer("pay_once", replace(PAY, 'f"payment-{payment}"', 'f"payment-{amount}"'), says="`payment-100`"),
    Answer(
        "pay_once", replace(PAY, "USE_EXISTING", "TERMINATE_EXISTING"), says="WorkflowExecutionTerminated"
    ),
    # no policies at all, nothing caught
    Answer(
        "pay_once",
        replace(
            ex.pay_once.starter,
            "        id_conflict_policy=____,\n        id_reuse_policy=____,\n",
            "",
            "____",
            "payment",
        ),
        says="while the bank was still thinking, raised",
    ),
    # an open run is refused, and the customer is told that it is paid
    Answer("pay_once", replace(PAY, "USE_EXISTING", "FAIL"), says="'on its way' and 'already paid'"),
    Answer("pay_once", replace(PAY, "_FAILED_ONLY", ""), says="charged a second time"),
    Answer("pay_once", replace(PAY, "ALLOW_DUPLICATE_FAILED_ONLY", "REJECT_DUPLICATE"), says="too strict"),
    # two policies that contradict each other
    Answer(
        "pay_once",
        replace(PAY, "USE_EXISTING", "TERMINATE_EXISTING", "ALLOW_DUPLICATE_FAILED_ONLY", "REJECT_DUPLICATE"),
        says="cannot be used together",
    ),
    # policies as texts, as the CLI has them
    Answer("pay_once", replace(PAY, "Conflict.USE_EXISTING", '"UseExisting"'), says="UseExisting"),
    Answer("pay_once", replace(PAY, "Reuse.ALLOW", "Conflict.ALLOW"), says="ALLOW_DUPLICATE_FAILED_ONLY"),
    Answer("pay_once", replace(PAY, 'f"payment-{payment}"', '"payment-{payment}"'), says="first one"),
    Answer("pay_once", replace(PAY, '"already paid"', '"Already paid!"'), says="'Already paid!'"),
    Answer("pay_once", replace(PAY, '    return "on its way"\n', "    return True\n"), says="returned True"),
    # the exception is not caught
    Answer(
        "pay_once",
        replace(PAY, "except WorkflowAlreadyStartedError", "except ZeroDivisionError"),
        says="the customer sees",
    ),
    Answer(
        "pay_once", replace(PAY, '"already paid"', '"on its way"'), says="the customer is told 'on its way'"
    ),
    Answer("pay_once", replace(PAY, '"already paid"', "None"), says="returned None"),
    # it waits for the bank
    Answer("pay_once", replace(PAY, "start_workflow", "execute_workflow"), says="it waits for the bank"),
    Answer(
        "pay_once", replace(PAY, "    try:", "    while True: pass\n    try:"), says="does it loop for ever"
    ),
    Answer("pay_once", replace(PAY, "await client", "client"), says="never asked"),
    # looks first, starts afterwards: a press finds what an earlier one noted, five at once find nothing
    Answer(
        "pay_once",
        """
import uuid
runs_of = {}
async def press_pay(client: Client, payment: str, amount: int) -> str:
    known = runs_of.get(payment)
    status = (await known.describe()).status.name if known else "none"
    await client.count_workflows()  # the shop's own books
    if status == "COMPLETED":
        return "already paid"
    if status != "RUNNING":
        runs_of[payment] = await client.start_workflow(
            "MoneyTransfer", args=[payment, amount], task_queue="payments-transfer-tq", id=str(uuid.uuid4())
        )
    return "on its way"
""",
        says="at the same moment made",
    ),
    # written wrongly
    Answer(
        "pay_once", replace(PAY, "args=[payment, amount]", "arg=payment, amount=amount"), says="TypeError"
    ),
    Answer(
        "pay_once",
        PAY,
        says="the result of calling",
        call='await ex.pay_once.check(press_pay(lab.client, "1", 1))',
    ),
    # ---- what readers of the second edition typed --------------------------------------------------
    Answer("same_id", 'prediction |= {line: "new run" for line in prediction}\n' + FORETOLD, CORRECT),
    Answer(
        "same_id", FORETOLD.replace('"new run"', '"newrun"'), says="'newrun', at 'open: TERMINATE_EXISTING'"
    ),
    Answer(
        "same_id",
        FORETOLD.replace('"new run"', '"new run, the old one is ended"', 1),
        says="'new run, the old one is ended', at",
    ),
    Answer("same_id", FORETOLD.replace('"open: USE', '"open:USE'), says="has no line 'open: USE_EXISTING'"),
    Answer(
        "same_id",
        FORETOLD.replace('"refused"', "RuntimeError", 1),
        says="RuntimeError'>, at 'open: no policies",
    ),
    # open and closed are taken one for the other
    Answer(
        "same_id",
        foretold("open: TERMINATE_EXISTING", "refused")
        + "\nprediction['completed: USE_EXISTING'] = 'same run'",
        says="came out as 'new run' (1 more",
    ),
    # the worker learns the other name
    Answer(
        "lost_guests",
        start("Fay")
        + """
@workflow.defn(name="welcome")
class Small:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"Welcome, {name}!"

lab.workers[-1].stop()
lab.start_worker(task_queue="front-desk", workflows=[Welcome, Small])
await lab.client.get_workflow_handle("guest-gus").result()
""",
        CORRECT,
    ),
    # the shell takes the quotes, and the CLI refuses what is left
    Answer("lost_guests", start("Fay", input="Fay"), NOT_ATTEMPTED, says="started nothing"),
    Answer(
        "lost_guests",
        guests(start("Fay", input="'\"Gus\"'"), start("Gus", input="'\"Fay\"'")),
        says="the guest is called Fay; `guest-gus` has completed with 'Welcome, Fay!'",
    ),
    Answer(
        "lost_guests",
        guests("!temporal workflow delete --workflow-id guest-fay --yes", start("Gus")),
        says="`guest-fay` is not there any more: it was deleted",
    ),
    # the CLI asks, and nobody answers
    Answer(
        "lost_guests",
        guests("!temporal workflow delete --workflow-id guest-fay", start("Gus", type="Welcome.run")),
        says="`guest-fay` still waits in its first run",
    ),
    Answer(
        "lost_guests",
        guests(
            'lab.start_worker(task_queue="front-deks", workflows=[Welcome])',
            start("Gus", input="'\"Gus!\"'"),
        ),
        says="task queue `front-deck`; `guest-gus` has completed with 'Welcome, Gus!!'",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay", queue="'front desk'"), start("Gus", queue="greetings")),
        says="task queue `front desk`, and the worker polls `front-desk`",
    ),
    Answer(
        "lost_guests",
        guests(start("Fay"), start("Gus", type="welcome.Welcome")),
        says="type `welcome.Welcome`",
    ),
    # looks first, and lets the policies decide all the same
    Answer(
        "pay_once",
        """
async def press_pay(client: Client, payment: str, amount: int) -> str:
    from temporalio.service import RPCError
    try:
        before = (await client.get_workflow_handle(payment).describe()).status.name
    except RPCError:
        before = "NONE"
    if before == "COMPLETED":
        return "already paid"
    await client.start_workflow(
        "MoneyTransfer", args=[payment, amount], task_queue="payments-transfer-tq", id=payment,
        id_conflict_policy=Conflict.USE_EXISTING, id_reuse_policy=Reuse.ALLOW_DUPLICATE_FAILED_ONLY,
    )
    return "on its way"
""",
        CORRECT,
    ),
    # the two policies are exchanged, and their numbers happen to be the same
    Answer(
        "pay_once",
        replace(
            PAY,
            "Conflict.USE_EXISTING",
            "Reuse.X",
            "Reuse.ALLOW_DUPLICATE_FAILED_ONLY",
            "Conflict.USE_EXISTING",
            "Reuse.X",
            "Reuse.ALLOW_DUPLICATE_FAILED_ONLY",
        ),
        says="`id_conflict_policy` is given a reuse policy, ALLOW_DUPLICATE_FAILED_ONLY",
    ),
    Answer(
        "pay_once", replace(PAY, "await client.", "return await client."), says="returned <temporalio.client"
    ),
    Answer("pay_once", replace(PAY, "args=[payment, amount]", "args=[payment]"), says="argument: 'amount'"),
    Answer("pay_once", replace(PAY, "[payment, amount]", "[amount, payment]"), says="value to be str, was"),
    Answer("pay_once", replace(PAY, "transfer-tq", "tq"), says="no worker polls 'payments-tq'"),
    Answer("pay_once", replace(PAY, '"MoneyTransfer"', '"moneyTransfer"'), says="class moneyTransfer is not"),
    Answer(
        "pay_once",
        replace(PAY, "ALLOW_DUPLICATE_FAILED_ONLY", "TERMINATE_IF_RUNNING"),
        says="TERMINATE_IF_RUNNING cannot be used together",
    ),
]
