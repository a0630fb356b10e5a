"""Lesson 00, start here."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_00 as ex


def read(message: str, shipped_by: str = "'day-shift'") -> str:
    """What a learner says of `order-43`."""
    return f"message = {message}\nshipped_by = {shipped_by}"


def guess(stock: int | str, card: int | str, parcel: int | str) -> str:
    """What a learner expects of `order-44`."""
    return f"stock_reserved = {stock}\ncard_charged = {card}\nparcel_shipped = {parcel}"


def steps(condition: str) -> str:
    """A mended script, with this in its gap."""
    return replace(ex.steps_left.starter, "____", condition)


CHARGE = ex.hidden_failure.starter
TRY = """    try:
        # It raises ConnectionError the first time.
        return ex.call_card_service(order)
    except ConnectionError:
        return f"{order}: try again later"
"""
HIDING = '        return f"{order}: try again later"'
CALL = """return await workflow.execute_activity(
            charge, order, start_to_close_timeout=timedelta(seconds=10)
        )"""
ONCE = "start_to_close_timeout=timedelta(seconds=10), retry_policy=RetryPolicy(maximum_attempts=1)"
POLICY = "from temporalio.common import RetryPolicy\n"

ANSWERS = [
    # ---- steps_left: the other way about, and by lines
    Answer("steps_left", steps("not step in ledger"), CORRECT, says="go on with 'parcel shipped'"),
    Answer("steps_left", steps("step not in ledger.splitlines()"), CORRECT),
    Answer("steps_left", "x = 1", NOT_ATTEMPTED),
    # what is done, not what is left
    Answer("steps_left", steps("step in ledger"), says="just that is what `steps_left` returned"),
    # all of them, always: the script as it was
    Answer("steps_left", steps("True"), says="'card charged' would be done once more"),
    # only the last line counts
    Answer("steps_left", steps("not ledger.strip().endswith(step)"), says="'stock reserved' would be done"),
    # nothing at all
    Answer("steps_left", steps("False"), says="nobody would ever do 'parcel shipped'"),
    # a ledger without a line
    Answer("steps_left", steps("ledger and step not in ledger"), says="do 'stock reserved'"),
    # another name
    Answer("steps_left", steps("step not in script_ledger"), says="raised NameError"),
    Answer("steps_left", "def steps_left(ledger):\n    print(ledger)", says="returned None"),
    Answer("steps_left", "steps_left = ['parcel shipped']", says="is no function"),
    # by sets, in the order of the steps
    Answer(
        "steps_left",
        "def steps_left(ledger):\n    done = set(ledger.splitlines())\n"
        "    return list(filter(lambda step: step not in done, STEPS))",
        CORRECT,
    ),
    # a set, which has no order, and the one step alone
    Answer(
        "steps_left",
        "def steps_left(ledger):\n    return set(STEPS) - set(ledger.splitlines())",
        says="{'parcel shipped'}, which is no list",
    ),
    Answer(
        "steps_left",
        "def steps_left(ledger):\n    return next(step for step in STEPS if step not in ledger)",
        says="'parcel shipped', which is no list",
    ),
    # it reads the file of the scene above, not what it is given
    Answer(
        "steps_left",
        "def steps_left(ledger):\n"
        "    text = (lab.folder / 'script_ledger.txt').read_text()\n"
        "    return [step for step in STEPS if step not in text]",
        says="it is given the text of the ledger",
    ),
    # an async function
    Answer(
        "steps_left",
        "async def steps_left(ledger):\n    return [step for step in STEPS if step not in ledger]",
        says="a plain `def` will do",
    ),
    Answer(
        "steps_left",
        replace(ex.steps_left.starter, "[step for", "[step.upper() for", "____", "step not in ledger"),
        says="'PARCEL SHIPPED' is none of the steps",
    ),
    # ---- diary: half of it is still open
    Answer("diary", "message = 17", NOT_ATTEMPTED, says="in place of"),
    # read by eye, in the Web UI
    Answer("diary", read("17"), CORRECT, says="Event 17"),
    Answer("diary", read("'17'"), says="write it without the quotes"),
    # the type of the event, as the table has it, and the name of the message
    Answer("diary", read("'WorkflowExecutionSignaled'"), says="the first column of the table"),
    Answer("diary", read("'packed'"), says="'packed' is not the number of an event"),
    # the event itself
    Answer(
        "diary",
        "message = (await lab.history(order)).event(17)\nshipped_by = 'day-shift'",
        says="is not the number of an event",
    ),
    # counted from nought, and from the end
    Answer("diary", read("0"), says="no event 0"),
    Answer("diary", read("-11"), says="no event -11"),
    # looked up by hand, in a dictionary
    Answer(
        "diary",
        "rows = {e.type: e for e in (await lab.history(order)).events}\n"
        "message = rows['WorkflowExecutionSignaled'].id\n"
        "shipped_by = rows['ActivityTaskStarted'].worker",
        CORRECT,
    ),
    # who sent the message, and an identity that is nearly right
    Answer(
        "diary",
        "message = 17\nshipped_by = (await lab.history(order)).event(17).worker",
        says="the client that sent the message",
    ),
    Answer("diary", read("17", "'Day shift'"), says="is nearly `day-shift`"),
    # the worker object's name for a value: the order's own id
    Answer("diary", read("17", "'order-43'"), says="no step was run by `order-43`"),
    # where the order began
    Answer("diary", read("1"), says="WorkflowExecutionStarted"),
    # the last step before the wait
    Answer("diary", read("13"), says="a step of the order"),
    # what the message led to
    Answer("diary", read("18"), says="very near"),
    Answer("diary", read("16"), says="between server and worker"),
    Answer("diary", read("117"), says="no event 117"),
    Answer(
        "diary", read("17", "'night-shift'"), says="`reserve_stock` (event 6) and `charge_card` (event 12)"
    ),
    Answer("diary", read("17", "'worker-2'"), says="`worker-2` worked for `order-42`"),
    Answer("diary", read("17", "'ship_parcel'"), says="not the worker"),
    Answer("diary", read("17", "2"), says="a worker's name"),
    # another order, which has not lost anything
    Answer(
        "diary",
        read("17")
        + '\norder = await lab.client.start_workflow("Order", id="order-1", task_queue="nobody-tq")',
        says="another order",
    ),
    # ---- hidden_failure: raised again, as another exception
    Answer(
        "hidden_failure",
        replace(CHARGE, HIDING, '        raise RuntimeError("not paid")'),
        CORRECT,
        says="attempt 2",
    ),
    # a sync activity, a retry policy of one's own, the call in a variable
    Answer(
        "hidden_failure",
        POLICY
        + replace(
            CHARGE,
            "async def charge",
            "def charge",
            TRY,
            "    answer = ex.call_card_service(order)\n    return answer\n",
            "timedelta(seconds=10)\n",
            "timedelta(seconds=10), retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.2))\n",
        ),
        CORRECT,
    ),
    # it tells of the failure, and returns the exception instead of raising it
    Answer(
        "hidden_failure",
        replace(CHARGE, HIDING, '        return "ConnectionError"'),
        says="nobody paid",
    ),
    # raises whatever came of it
    Answer(
        "hidden_failure",
        replace(
            CHARGE,
            TRY,
            '    answer = ex.call_card_service(order)\n    raise RuntimeError("not sure")\n',
        ),
        says="charge",
    ),
    # left in place, raised with a reason
    Answer(
        "hidden_failure",
        replace(
            CHARGE,
            "    except ConnectionError:",
            "    except ConnectionError as error:",
            HIDING,
            '        raise RuntimeError("the card service") from error',
        ),
        CORRECT,
    ),
    # it hides the failure in other words
    Answer("hidden_failure", replace(CHARGE, HIDING, '        return ""'), says="nobody paid"),
    Answer("hidden_failure", replace(CHARGE, HIDING, "        pass"), says="with None"),
    # says that it is done without doing it
    Answer(
        "hidden_failure",
        replace(CHARGE, TRY, '    return f"{order}: card charged"\n'),
        says="was never called",
    ),
    # tries again by itself: once, or in a loop
    Answer(
        "hidden_failure",
        replace(CHARGE, HIDING, "        return ex.call_card_service(order)"),
        says="is attempt 1: your code called the service 2 times",
    ),
    Answer(
        "hidden_failure",
        replace(
            CHARGE,
            TRY,
            "    while True:\n"
            "        try:\n"
            "            ex.call_card_service(order)\n"
            "            return ex.call_card_service(order)\n"
            "        except ConnectionError:\n"
            "            pass\n",
        ),
        says="charged 2 times",
    ),
    # the retry is written into the workflow
    Answer(
        "hidden_failure",
        POLICY
        + replace(
            CHARGE,
            HIDING,
            "        raise",
            f"        {CALL}",
            "        for _ in range(5):\n"
            "            try:\n"
            f"                return await workflow.execute_activity(charge, order, {ONCE})\n"
            "            except Exception:\n"
            "                continue\n",
        ),
        says="scheduled an activity 2 times (events 5 and 11)",
    ),
    # raised, and no second attempt allowed
    Answer(
        "hidden_failure",
        POLICY
        + replace(CHARGE, HIDING, "        raise", "start_to_close_timeout=timedelta(seconds=10)", ONCE),
        says="was not tried again (MaximumAttemptsReached)",
    ),
    Answer(
        "hidden_failure",
        replace(
            CHARGE,
            HIDING,
            "        from temporalio.exceptions import ApplicationError\n"
            '        raise ApplicationError("not paid", non_retryable=True)',
        ),
        says="said that retrying cannot help",
    ),
    # the workflow calls the function, and the service, itself
    Answer(
        "hidden_failure",
        replace(CHARGE, f"        {CALL}", '        return f"{order}: card charged"'),
        says="schedules an activity",
    ),
    # the answer is lost
    Answer(
        "hidden_failure",
        replace(CHARGE, TRY, "    ex.call_card_service(order)\n"),
        says="the sale returned None",
    ),
    # no activity any more
    Answer("hidden_failure", replace(CHARGE, "@activity.defn\n", ""), says="`@activity.defn` does not stand"),
    # never ends
    Answer(
        "hidden_failure",
        replace(CHARGE, HIDING, "        while True:\n            pass"),
        says="`charge` has begun",
    ),
    # ---- half_done: worked out, not guessed
    Answer("half_done", guess(1, "1 + 1", "int(True)"), CORRECT, says="at least once"),
    Answer("half_done", guess("____", 2, 1), NOT_ATTEMPTED),
    # exactly once
    Answer("half_done", guess(1, 1, 1), says="'card charged' once"),
    # the order starts again from the top, as the script did
    Answer("half_done", guess(2, 2, 1), says="'stock reserved' twice"),
    # a step that was not reported has not happened
    Answer("half_done", guess(1, 0, 1), says="'card charged' never"),
    Answer("half_done", guess(1, 3, 1), says="'card charged' 3 times"),
    # it dies with its worker
    Answer("half_done", guess(1, 2, 0), says="'parcel shipped' never"),
    Answer("half_done", guess(1, 2, "'once'"), says="is not a number"),
    # nothing that was not reported has happened; all is done at each of two attempts
    Answer("half_done", guess(0, 1, 1), says="'stock reserved' never"),
    Answer("half_done", guess(1, 2, 2), says="'parcel shipped' twice"),
    Answer("half_done", guess(1, "True", 1), says="is not a number"),
]
