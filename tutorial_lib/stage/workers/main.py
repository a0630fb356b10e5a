"""The program of a worker process: import the notebook's exported definitions, run a Worker on them.

It ends when its stdin does (the kernel that owns it has gone), on SIGTERM after a graceful shutdown, and
always by `os._exit`: the SDK's core can crash an interpreter that is shutting down (sdk-python #300).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import os
import signal
import sys
import threading
from typing import Any, NoReturn

from temporalio.client import Client
from temporalio.runtime import Runtime

from tutorial_lib.cells import connecting
from tutorial_lib.cells.export import pickled_values
from tutorial_lib.cells.failures.log import FailureLog, core_runtime
from tutorial_lib.cells.patches import Patches
from tutorial_lib.stage.leash import take_leash
from tutorial_lib.stage.target import Target, external_target
from tutorial_lib.stage.workers.draining import Draining
from tutorial_lib.stage.workers.embedded import polls, start_error
from tutorial_lib.stage.workers.spec import WorkerSpec

EXIT_OK, EXIT_FAILED = 0, 1


async def serve(specification: dict[str, Any]) -> int:
    """Run the worker until it is asked to stop. Returns the exit code."""
    try:
        client = await connect(specification)
        spec = worker_spec(specification)
        draining = Draining()
        worker = spec.make(client, draining)
        before = await polls(client, spec)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it to the learner
        return say(str(start_error(specification["task_queue"], error)), EXIT_FAILED)
    run = asyncio.create_task(worker.run())
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows has no such signal: there a stop is a kill
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    while not run.done() and not await polls(client, spec) - before:  # noqa: ASYNC110 - the server knows, not we
        await asyncio.sleep(0.005)
    if run.done() and (failure := run.exception()):
        return say(str(start_error(spec.task_queue, failure)), EXIT_FAILED)
    say("ready")
    await asyncio.wait([run, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    if not run.done():
        await draining.stop(worker)
    await run
    return EXIT_OK


async def connect(specification: dict[str, Any]) -> Client:
    """A client of the server that the parent uses."""
    external = external_target()
    target = external or Target(specification["address"])
    if specification["led"]:  # activities connect and start servers as cells of the notebook do
        address = target.address
        connecting.set_home(address)
        connecting.set_address_resolver((lambda given: given) if external else (lambda _given: address))
        connecting.install(Patches())
    return await target.connect(specification["namespace"])


def worker_spec(specification: dict[str, Any]) -> WorkerSpec:
    """What the parent described, with its definitions imported."""
    sys.path[:] = [*specification["path"], *(p for p in sys.path if p not in specification["path"])]
    module = importlib.import_module(specification["module"])
    return WorkerSpec(
        task_queue=specification["task_queue"],
        workflows=[resolve(reference) for reference in specification["workflows"]],
        activities=[resolve(reference) for reference in specification["activities"]],
        options=pickled_values.loads(bytes.fromhex(specification["options"]), vars(module)),
    )


def resolve(reference: str) -> Any:
    """The object behind "module:qualified.name"."""
    module, _, name = reference.partition(":")
    value: Any = importlib.import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def say(line: str, code: int = EXIT_OK) -> int:
    """One line to the parent, over the real stdout. Returns `code`."""
    os.write(_PARENT, (" ".join(line.split()) + "\n").encode())
    return code


def end_with_parent() -> None:
    """End at once when stdin breaks: the kernel that owned this worker has gone."""
    while os.read(0, 1):
        pass
    os._exit(EXIT_OK)


def main() -> NoReturn:
    """Run the worker that the JSON in the only argument describes."""
    specification = json.loads(sys.argv[1])
    take_leash(specification["parent"])
    threading.Thread(target=end_with_parent, daemon=True).start()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("temporalio").setLevel(logging.WARNING)
    Runtime.set_default(core_runtime(), error_if_already_set=False)
    FailureLog().install()
    code = asyncio.run(serve(specification))
    sys.stderr.flush()
    os._exit(code)


_PARENT = os.dup(1)
os.dup2(2, 1)  # what activities print belongs into the log, not into the line for the parent

if __name__ == "__main__":
    main()
