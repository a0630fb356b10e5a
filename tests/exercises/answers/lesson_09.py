"""Lesson 09, timeouts and heartbeats."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_09 as ex

FORETOLD = ex.which_fires.solution_code
COUNT = ex.go_on.solution_code
WRAP = ex.stop.solution_code


def foretold(story: str, said: object) -> str:
    """All right but one line."""
    return f"{FORETOLD}\nfires[{story!r}] = {said!r}"


ANSWERS = [
    # ---- which one fires -------------------------------------------------------------------------
    Answer(
        "which_fires",
        """
whole, attempt = "schedule_to_close_timeout", "Start-to-close timeout"
fires = dict(zip("ABCDE", ["schedule_to_start", whole, "Heartbeat", attempt, None]))
""",
        CORRECT,
    ),
    Answer("which_fires", FORETOLD.replace('"start-to-close"', "____", 1), NOT_ATTEMPTED),
    # start-to-close is taken to begin with the scheduling
    Answer("which_fires", foretold("A", "start-to-close"), says="so no attempt has started"),
    Answer("which_fires", foretold("B", "start-to-close"), says="heard of 'schedule-to-close'"),
    Answer("which_fires", foretold("B", "none"), says="B: you wrote 'none'"),
    Answer("which_fires", foretold("C", "start-to-close"), says="it was silent from 0.3 s on"),
    # heartbeats are taken for more time
    Answer("which_fires", foretold("D", "none"), says="anew, and no other"),
    Answer("which_fires", foretold("D", "heartbeat"), says="D: you wrote 'heartbeat'"),
    Answer("which_fires", foretold("E", "schedule-to-close"), says="of the RuntimeError"),
    Answer("which_fires", "fires = dict.fromkeys('ABCDE', 'start-to-close')", says="(3 more of the five"),
    Answer("which_fires", foretold("E", "RuntimeError"), says="'RuntimeError', at 'E', is none of"),
    Answer("which_fires", foretold("A", 1), says="1, at 'A', is none of the five"),
    Answer("which_fires", "fires = {'a': 'none'}", says="has no line 'A'"),
    Answer("which_fires", "fires = ['none'] * 5", says="is not the dictionary"),
    # ---- count on --------------------------------------------------------------------------------
    # one value, a pair; the shelf's letter would do as well
    Answer(
        "go_on",
        """
from collections.abc import Sequence

@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    before: Sequence[dict[str, int]] = activity.info().heartbeat_details
    counted = dict(before[0]) if before else {}
    for shelf in shelves:
        if shelf in counted:
            continue
        counted[shelf] = await ex.go_on.count(shelf)
        activity.heartbeat(counted)
    return sum(counted.values())
""",
        CORRECT,
    ),
    # nothing is sent
    Answer(
        "go_on",
        replace(COUNT, "        activity.heartbeat(done, total)\n", ""),
        says="attempt 2 began with the first shelf again",
    ),
    # it is sent, and nobody looks
    Answer(
        "go_on",
        replace(COUNT, "activity.info().heartbeat_details or (0, 0)", "0, 0"),
        says="the first shelf again, though the details were there",
    ),
    # the place alone
    Answer(
        "go_on",
        replace(
            COUNT,
            "    done, total = activity.info().heartbeat_details or (0, 0)\n",
            "    details = activity.info().heartbeat_details\n"
            "    done, total = details[0] if details else 0, 0\n",
            "heartbeat(done, total)",
            "heartbeat(done)",
        ),
        says="what has the first attempt counted",
    ),
    # before the shelf is counted
    Answer(
        "go_on",
        """
@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    done, total = activity.info().heartbeat_details or (0, 0)
    for shelf in shelves[done:]:
        done += 1
        activity.heartbeat(done, total)
        total += await ex.go_on.count(shelf)
    return total
""",
        says="shelf C was never counted",
    ),
    # the number of the last shelf is taken for that of the next
    Answer(
        "go_on", replace(COUNT, "heartbeat(done, total)", "heartbeat(done - 1, total)"), says="one too early"
    ),
    Answer("go_on", replace(COUNT, "shelves[done:]", "shelves[done + 1:]"), says="never counted"),
    # a first attempt has no details
    Answer(
        "go_on",
        replace(COUNT, " or (0, 0)", ""),
        says="not enough values to unpack",
    ),
    # the failure is swallowed
    Answer(
        "go_on",
        """
@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    total = 0
    for shelf in shelves:
        try:
            total += await ex.go_on.count(shelf)
        except ConnectionError:
            pass
    return total
