"""Which of the four timeouts a workflow hears of, foretold."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ActivityError
from temporalio.exceptions import TimeoutError as ActivityTimeout

from tutorial_lib.course.workflows.late_answers import Story, Tell, work
from tutorial_lib.exercises.checks.in_words import in_one_form, one_word_a_line
from tutorial_lib.exercises.checks.workbench import PROMPTLY, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet

NONE: Final = "none"
KINDS: Final = ("start-to-close", "schedule-to-start", "schedule-to-close", "heartbeat")

STORIES: Final = {
    "A": Story({"start_to_close": 1, "schedule_to_start": 2}, polled=False),
    "B": Story({"start_to_close": 1, "schedule_to_close": 4}, wait=9),
    "C": Story({"start_to_close": 9, "heartbeat": 1}, attempts=1, beats=0.3),
    "D": Story({"start_to_close": 4, "heartbeat": 3}, attempts=1, lasts=6, beats=9),
    # It fails at once: on a busy machine, a second would not be enough for its worker to say so.
    "E": Story({"start_to_close": 5, "schedule_to_close": 9}, fails=True, wait=30),
}
_REASONS: Final = {
    "A": "no worker ever took the task, so no attempt has started; which of the two has begun?",
    "B": "attempt 1 was too slow, and a retry would begin after the end; of what does the server speak then?",
    "C": "it was silent from 0.3 s on; does a timeout of an attempt wait for the longer one?",
    "D": "a heartbeat begins its own timeout anew, and no other",
    "E": "the last attempt failed by itself, and no time was left for another",
}


class WhichFires(Exercise):
    """Which of the four timeouts a workflow hears of, foretold."""

    title = "Which one fires?"
    task = (
        'Write which timeout the workflow hears of in the end, or `"none"` if it hears of something else. '
        "The check lets all five happen."
    )
    starter = """
fires = {
    "A": ____,
    "B": ____,
    "C": ____,
    "D": ____,
    "E": ____,
}
"""
    takes = (a_value("fires", dict, "the dictionary of the starter cell"),)
    hints = (
        "For each of its timeouts ask first: has it begun at all? The picture of the four has it.",
        (
            "Of those that have begun, the first to end ends the attempt. A heartbeat moves the end of one "
            "timeout only. Is there a retry then, in B?"
        ),
        "In E no attempt is ever too slow. What did the last one end with?",
    )
    solution_code = """
fires = {
    "A": "schedule-to-start",
    "B": "schedule-to-close",
    "C": "heartbeat",
    "D": "start-to-close",
    "E": "none",
}
"""
    why = (
        "A timeout that has not begun cannot fire: where nobody polls, no attempt starts. Heartbeats buy no "
        "time from start-to-close. And when an attempt fails by itself and no time is left for another, the "
        "workflow gets that failure."
    )
    seconds = 25.0

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, str] | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """All five happen once a kernel; further guesses are held against the same histories."""
        said = one_word_a_line(answers[0], STORIES, (*KINDS, NONE), name="fires", form=_form)
        if self._seen is None:
            self._seen = await _happen(bench)
        wrong = [name for name, kind in self._seen.items() if said[name] != kind]
        if wrong:
            first = wrong[0]
            more = f" ({len(wrong) - 1} more of the five came otherwise)" if len(wrong) > 1 else ""
            raise NotYet(
                f"{first}: you wrote {said[first]!r}, and the workflow heard of "
                f"{_heard(self._seen[first])}{more}",
                _REASONS[first],
            )
        return (
            "All five. Of the timeouts that had begun, the first to end ended the attempt. Where the policy "
            "allowed a retry and none would have begun in time, the workflow heard of schedule-to-close "
            "(B), or of the failure that the attempt itself had ended with (E)."
        )


def _heard(kind: str) -> str:
    return "no timeout: of the RuntimeError" if kind == NONE else f"{kind!r}"


def _form(answer: Any) -> str:
    """An answer in the form that is compared: `start_to_close_timeout` and None are meant, too."""
    if answer is None:
        return NONE
    words = str(in_one_form(answer)).replace("_", "-").replace(" ", "-")
    return words.removesuffix("-timeout")


async def _happen(bench: Workbench) -> dict[str, str]:
    """What the workflow of each story hears of."""
    await bench.worker(workflows=[Tell], activities=[work], **PROMPTLY)
    handles = [await bench.start(Tell, story, name=name.lower()) for name, story in STORIES.items()]
    heard = await asyncio.gather(*(_heard_of(handle) for handle in handles))
    return dict(zip(STORIES, heard, strict=True))


async def _heard_of(handle: WorkflowHandle[Any, Any]) -> str:
    """What a workflow has failed with. The bench's patience is not for queues that nobody is to poll."""
    try:
        await handle.result()
    except WorkflowFailureError as error:
        cause = error.cause.cause if isinstance(error.cause, ActivityError) else None
        if isinstance(cause, ActivityTimeout) and cause.type is not None:
            return cause.type.name.lower().replace("_", "-")
    return NONE
