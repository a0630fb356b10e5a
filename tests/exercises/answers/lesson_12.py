"""Lesson 12, cancel, terminate, reset."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_12 as ex

# ---- how_it_ends
ENDS = ex.how_it_ends.solution_code
STARTS = ex.how_it_ends.starter


def ends(letter: str, right: str, wrong: str) -> str:
    """The right ends but for one."""
    return replace(ENDS, f'"{letter}": "{right}"', f'"{letter}": "{wrong}"')


# ---- charged
PAYS = ex.charged.starter
GAP = "        ____\n"
SHIELDED = "        try:\n            await asyncio.shield(charging)\n"
CAUGHT = "        except asyncio.CancelledError:\n"
WAITED = "            await charging\n"
REFUND = '            await workflow.execute_activity("refund", order, **TIME)\n'
RAISED = "            raise\n"

# ---- oven
BAKES = ex.oven.starter
BAKING = '"oven", cake, **TIME'
OPENED = '            await workflow.execute_activity("open_door", cake, **TIME)\n'
FINALLY = "        finally:\n"


def pays(*lines: str) -> str:
    """The checkout with what stands in its gap."""
    return replace(PAYS, GAP, "".join(lines))


def bakes(*lines: str) -> str:
    """The workflow with what stands in its gap."""
    return "import asyncio\nfrom temporalio.exceptions import ActivityError, ApplicationError\n" + replace(
        BAKES, GAP, "".join(lines)
    )


def kind(name: str, *, of: str = "workflow.execute_activity") -> str:
    """The oven in a `try`, with a cancellation type."""
    chosen = f"cancellation_type=workflow.ActivityCancellationType.{name}"
    return f"        try:\n            await {of}({BAKING}, {chosen})\n"


WAITS = kind("WAIT_CANCELLATION_COMPLETED")
HOT = f"        try:\n            await workflow.execute_activity({BAKING})\n"


ANSWERS = [
    # as the two languages spell it, and as the server does
    Answer("how_it_ends", replace(ENDS, '"canceled"', '"CANCELLED"', '"failed"', '"Failed"'), CORRECT),
    Answer("how_it_ends", replace(STARTS, '"A": ____', '"A": "completed"'), NOT_ATTEMPTED),
    # to be cancelled is to end as cancelled
    Answer("how_it_ends", ends("A", "completed", "canceled"), says="and it returned"),
    # whatever the cleanup does
    Answer("how_it_ends", ends("B", "failed", "canceled"), says="which exception left `run`"),
    # `except Exception` catches everything
    Answer("how_it_ends", ends("C", "canceled", "completed"), says="and no `Exception`"),
    # at an activity as at a timer
    Answer("how_it_ends", ends("D", "completed", "canceled"), says="is that an `Exception`"),
    # the same
    Answer("how_it_ends", ends("E", "canceled", "completed"), says="This `except` does not see it"),
    # an ActivityError is a failure
    Answer("how_it_ends", ends("E", "canceled", "failed"), says="was 'canceled'"),
    # what catches everything catches this
    Answer("how_it_ends", ends("F", "terminated", "completed"), says="a termination raises nothing"),
    # more than one
    Answer(
        "how_it_ends",
        replace(ends("A", "completed", "canceled"), '"B": "failed"', '"B": "canceled"'),
        says="1 more of the six",
    ),
    # another word
    Answer("how_it_ends", ends("A", "completed", "running"), says="none of the four answers"),
    # a line is gone
    Answer("how_it_ends", replace(ENDS, '    "F": "terminated",\n', ""), says="no line 'F'"),
    # ---- charged: by a flag, raised where it ends
    Answer(
        "charged",
        pays(
            "        stop = None\n",
            SHIELDED,
            "        except asyncio.CancelledError as error:\n            stop = error\n",
            "        await charging\n        if stop is not None:\n",
            REFUND,
            "            raise stop\n",
        ),
        CORRECT,
    ),
    # waited for in a `finally`, and refunded below
    Answer(
        "charged",
        replace(
            pays(SHIELDED, "        finally:\n            await charging\n"),
            '        return "paid"\n',
            "        if workflow.cancellation_reason() is not None:\n"
            + REFUND
            + '            raise asyncio.CancelledError\n        return "paid"\n',
        ),
        says="the `asyncio.CancelledError` has left `run` before",
    ),
    # Temporal's own error of that name, which is a cause
    Answer(
        "charged",
        "from temporalio.exceptions import CancelledError\n\n"
        + pays(SHIELDED, "        except CancelledError:\n", WAITED, REFUND, RAISED),
        says="Temporal's own `CancelledError` is a cause",
    ),
    # the same, and it was not imported
    Answer(
        "charged",
        pays(SHIELDED, "        except CancelledError:\n", WAITED, REFUND, RAISED),
        says="import it first: `from asyncio import CancelledError`",
    ),
    # without a shield
    Answer(
        "charged",
        pays("        try:\n            await charging\n", CAUGHT, REFUND, RAISED),
        says="asks the charge to stop",
    ),
    # the shield alone
    Answer("charged", pays("        await asyncio.shield(charging)\n"), says="over at once"),
    # it does not wait for the bank
    Answer("charged", pays(SHIELDED, CAUGHT, REFUND, RAISED), says="before the card was charged"),
    # the cancellation is swallowed
    Answer("charged", pays(SHIELDED, CAUGHT, WAITED, REFUND), says="with a bare `raise`"),
    # nothing is refunded
    Answer("charged", pays(SHIELDED, CAUGHT, WAITED, RAISED), says="only then raise"),
    # refunded in any case
    Answer(
        "charged",
        pays(SHIELDED, "        finally:\n", WAITED, REFUND),
        says="a `finally` runs in any case",
    ),
    # no `Exception`
    Answer(
        "charged",
        pays(SHIELDED, "        except Exception:\n", WAITED, REFUND, RAISED),
        says="is no `Exception`",
    ),
    # nobody waits
    Answer("charged", pays("        asyncio.shield(charging)\n"), says="where is it awaited"),
    # the refund first
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, REFUND, WAITED, RAISED),
        says="turn the two round",
    ),
    # another exception
    Answer(
        "charged",
        pays(
            SHIELDED,
            CAUGHT,
            WAITED,
            REFUND,
            '            raise workflow.ApplicationError("cancelled")\n',
        ),
        says="has no attribute",
    ),
    # a failure of its own
    Answer(
        "charged",
        "from temporalio.exceptions import ApplicationError\n"
        + pays(SHIELDED, CAUGHT, WAITED, REFUND, '            raise ApplicationError("cancelled")\n'),
        says="the workflow is Failed",
    ),
    # ---- oven: by what is caught, raised again
    Answer(
        "oven",
        bakes(WAITS, "        except ActivityError:\n", OPENED, RAISED, OPENED.replace(" " * 12, " " * 8)),
        CORRECT,
    ),
    # by a handle
    Answer(
        "oven",
        bakes(
            "        oven = workflow.start_activity("
            f"{BAKING}, cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)\n",
            "        try:\n            await oven\n",
            FINALLY,
            OPENED,
        ),
        CORRECT,
    ),
    # whatever was raised, and is it a cancellation?
    Answer(
        "oven",
        "from temporalio.exceptions import is_cancelled_exception\n"
        + bakes(
            WAITS,
            "        except BaseException as error:\n            if is_cancelled_exception(error):\n",
            "    " + OPENED,
            RAISED,
            OPENED.replace(" " * 12, " " * 8),
        ),
        CORRECT,
    ),
    # the default
    Answer("oven", bakes(HOT, FINALLY, OPENED), says="by default"),
    Answer("oven", bakes(kind("TRY_CANCEL"), FINALLY, OPENED), says="`TRY_CANCEL` asks"),
    # "I do not want it cut off"
    Answer("oven", bakes(kind("ABANDON"), FINALLY, OPENED), says="what is abandoned"),
    # a shield
    Answer(
        "oven",
        bakes(
            f"        try:\n            await asyncio.shield(workflow.start_activity({BAKING}))\n",
            FINALLY,
            OPENED,
        ),
        says="what is shielded",
    ),
    # it waits for the door, and not for the oven
    Answer(
        "oven",
        bakes(
            HOT,
            FINALLY,
            replace(
                OPENED,
                "**TIME",
                "**TIME, cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED",
            ),
        ),
        says="stands elsewhere",
    ),
    # as at a timer
    Answer(
        "oven",
        bakes(
            WAITS,
            "        except asyncio.CancelledError:\n",
            OPENED,
            RAISED,
            OPENED.replace(" " * 12, " " * 8),
        ),
        says="raises `ActivityError`",
    ),
    # nobody opens the door
    Answer(
        "oven",
        bakes(WAITS.replace("        try:\n    ", ""), OPENED.replace(" " * 12, " " * 8)),
        says="stands in a `finally`",
    ),
    # as if nothing had been
    Answer(
        "oven",
        bakes(WAITS, "        except ActivityError:\n            pass\n", FINALLY, OPENED),
        says="completed with 'baked'",
    ),
    # an error of its own
    Answer(
        "oven",
        bakes(
            WAITS,
            "        except ActivityError:\n",
            OPENED,
            '            raise ApplicationError("no cake")\n',
            OPENED.replace(" " * 12, " " * 8),
        ),
        says="the workflow is Failed",
    ),
    # it hopes
    Answer(
        "oven",
        bakes(HOT, FINALLY, "            await workflow.sleep(5)\n", OPENED),
        says="the oven alone knows",
    ),
    # asked for, and left
    Answer(
        "oven",
        bakes(WAITS, FINALLY, OPENED.replace("await workflow.execute", "workflow.start")),
        says="where is it awaited",
    ),
    # the door first
    Answer(
        "oven",
        bakes(OPENED.replace(" " * 12, " " * 8), WAITS.replace("        try:\n    ", "")),
        says="first `oven`",
    ),
    # both at once
    Answer(
        "oven",
        bakes(
            "        await asyncio.gather(\n"
            f"            workflow.execute_activity({BAKING}),\n"
            '            workflow.execute_activity("open_door", cake, **TIME),\n'
            "        )\n"
        ),
        says="was scheduled at event",
    ),
    # twice, in peace
    Answer(
        "oven", bakes(WAITS, "    " + OPENED.replace(" " * 12, " " * 8), FINALLY, OPENED), says="each once"
    ),
    # no door at all
    Answer("oven", bakes(WAITS.replace("        try:\n    ", "")), says="this was done: the oven is off"),
    # a text
    Answer(
        "oven",
        bakes(
            f"        try:\n            await workflow.execute_activity({BAKING}, "
            'cancellation_type="WAIT_CANCELLATION_COMPLETED")\n',
            FINALLY,
            OPENED,
        ),
        says="is the text 'WAIT_CANCELLATION_COMPLETED'",
    ),
    # where it is not to be found
    Answer(
        "oven",
        bakes(
            WAITS.replace("workflow.ActivityCancellationType", "ActivityCancellationType"), FINALLY, OPENED
        ),
        says="ActivityCancellationType",
    ),
    # ---- how_it_ends: the values alone
    Answer(
        "how_it_ends",
        'ends = ["completed", "failed", "canceled", "completed", "canceled", "terminated"]',
        says="this `list` is not the dictionary",
    ),
    # the SDK's own words
    Answer(
        "how_it_ends",
        "from temporalio.client import WorkflowExecutionStatus\n"
        + replace(ENDS, '"completed"', "WorkflowExecutionStatus.COMPLETED"),
        says="they are the texts",
    ),
    # a cleanup that fails is only a cleanup
    Answer("how_it_ends", ends("B", "failed", "completed"), says="you wrote 'completed'"),
    # ---- charged: shielded twice; or a wait that cancels nothing
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, replace(WAITED, "charging", "asyncio.shield(charging)"), REFUND, RAISED),
        CORRECT,
    ),
    Answer(
        "charged",
        pays(
            replace(SHIELDED, "asyncio.shield(charging)", "workflow.wait([charging])"),
            CAUGHT,
            WAITED,
            REFUND,
            RAISED,
        ),
        CORRECT,
    ),
    Answer(
        "charged",
        pays(
            replace(SHIELDED, "asyncio.shield(charging)", "workflow.wait_condition(charging.done)"),
            CAUGHT,
            WAITED,
            REFUND,
            RAISED,
        ),
        CORRECT,
    ),
    # it hopes
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, "            await workflow.sleep(60)\n", REFUND, RAISED),
        says="the bank alone knows",
    ),
    # a word instead of the money
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, WAITED, '            return "refunded"\n'),
        says="nothing was refunded; it is Completed",
    ),
    # called, and not awaited
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, WAITED, replace(REFUND, "await ", ""), RAISED),
        says="`refund` is to be awaited",
    ),
    # the type that lets go, instead of a shield
    Answer(
        "charged",
        replace(
            pays(
                "        try:\n            await charging\n        except BaseException:\n",
                WAITED,
                REFUND,
                RAISED,
            ),
            "order, **TIME)\n        try",
            "order, **TIME, cancellation_type=workflow.ActivityCancellationType.ABANDON)\n        try",
        ),
        says="what is abandoned cannot be awaited again",
    ),
    # another charge
    Answer(
        "charged",
        pays(
            replace(SHIELDED, "charging", 'workflow.execute_activity("charge", order, **TIME)'),
            CAUGHT,
            WAITED,
            REFUND,
            RAISED,
        ),
        says="charged, charged, refunded",
    ),
    # the word, and not what it stands for
    Answer(
        "charged",
        pays(SHIELDED, CAUGHT, WAITED, replace(REFUND, "order", '"order"'), RAISED),
        says="`refund` is given 'order'",
    ),
    # ---- oven: the word, and not what it stands for
    Answer("oven", bakes(WAITS, FINALLY, replace(OPENED, "cake", '"cake"')), says="without quotes"),
    # no cake
    Answer(
        "oven",
        bakes(WAITS, FINALLY, replace(OPENED, "cake, ", "")),
        says="TypeError: open_door() missing",
    ),
    # the type of a child workflow
    Answer(
        "oven",
        bakes(replace(WAITS, "ActivityCancellationType", "ChildWorkflowCancellationType"), FINALLY, OPENED),
        says="is an activity",
    ),
    # caught, raised again, and the door stands behind it
    Answer(
        "oven",
        bakes(WAITS, "        except ActivityError:\n", RAISED, replace(OPENED, " " * 12, " " * 8)),
        says="in the part that runs then",
    ),
]
