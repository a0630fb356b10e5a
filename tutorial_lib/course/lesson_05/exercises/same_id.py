"""Six starts under one id, foretold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.common import WorkflowIDReusePolicy as Reuse
from temporalio.exceptions import WorkflowAlreadyStartedError

from tutorial_lib.course.lesson_05.payments import charge, confirmed
from tutorial_lib.course.workflows.payments import MoneyTransfer
from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.stage.cli import run_cli
from tutorial_lib.stage.server.binary import find_binary

NEW, SAME, REFUSED = "new run", "same run", "refused"


class SameId(Exercise):
    """Six starts under one id, foretold."""

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

    async def verify(self, bench: Workbench, *answers: Any) -> str:
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
    await confirmed(bench, first)
    seen[next(lines)] = await begin()
    await confirmed(bench, bench.client.get_workflow_handle(first.id))
    seen[next(lines)] = await begin(id_reuse_policy=Reuse.ALLOW_DUPLICATE_FAILED_ONLY)
    return seen


def _cli_start(bench: Workbench, workflow_id: str) -> str:
    line = ["workflow", "start", "--type", "MoneyTransfer", "--task-queue", bench.task_queue]
    client = bench.client
    return run_cli(
        find_binary().path,
        [*line, "--workflow-id", workflow_id],
        address=client.service_client.config.target_host,
        namespace=client.namespace,
    ).stdout
