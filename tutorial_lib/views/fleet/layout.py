"""The fleet as plain data: a row for each worker, and where each open execution is cached.

Drawn by static/view.js and by `fleet_picture`, tested without either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from tutorial_lib.sdk import registered_name
from tutorial_lib.stage.workers.workers import AnyWorker, worker_name
from tutorial_lib.views.kit.census import Census, Execution, running_by_worker

WHY_NO_KILL: Final = (
    "It cannot be killed: it is a thread of this notebook's kernel, and SIGKILL takes whole processes. "
    "Stop it, or restart the kernel. A worker of lab.spawn_worker(...) is a process that can be killed."
)
_REPLAY: Final = "the next worker rebuilds it by replay"
# State words begin as `lab.workers` prints them.
SYMBOLS: Final = {"alive": "●", "stopped": "✕", "killed": "✕", "starting": "◌", "stopping": "◌", "being": "◌"}

Row = dict[str, Any]


def fleet_layout(
    workers: Sequence[AnyWorker],
    census: Census | None,
    busy: Mapping[str, str] | None = None,
    gone: Collection[str] = (),
) -> dict[str, Any]:
    """What the fleet view shows.

    Args:
        workers: The lab's workers.
        census: What is open in the namespace; None if the server has not been asked yet.
        busy: State words of workers that are being started, stopped or killed, by key.
        gone: Identities of workers that this lab had and has not any more.

    Returns:
        "rows": a dict for each worker with "key", "name", "kind", "pid", "queue", "runs" (pairs of
        "workflow" or "activity" and the type), "state", "symbol", "alive", "identity", "tasks" (number of
        workflow tasks that it works on), "activities" (types of those it runs), "cached" (workflow ids),
        "load" (the last but one in words) and "refusals" (why an action is impossible, by action; "" if it
        is possible).
        "homeless": a dict for each open execution that is in no cache of these workers: "id" and "why".
        "complete": whether these are all open executions.
    """
    census = census or Census()
    rows = [_row(worker, census, (busy or {}).get(key_of(worker), "")) for worker in workers]
    homes = {run for row in rows for run in row.pop("runs_cached")}
    homeless = [
        {"id": each.id, "why": _why_homeless(each, workers, gone)}
        for each in census.executions
        if each.run_id not in homes
    ]
    return {"rows": rows, "homeless": homeless, "complete": census.complete}


def key_of(worker: AnyWorker) -> str:
    """A name of a worker's place in the fleet, which a worker that replaces it has too."""
    return f"{worker.kind}/{worker.spec.task_queue}/{worker.spec.name}"


def state_of(worker: AnyWorker) -> str:
    """The state in words: "alive", "stopping", "stopped", "killed (SIGKILL)", "not started"."""
    return worker.state


def symbol_of(state: str) -> str:
    """The symbol of a state, as `lab.workers` shows it."""
    return SYMBOLS.get(state.split(" ", 1)[0], "○")


def caches(worker: AnyWorker, execution: Execution) -> bool:
    """Whether an execution is in a worker's cache, as far as the server knows.

    The worker of the latest workflow task has it, unless it was started anew since (maybe under the same
    identity) or keeps no cache.
    """
    return (
        worker.alive
        and execution.task.worker == worker.identity
        and execution.task.at >= worker.started
        and worker.spec.options.get("max_cached_workflows") != 0
    )


def sentence(rows: Sequence[Row]) -> str:
    """The fleet in words, the same at each run: no pids, no load."""
    if not rows:
        return "Fleet: no workers yet."
    count = "1 worker" if len(rows) == 1 else f"{len(rows)} workers"
    each = (
        f"{row['name']} on {row['queue']!r} runs {', '.join(name for _, name in row['runs'])}: {row['state']}"
        for row in rows
    )
    return f"Fleet of {count}. {'; '.join(each)}."


def _load(tasks: int, activities: Sequence[str], lost: Sequence[str]) -> str:
    """What a worker does now, in words; "" if nothing.

    Args:
        tasks: How many workflow tasks it works on.
        activities: Types of the activities it runs.
        lost: Types of those that the server believes it runs, though what ran them has ended.
    """
    parts = [_count(tasks, "workflow task")] if tasks else []
    if activities:
        parts.append(_activities(activities))
    if lost:
        parts.append(f"{_activities(lost)} (lost; the server will know by a timeout)")
    return ", ".join(parts)


def _activities(names: Sequence[str]) -> str:
    listed = (
        name if number == 1 else f"{number} of {name}" for name, number in sorted(Counter(names).items())
    )
    return f"{_count(len(names), 'activity', 'activities')}: {', '.join(listed)}"


def _row(worker: AnyWorker, census: Census, busy: str) -> Row:
    identity, alive = worker.identity, worker.alive
    lives = alive or worker.state == "stopping"  # what it has in hand goes on until it has ended
    state = busy or state_of(worker)
    cached = [each for each in census.executions if caches(worker, each)]
    tasks = sum(each.working and each.task.worker == identity for each in census.executions)
    running = running_by_worker(census)
    ended = worker.former - {identity} if lives else worker.former | {identity}
    activities = running.get(identity, ()) if lives else ()
    lost = [name for each in sorted(ended) for name in running.get(each, ())]
    return {
        "key": key_of(worker),
        "name": worker_name(worker),
        "kind": worker.kind,
        "pid": worker.pid,
        "queue": worker.spec.task_queue,
        "runs": [
            *(("workflow", registered_name(each)) for each in worker.spec.workflows),
            *(("activity", registered_name(each)) for each in worker.spec.activities),
        ],
        "state": state,
        "symbol": symbol_of(state),
        "alive": alive,
        "identity": identity,
        "tasks": tasks if lives else 0,
        "activities": list(activities),
        "load": _load(tasks if lives else 0, activities, lost),
        "cached": [each.id for each in cached],
        "runs_cached": [each.run_id for each in cached],
        "refusals": _refusals(worker, busy or ("stopping" if state == "stopping" else "")),
    }


def _refusals(worker: AnyWorker, busy: str) -> dict[str, str]:
    wait = f"It is {busy}." if busy else ""
    down = "" if worker.alive else "It does not run."
    return {
        "start": wait or ("It runs already." if worker.alive else ""),
        "stop": wait or down,
        "kill": WHY_NO_KILL if worker.kind == "embedded" else down,
    }


def _why_homeless(execution: Execution, workers: Sequence[AnyWorker], gone: Collection[str]) -> str:
    """Why an open execution is in no cache of the lab's workers."""
    last = execution.task.worker
    if not last:
        return "its workflow task failed" if execution.task.at else "no worker has taken it up yet"
    for worker in workers:
        if last != worker.identity and last not in worker.former:
            continue
        name = worker_name(worker)
        if not worker.alive:
            return f"{name} had it, and {'stops' if worker.state == 'stopping' else 'is gone'}: {_REPLAY}"
        if worker.spec.options.get("max_cached_workflows") == 0:
            return f"{name} keeps no cache: it replays at each workflow task"
        return f"{name} had it before it was started again: {_REPLAY}"
    if last in gone:
        return f"the worker that had it is gone: {_REPLAY}"
    return "a worker that this lab did not make has it, or had it"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
