"""Six starts under one id, foretold."""

from __future__ import annotations

from typing import Any

from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError

from tutorial_lib.course.lesson_05.payments import charge, confirmed
from tutorial_lib.course.workflows.payments import MoneyTransfer
from tutorial_lib.exercises.checks.in_words import one_word_a_line
from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet

NEW, SAME, REFUSED = "new run", "same run", "refused"


class SameId(Exercise):
    """Six starts under one id, foretold."""

    title = "One id, six starts"
    task = (
        "Somebody starts `payment-7` while its newest run is open, has completed, was terminated. "
        'Say what comes of each start: `"new run"`, `"same run"` or `"refused"`. The check does all six.'
    )
    starter = """
prediction = {
    "open: no policies, another task queue": ____,
    "open: USE_EXISTING": ____,
    "open: TERMINATE_EXISTING": ____,
    "completed: ALLOW_DUPLICATE_FAILED_ONLY": ____,
    "completed: USE_EXISTING": ____,
    "terminated: ALLOW_DUPLICATE_FAILED_ONLY": ____,
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
            "`FAIL` and `ALLOW_DUPLICATE` hold where no policies are given. The first answers while a run is "
            "open, the second once it is closed."
        ),
    )
    solution_code = """
prediction = {
    "open: no policies, another task queue": "refused",
    "open: USE_EXISTING": "same run",
    "open: TERMINATE_EXISTING": "new run",
    "completed: ALLOW_DUPLICATE_FAILED_ONLY": "refused",
    "completed: USE_EXISTING": "new run",
    "terminated: ALLOW_DUPLICATE_FAILED_ONLY": "new run",
}
"""
    why = (
        "While a run is open, the id belongs to it in the whole namespace, and the conflict policy "
        "decides; afterwards the reuse policy does. The defaults (fail, and allow duplicates) guard "
        "against two at once, not against two in a row."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Do all six and compare."""
        (prediction,) = answers
        said = one_word_a_line(prediction, _REASONS, (NEW, SAME, REFUSED), name="prediction")
        seen = await _six_starts(bench)
        wrong = [line for line, what in seen.items() if said[line] != what]
        if wrong:
            first = wrong[0]
            more = f" ({len(wrong) - 1} more of the six came otherwise)" if len(wrong) > 1 else ""
            raise NotYet(
                f"{first}: you said {said[first]!r}, it came out as {seen[first]!r}{more}",
                _REASONS[first],
            )
        return "All six. The server kept payment-7 to one open run at a time, on every task queue."


_REASONS = {
    "open: no policies, another task queue": "an id is unique among the open executions of a namespace",
    "open: USE_EXISTING": "the policy's name says it; is that an error to its caller?",
    "open: TERMINATE_EXISTING": "the open run is ended; what did the start ask for?",
    "completed: ALLOW_DUPLICATE_FAILED_ONLY": "did the newest run fail?",
    "completed: USE_EXISTING": "nothing is open now, so the reuse policy decides: ALLOW_DUPLICATE by default",
    "terminated: ALLOW_DUPLICATE_FAILED_ONLY": "terminated, timed out and cancelled count as failed, too",
}


async def _six_starts(bench: Workbench) -> dict[str, str]:
    """The real result of each line, in order."""
    ledger = Ledger()
    await bench.worker(workflows=[MoneyTransfer], activities=[charge(ledger)])
    first = await bench.start(MoneyTransfer, "7", 100)
    known = {first.result_run_id}

    async def begin(**options: Any) -> str:
        try:
            handle = await bench.start(MoneyTransfer, "7", 100, id=first.id, **options)
        except WorkflowAlreadyStartedError:
            return REFUSED
        what = SAME if handle.result_run_id in known else NEW
        known.add(handle.result_run_id)
        return what

    newest = bench.client.get_workflow_handle(first.id)
    failed_only = Reuse.ALLOW_DUPLICATE_FAILED_ONLY
    lines = iter(_REASONS)
    seen = {next(lines): await begin(task_queue=f"{bench.task_queue}-2")}
    seen[next(lines)] = await begin(id_conflict_policy=Conflict.USE_EXISTING)
    seen[next(lines)] = await begin(id_conflict_policy=Conflict.TERMINATE_EXISTING)
    await confirmed(bench, newest)
    seen[next(lines)] = await begin(id_reuse_policy=failed_only)
    seen[next(lines)] = await begin(id_conflict_policy=Conflict.USE_EXISTING)
    await newest.terminate("the bank is closed")
    seen[next(lines)] = await begin(id_reuse_policy=failed_only)
    return seen