""",
        says="shelf C was never counted, in 1 attempt",
    ),
    Answer("go_on", replace(COUNT, "await ex.go_on.count", "ex.go_on.count"), says="coroutine"),
    Answer(
        "go_on", replace(COUNT, "activity.heartbeat(done, total)", "heartbeat(done, total)"), says="heartbeat"
    ),
    Answer("go_on", replace(COUNT, "@activity.defn", '@activity.defn(name="count")'), says="count_shelves"),
    # ---- stop when you are told ------------------------------------------------------------------
    Answer(
        "stop",
        """
@activity.defn
async def wrap(parcels: int) -> str:
    try:
        for parcel in range(parcels):
            activity.heartbeat(parcel)
            await asyncio.sleep(0.1)
        return "all wrapped"
    finally:
        ex.stop.switch_off()
""",
        CORRECT,
    ),
    Answer(
        "stop",
        replace(WRAP, "            activity.heartbeat()\n", ""),
        says="never heard of the cancellation: no heartbeat came",
    ),
    # one at the start is not enough
    Answer(
        "stop",
        replace(
            WRAP,
            "            activity.heartbeat()\n",
            "",
            "    try:\n",
            "    activity.heartbeat()\n    try:\n",
        ),
        says="after the first one",
    ),
    Answer("stop", replace(WRAP, "        raise\n", ""), says="is ActivityTaskCompleted"),
    Answer("stop", replace(WRAP, "asyncio.CancelledError", "Exception"), says="is no `Exception`"),
    Answer("stop", replace(WRAP, "        ex.stop.switch_off()\n", ""), says="nothing in `wrap` calls it"),
    Answer(
        "stop",
        replace(WRAP, "        raise\n", "        raise RuntimeError('stopped')\n"),
        says="is ActivityTaskFailed",
    ),
    Answer("stop", replace(WRAP, '"all wrapped"', '"done"'), says="nobody cancelled"),
    # asks instead of waiting to be told, and returns
    Answer(
        "stop",
        """
@activity.defn
async def wrap(parcels: int) -> str:
    for parcel in range(parcels):
        activity.heartbeat()
        if activity.is_cancelled():
            ex.stop.switch_off()
            return "stopped"
        await asyncio.sleep(0.1)
    return "all wrapped"
""",
        says="before `activity.is_cancelled()` is asked",
    ),
    Answer("stop", replace(WRAP, "@activity.defn", '@activity.defn(name="wrap_all")'), says="wrap_all"),
    # ---- a second walk: which one fires ----------------------------------------------------------
    # nothing happens where nobody polls; a timeout that is not set
    Answer("which_fires", foretold("A", "none"), says="A: you wrote 'none'"),
    Answer(
        "which_fires",
        foretold("C", "none"),
        says="C: you wrote 'none', and the workflow heard of 'heartbeat'",
    ),
    Answer("which_fires", foretold("D", "schedule-to-close"), says="heard of 'start-to-close'"),
    Answer("which_fires", foretold("B", ["start-to-close", "schedule-to-close"]), says="is none of the five"),
    Answer("which_fires", foretold("E", False), says="False, at 'E', is none of the five"),
    # ---- a second walk: count on -----------------------------------------------------------------
    # two values, read as a pair in one
    Answer(
        "go_on",
        replace(COUNT, "heartbeat_details or (0, 0)", "heartbeat_details[0]"),
        says="index out of range",
    ),
    # the scanner is asked again in the same attempt
    Answer(
        "go_on",
        """
@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    total = 0
    for shelf in shelves:
        try:
            total += await ex.go_on.count(shelf)
        except ConnectionError:
            total += await ex.go_on.count(shelf)
        activity.heartbeat(shelf, total)
    return total
""",
        says="there was one attempt",
    ),
    # kept in the process
    Answer(
        "go_on",
        """
counted: dict[str, int] = {}

@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    for shelf in shelves:
        if shelf not in counted:
            counted[shelf] = await ex.go_on.count(shelf)
    return sum(counted.values())
""",
        says="kept in this process, where no other worker finds it",
    ),
    # sent in one order, read in the other
    Answer("go_on", replace(COUNT, "heartbeat(done, total)", "heartbeat(total, done)"), says="never counted"),
    # ---- a second walk: stop when you are told ---------------------------------------------------
    Answer("stop", replace(WRAP, "switch_off()", "switch_off"), says="with its brackets"),
    Answer("stop", replace(WRAP, "ex.stop.switch_off()", "await ex.stop.switch_off()"), says="TypeError"),
    # the one of temporalio, which an `async def` does not get
    Answer(
        "stop",
        "from temporalio.exceptions import CancelledError\n"
        + replace(WRAP, "asyncio.CancelledError", "CancelledError"),
        says="you catch another one of that name",
    ),
    Answer("stop", replace(WRAP, "        raise\n", "        raise asyncio.CancelledError\n"), CORRECT),
]
