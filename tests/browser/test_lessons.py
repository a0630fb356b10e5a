"""Run All in JupyterLab itself, on the first lesson; lesson 05 is run by the test of the Web UI's form.

What Run All does to the other lessons, all cells sent at once, needs no browser:
tests/authoring/test_queued.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from tests.support.lab_page import LabPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.mark.parametrize("lesson", ["00_start_here.ipynb"])
def test_run_all_ends_with_every_cell_numbered_and_no_error(lesson: str, lab: RunningLab, browser: Browser):
    with LabPage(lab, browser, lesson) as opened:
        opened.run_all()
        state = opened.wait_done()
        assert unexpected_errors(lesson, state) == []
        numbers = [prompt for prompt in state["prompts"] if prompt is not None]
        assert numbers
        assert [prompt for prompt in numbers if not prompt.strip("[]: ").isdigit()] == []


def unexpected_errors(lesson: str, state: dict[str, Any]) -> list[str]:
    """Error texts of cells that are not there to show an error."""
    cells = [c for c in nbformat.read(FOLDER / lesson, as_version=4).cells if c.cell_type == "code"]
    assert len(cells) == len(state["errors"])
    wrong = []
    for cell, text in zip(cells, state["errors"], strict=True):
        if "raises-exception" in cell.metadata.get("tags", []):
            assert text, f"this cell is to show an error, and none was seen:\n{cell.source}"
        elif text:
            wrong.append(text)
    return wrong
