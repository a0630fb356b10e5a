"""Runs workflows called `Flow` of many modules, one after the other: a program of its own.

    python idiom_runs.py ADDRESS < [{"folder": ..., "modules": [...], "activities": ..., "args": ...}, ...]

Prints the outcomes as JSON. `outcome` is what a notebook's cells are run with, too.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import uuid
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker


async def outcome(client: Client, names: dict[str, Any], activities: str, args: str) -> str:
    """What `Flow` returns, or why it was refused: `Type: message`."""
    queue = f"idiom-{uuid.uuid4()}"
    flow = names["Flow"]
    try:
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[flow],
            activities=eval(activities, names),  # noqa: S307 - our own idioms'
            workflow_failure_exception_types=[Exception],  # a refusal ends the run instead of being retried
        )
    except Exception as error:  # noqa: BLE001 - it is the outcome
        while error.__cause__ is not None:
            error = error.__cause__
        return said(type(error).__name__, str(error))
    async with worker:
        try:
            return await client.execute_workflow(
                "Flow",
                args=eval(args, names),  # noqa: S307 - as above
                id=queue,
                task_queue=queue,
                result_type=str,
                execution_timeout=timedelta(seconds=60),
            )
        except WorkflowFailureError as error:
            cause = error.cause
            return said(getattr(cause, "type", None) or type(cause).__name__, str(cause).partition(": ")[2])


def said(kind: str, message: str) -> str:
    return f"{kind}: {message.split('. If this', maxsplit=1)[0]}"


async def main() -> None:
    client = await Client.connect(sys.argv[1])
    found = []
    for each in json.load(sys.stdin):
        for module in ("activities", "options", "shared", "worker", "workflows"):  # the last project's
            sys.modules.pop(module, None)
        sys.path[0] = each["folder"]
        importlib.invalidate_caches()
        names: dict[str, Any] = {}
        try:
            for module in each["modules"]:
                names |= vars(importlib.import_module(module))
        except Exception as error:  # noqa: BLE001 - it is the outcome
            found.append(f"not imported: {type(error).__name__}: {error}")
            continue
        found.append(await outcome(client, names, each["activities"], each["args"]))
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    os._exit(0)  # the SDK's core can crash an interpreter that ends (sdk-python #300): seen in 2 of 24 runs
