"""Writes a lesson's minutes: where learners read them, and for instructors into the headings' metadata."""

from __future__ import annotations

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import LESSON_ROW, LessonFiles
from tutorial_lib.authoring.reading.minutes import STATED, lesson_minutes, minutes_by_heading

__all__ = ["state_minutes", "write_minutes"]


def state_minutes(notebook: NotebookNode) -> None:
    """Lets the metadata of scenes' headings state what the scenes take; build and refresh do it.

    Args:
        notebook: The lesson, with its outputs; it is changed. One whose first cell states no minutes is not.
    """
    if not (notebook.cells and STATED.search(notebook.cells[0].source)):
        return
    by_heading = minutes_by_heading(notebook)
    for number, cell in enumerate(notebook.cells, start=1):
        about = {key: value for key, value in cell.metadata.get("course", {}).items() if key != "minutes"}
        if number in by_heading:
            about["minutes"] = by_heading[number]
        if about:
            cell.metadata["course"] = about
        else:
            cell.metadata.pop("course", None)


def write_minutes(lesson: LessonFiles) -> int:
    """Lets a lesson and its row state the minutes that it takes; returns them.

    Args:
        lesson: Its files; a first cell that states no minutes is left as it is.
    """
    notebook = committed_form.read(lesson.notebook)
    minutes = lesson_minutes(notebook)
    unit = "minute" if minutes == 1 else "minutes"
    first = notebook.cells[0]
    first.source = STATED.sub(f"**Time.** {minutes} {unit}", first.source, count=1)
    state_minutes(notebook)
    committed_form.write(committed_form.normalise(notebook), lesson.notebook)
    text = lesson.readme.read_text(encoding="utf-8")
    row = next((match for match in LESSON_ROW.finditer(text) if match[1] == lesson.number), None)
    if row is not None:
        text = f"{text[: row.start(5)]}{minutes}{text[row.end(5) :]}"
        lesson.readme.write_text(text, encoding="utf-8")
    return minutes
