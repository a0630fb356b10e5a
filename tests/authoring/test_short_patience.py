"""A worker that stands still for seconds, as on a busy machine, moves no event's number.

After the patience that a worker asks for, the server takes a task from its sticky queue and schedules
another: two events more, and all behind them have other numbers. The default is 10 seconds.
"""

from __future__ import annotations

import pytest

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import course_notebooks

# What a lesson needs a shorter one for, and why no number that it shows depends on it.
SHORT = {
    "02": "its subject: event 7 of order 44 is the server losing patience with a worker that was killed",
    "10": "it kills a worker, and shows the events up to the first task that any sticky queue gets",
}


@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_lessons_leave_workers_the_time_that_a_project_does(path):
    code = [cell.source for cell in committed_form.read(path).cells if cell.cell_type == "code"]
    shortens = any("sticky_queue_schedule_to_start_timeout" in source for source in code)
    assert shortens == (path.name[:2] in SHORT)
