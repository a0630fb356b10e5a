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
    "cells/test_taken_home.py": r"\[(lesson-\d\d)-",
    "cli/test_plain_terminals.py": r"\[(.*)\]",
    "cells/test_idioms.py": r"::test_a_(file|project)_",  # each has a fixture of its own
}
# Seconds on an idle machine, of files that take more than ten, where they are not as many as tests suggest.
LONG = {
    "test_readme.py": 150,
    "authoring/test_scaffold.py": 70,
    "faults/test_kernels.py": 130,
    "cli/test_doctor.py": 90,
    "cli/test_reset.py": 60,
    "cli/test_lab.py": 60,
    "cli/test_plain_terminals.py": 60,
    "cells/test_taken_home.py": 30,
    "cells/test_idioms.py": 30,
    "cells/test_project_runs.py": 40,
    "stage/test_waiting.py": 50,
    "authoring/test_lesson_modules.py": 40,
    "authoring/test_run.py": 40,
    "exercises/test_core_bench.py": 60,
    "exercises/test_every_exercise.py": 40,
    "cells/test_export.py": 40,
    "cli/test_show.py": 30,
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
