"""A lesson run again on the server that has seen it: ids that were used, and runs that are closed by now."""

from __future__ import annotations

import pytest

from tests.support.checkout import ROOT
from tutorial_lib.authoring.headless.run import run_notebook


@pytest.mark.slow
def test_a_lesson_of_ids_runs_in_a_second_session():
    for _ in range(2):
        result = run_notebook(ROOT / "notebooks" / "05_starting_workflows.ipynb")
        assert result.error is None, result.error
