"""A cell that is run again, alone, shows what it showed: right after it ran, or when all others have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbformat import NotebookNode

from tests.support.lesson_runs import told_otherwise
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import lesson_files

# What happens once, or looks at how it is now; what a cell shows of an execution that has ended is tested
# with what cells show of uncaught errors.
ONCE = {
    "03": (
        "lab.task_queues()",  # as they are now
        "await lab.result(order_42)\n",  # it waits until the next cells bring a worker
        "operator namespace delete",
        "server.close()",
    ),
    "05": (
        "lab.wait_for_start(",  # whoever has started one need not start another
        "await lab.result(dora)",  # terminated by the next cell
        "dora.terminate(",
        "lost_guests.check(",  # it tells of what was started since
        "first press:",  # refused, in one line, while the payment is open
    ),
    "08": ("lab.timeline(order)",),  # as it is now: mended
    "09": ("late = await start(Packing.run",),  # open until the next cell has waited for its end
    "10": (),
}


def again_and_back(notebook: NotebookNode, lesson: str) -> Iterator[NotebookNode]:
    """Each cell twice, and then each again, the last one first: behind each one, all others have run.

    The first one, which opens the lab, says so itself when it runs again.
    """
    first, *others = committed_form.code_cells(notebook)
    again = [each for each in others if not any(part in f"{each.source}\n" for part in ONCE[lesson])]
    yield first
    for each in others:
        yield each
        if each in again:
            yield each
    yield from reversed(again)


# On a server of its own: another run of the lesson leaves executions and workers that this one would see.
@pytest.mark.slow
@pytest.mark.usefixtures("own_state")
@pytest.mark.parametrize("lesson", ONCE)
def test_a_cell_run_again_shows_the_same(lesson):
    path = lesson_files(lesson).notebook
    notebook = committed_form.read(path)
    assert told_otherwise(path, notebook, again_and_back(notebook, lesson)) == []
