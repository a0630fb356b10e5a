"""Writes a lesson's minutes where learners read them: in its first cell, and in README's table."""

from __future__ import annotations

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import LESSON_ROW, LessonFiles
from tutorial_lib.authoring.reading.minutes import STATED, lesson_minutes

__all__ = ["write_minutes"]


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
    committed_form.write(committed_form.normalise(notebook), lesson.notebook)
    text = lesson.readme.read_text(encoding="utf-8")
    row = next((match for match in LESSON_ROW.finditer(text) if match[1] == lesson.number), None)
    if row is not None:
        text = f"{text[: row.start(5)]}{minutes}{text[row.end(5) :]}"
        lesson.readme.write_text(text, encoding="utf-8")
    return minutes
