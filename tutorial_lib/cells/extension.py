"""`%load_ext tutorial_lib`: what it changes in this kernel, and how that is undone."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

from temporalio.runtime import Runtime, TelemetryConfig

from tutorial_lib import sdk
from tutorial_lib.cells import beside, commands, defaults
from tutorial_lib.cells.connecting import AddressResolver, set_address_resolver
from tutorial_lib.cells.failures import late, rpc_errors, unawaited, unfinished
from tutorial_lib.cells.failures.log import FailureLog, core_runtime
from tutorial_lib.cells.nested import allow_nested_run
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.program.journal import Journal
from tutorial_lib.cells.stop_button import StopButton

__all__ = ["AddressResolver", "load_ipython_extension", "set_address_resolver", "unload_ipython_extension"]


@dataclasses.dataclass
class _Loaded:
    sdk_defaults: Patches
    asyncio_patches: Patches
    failures: FailureLog
    stop_button: StopButton
    runtime_before: Runtime | None


_loaded: _Loaded | None = None


def load_ipython_extension(ipython: Any) -> None:
    """Prepares a kernel for Temporal. `%unload_ext tutorial_lib` undoes all of it.

    1. `Worker(...)` and `Replayer(...)` run workflows that are defined in cells, in the SDK's standard
       sandbox: a worker copies the workflow's cells when it is made, like a deployment. A runner that
       you pass yourself is left alone. A workflow of a file that `%run` ran gets that file, as a script's
       does. Which cells and files ran is noted from now on, also after unloading.
    2. `Client.connect("localhost:7233")` reaches the course's server, wherever it listens. A client that
       names no namespace works in that of the lab opened last, as the `temporal` CLI and `ClientConfig` do.
       `WorkflowEnvironment.start_local()` and `.start_time_skipping()` start the installed programs, unless
       they are given a path or asked for a download. All this holds in worker processes made from now on.
    3. `asyncio.run(main())` works in a cell (nest-asyncio2), and so do `asyncio.Runner` and
       `asyncio.new_event_loop().run_until_complete(main())`, beside a worker of another cell. What the Stop
       button interrupts there ends with the cell: no worker is left that polls and does not answer.
    4. A failed workflow task or activity is reported in two or three lines that point at the cell. Core,
       the SDK's Rust part, logs to Python's `logging` (`temporalio.core`), and `workflow.logger` and
       `activity.logger` leave the dictionary of ids off their lines.
    5. A coroutine that was never awaited is reported in one line, without the place where Python noticed; a
       workflow that finished over a running handler in two, each time.
    6. The Stop button ends a cell that awaits, or runs a loop of its own, at once, with one line: which
       workers ended with the cell. While it waits for an activity, that is named. Your signal handlers work.
    7. The SDK's error of a call is shown down to the cell's own line, and below it what is known: the state
       of a server that was not found, that an execution has ended. A `TimeoutError` of a cell that awaits an
       execution has what that waits for.
    8. A `!command` that asks something ends at once: in a cell nobody can answer it.

    Loading it twice does no harm.
    """
    if ipython is not None:
        Journal.of(ipython)  # from now on it is known which executions there were, in which order
    global _loaded  # noqa: PLW0603 - the extension's one state: loaded or not
    if _loaded is not None:
        return
    if ipython is not None:
        ipython.events.register("post_run_cell", beside.settle)
    asyncio_patches = allow_nested_run()
    sdk_defaults = Patches()
    defaults.install(sdk_defaults)
    unawaited.install(sdk_defaults)
    unfinished.install(sdk_defaults)
    rpc_errors.install(sdk_defaults)
    late.install(ipython)
    commands.install(sdk_defaults)
    stop_button = StopButton()
    stop_button.install(sdk_defaults)
    failures = FailureLog()
    failures.install()
    before = sdk.current_default_runtime()
    Runtime.set_default(core_runtime(), error_if_already_set=False)
    _loaded = _Loaded(sdk_defaults, asyncio_patches, failures, stop_button, before)


def unload_ipython_extension(ipython: Any) -> None:
    """Undoes what loading did. Workers that exist keep running as they were made."""
    global _loaded
    if _loaded is None:
        return
    loaded, _loaded = _loaded, None
    if ipython is not None:
        with contextlib.suppress(ValueError):  # it was loaded without a shell
            ipython.events.unregister("post_run_cell", beside.settle)
    late.uninstall(ipython)
    loaded.sdk_defaults.undo()
    loaded.asyncio_patches.undo()
    loaded.failures.uninstall()
    loaded.stop_button.uninstall()
    # The SDK makes its default runtime when it is first asked; there is no way to take one away, so
    # where none was, a new one of the same making stands in.
    runtime = loaded.runtime_before or Runtime(telemetry=TelemetryConfig())
    Runtime.set_default(runtime, error_if_already_set=False)
