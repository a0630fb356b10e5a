"""A cell that is run again, alone, shows what it showed, whatever has run behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbformat import NotebookNode

from tests.support.lesson_runs import told_otherwise
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import lesson_files


def there_and_back(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """All cells, and then each again, the last one first: behind each one, all others have run.

    The first one, which opens the lab, says so itself when it runs again.
    """
    code = committed_form.code_cells(notebook)
    yield from code
    yield from reversed(code[1:])


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["09"])
def test_a_cell_run_again_shows_the_same(lesson):
    path = lesson_files(lesson).notebook
    notebook = committed_form.read(path)
    assert told_otherwise(path, notebook, there_and_back(notebook)) == []
