"""A lesson waits for slow readers: what begins in one cell is not over when the next one needs it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from nbformat import NotebookNode

from tests.support import slow_reader
from tests.support.lesson_runs import OPENS, told_otherwise
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import lesson_files

# In names of its own: what the lesson has imported, and how it is compiled, stays as it is.
READS = f"""\
_reader = {{}}
exec({inspect.getsource(slow_reader)!r}, _reader)
await _reader["read"](lab.client)
"""


def is_read(cell: NotebookNode) -> bool:
    """Whether somebody stays at a cell for minutes: prose, but for the instructor's, or a prediction."""
    if cell.cell_type == "markdown":
        return cell.metadata.get("slideshow", {}).get("slide_type") != "notes"
    return "lab.predict(" in cell.source


def read_slowly(notebook: NotebookNode) -> Iterator[NotebookNode | str]:
    """The lesson as somebody goes through it who reads all that there is to read before running on."""
    opened = moved = False
    for cell in notebook.cells:
        if opened and moved and is_read(cell):
            yield READS
            moved = False
        yield cell
        if cell.cell_type == "code":
            opened, moved = opened or OPENS in cell.source, True


# Lessons whose cells leave attempts, heartbeats or waits that go on while somebody reads. The others passed,
# each on a server of its own; 10 has fifty sleepers to look at, which costs more than all of these.
WITH_WORK = ("08", "09", "11", "12")


@pytest.mark.slow
@pytest.mark.usefixtures(
    "own_state"
)  # another run of the lesson leaves executions that this one would wait for
@pytest.mark.parametrize("lesson", WITH_WORK)
def test_who_reads_for_minutes_between_the_cells_sees_the_same(lesson):
    path = lesson_files(lesson).notebook
    notebook = committed_form.read(path)
    assert told_otherwise(path, notebook, read_slowly(notebook)) == []
