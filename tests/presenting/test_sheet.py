"""The run sheet of a lesson: scenes, minutes, notes, and the page to print."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console

from tutorial_lib.authoring import committed_form
from tutorial_lib.jupyter import scene_address
from tutorial_lib.presenting.copy import presented_copy
from tutorial_lib.presenting.runsheet import as_page, as_table, summed
from tutorial_lib.presenting.sheet import promised_minutes, run_sheet, stated_minutes

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
NOTES = "<details><summary>For instructors</summary>\n\n*Say*: <b>now</b>.\n\n</details>"
ADDRESS = functools.partial(scene_address, "http://127.0.0.1:8888/", "07_ä b.ipynb")


def lesson() -> NotebookNode:
    head = "# Pay once\n\n**Time.** 7 minutes."
    return new_notebook(
        cells=[
            new_markdown_cell(head, id="a"),
            new_markdown_cell(NOTES, id="b", metadata={"slideshow": {"slide_type": "notes"}}),
            new_markdown_cell("## Break it\n\nNow.", id="c", metadata={"course": {"minutes": 2.5}}),
            new_code_cell("pay()", id="d"),
            new_markdown_cell("### Your turn", id="e", metadata={"course": {"minutes": 4}}),
            new_code_cell(
                "class ____: ...", id="f", metadata={"course": {"exercise": "pay", "part": "starter"}}
            ),
            new_code_cell(
                "await ex.pay.check(Pay)", id="g", metadata={"course": {"exercise": "pay", "part": "check"}}
            ),
            new_code_cell(
                "# ex.pay.hint()", id="h", metadata={"course": {"exercise": "pay", "part": "help"}}
            ),
            new_markdown_cell("## Remember", id="i"),
        ]
    )


def test_scenes_have_their_cells_minutes_and_notes():
    title, breaks, turn, remember = run_sheet(lesson())
    assert (title.number, title.title, title.minutes, title.cells) == ("0", "Pay once", None, ["a", "b"])
    assert title.notes == ["*Say*: <b>now</b>."]
    assert (breaks.number, breaks.minutes, breaks.code, breaks.exercise) == ("1", 2.5, ["pay()"], False)
    assert (turn.number, turn.level, turn.minutes, turn.exercise) == ("1.1", 3, 4, True)
    assert turn.code == ["class ____: ...", "await ex.pay.check(Pay)"]  # nobody reads out the help
    assert (remember.number, remember.minutes) == ("2", None)


def test_minutes_are_summed_and_missing_ones_told():
    scenes = run_sheet(lesson())
    assert stated_minutes(scenes) == 6.5
    assert promised_minutes(lesson()) == 7
    told = summed(scenes, 7)
    assert told == (
        "6.5 minutes in scenes; 4 of them in scenes with an exercise (✎); 7 promised to learners; "
        "1 scene states no minutes"
    )


def test_the_page_to_print_has_all_notes_as_text_and_no_script():
    page = as_page(run_sheet(lesson()), 7, ADDRESS)
    assert "&lt;b&gt;now&lt;/b&gt;" in page
    assert "<em>Say</em>" in page
    assert "<script" not in page
    assert "<td>2.5</td>" in page


def test_the_table_says_when_each_scene_begins():
    out = io.StringIO()
    Console(file=out, width=100).print(as_table(run_sheet(lesson()), 7))
    text = out.getvalue()
    assert "1.1 ✎ Your turn" in text
    assert "promised to learners" in text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_cell_of_a_lesson_belongs_to_one_scene(path: Path):
    notebook = committed_form.read(path)
    scenes = run_sheet(notebook)
    cells = [cell for scene in scenes for cell in scene.cells]
    assert cells == [cell.id for cell in notebook.cells]
    assert any(scene.notes for scene in scenes)
    assert as_page(scenes, promised_minutes(notebook), ADDRESS).count("<tr>") == len(scenes) + 1
    assert stated_minutes(scenes) == promised_minutes(notebook)
    assert "no minutes" not in summed(scenes, None)


def test_a_copy_is_presented_and_what_was_changed_in_it_is_kept(tmp_path: Path):
    state = tmp_path / "state"
    state.mkdir()
    before = LESSONS[0].read_bytes()
    copy, kept = presented_copy(LESSONS[0], LESSONS, state)
    assert kept is None
    assert '"outputs": []' in copy.read_text(encoding="utf-8")
    assert (copy.parent / LESSONS[1].name).exists()
    again, kept = presented_copy(LESSONS[0], LESSONS, state)
    assert (again, kept) == (copy, None)
    notebook = committed_form.read(copy)
    notebook.cells[0].source += "\n\nTyped in class."
    committed_form.write(notebook, copy)
    _, kept = presented_copy(LESSONS[0], LESSONS, state)
    assert kept is not None
    assert "Typed in class." in kept.read_text(encoding="utf-8")
    assert "Typed in class." not in copy.read_text(encoding="utf-8")
    assert LESSONS[0].read_bytes() == before
