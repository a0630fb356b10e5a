"""For pytest: which tests are the work of one process, and which work is begun first.

A file is a share, as with `--dist loadfile`; of a file whose tests share nothing but a parameter, each value
is one. The longest begin first, so that none of them is what all others wait for at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

# What follows the file's name in a share's, by file.
PARTS = {
    "exercises/test_every_exercise.py": r"\[(lesson-\d\d)/",
    "authoring/test_try_its.py": r"\[(lesson-\d\d)/",
    "authoring/test_queued.py": r"\[(\d\d)_",
    "authoring/test_cells_run_again.py": r"\[(\d\d)\]",
    "authoring/test_slow_readers.py": r"\[(\d\d)\]",
    "cells/test_taken_home.py": r"\[(lesson-\d\d)-",
    "cli/test_plain_terminals.py": r"\[(.*)\]",
    "cells/test_idioms.py": r"::test_a_(file|project)_",  # each has a fixture of its own
}
# Seconds with three others beside, of files that take more than twenty, or of each part of one.
LONG = {
    "faults/test_kernels.py": 330,
    "test_readme.py": 220,
    "cli/test_doctor.py": 150,
    "stage/test_waiting.py": 180,
    "exercises/test_core_bench.py": 120,
    "replay/test_recorder_live.py": 80,
    "cli/test_lab.py": 75,
    "authoring/test_scaffold.py": 65,
    "exercises/test_every_exercise.py": 60,
    "cells/test_project_runs.py": 55,
    "cli/test_wheel.py": 50,
    "cells/test_beside.py": 45,
    "authoring/test_lesson_modules.py": 40,
    "authoring/test_cells_run_again.py": 40,
    "cli/test_reset.py": 35,
    "cli/test_plain_terminals.py": 30,
    "cli/test_server.py": 30,
    "cli/test_run.py": 30,
    "stage/test_shared.py": 30,
    "cells/test_taken_home.py": 30,
    "cells/test_idioms.py": 30,
    "cells/test_export.py": 30,
    "stage/test_database.py": 30,
    "stage/test_keeper.py": 25,
    "authoring/test_run.py": 25,
    "authoring/test_sanitize.py": 25,
    "authoring/test_second_session.py": 25,
    "authoring/test_queued.py": 20,
    "authoring/test_slow_readers.py": 20,
    "cli/test_show.py": 20,
}
USUAL = 0.2  # seconds of a test of another file


def share_of(nodeid: str) -> str:
    """What a test is done together with.

    Args:
        nodeid: The test: `tests/cli/test_show.py::test_a_page[7]`.
    """
    file = nodeid.partition("::")[0]
    found = re.search(PARTS.get(file.removeprefix("tests/"), "$^"), nodeid)
    return f"{file} {found[1]}" if found else file


def weight_of(share: str, tests: int) -> float:
    """About how many seconds a share takes.

    Args:
        share: As `share_of` names it.
        tests: How many it has.
    """
    return LONG.get(share.partition(" ")[0].removeprefix("tests/"), tests * USUAL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Shares instead of files, where it is `--dist loadfile`."""
    if config.option.dist != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongestFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return share_of(nodeid)

        def _assign_work_unit(self, node: WorkerController) -> None:
            longest = max(self.workqueue, key=lambda share: weight_of(share, len(self.workqueue[share])))
            self.workqueue.move_to_end(longest, last=False)
            super()._assign_work_unit(node)

    return LongestFirst(config, log)
