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


def pays(*lines: str) -> str:
    """The checkout with what stands in its gap."""
    return replace(PAYS, GAP, "".join(lines))


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
        says="the `CancelledError` has left `run` before",
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
]
