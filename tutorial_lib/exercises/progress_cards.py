"""How far a learner is: a lesson as a card, the whole course as a table."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.predict import is_prediction
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.exercises.quiz import Quiz
from tutorial_lib.views.kit.cards import card, inline

__all__ = ["CourseProgress", "LessonProgress"]

_DONE, _OPEN = "✓", "○"
_GREEN, _BLUE = "#15803d", "#4f6bed"  # edges of cards; never the only sign


@dataclass(frozen=True)
class LessonProgress:
    """What is solved of one lesson. Shows itself as a card.

    Attributes:
        lesson: "lesson-01".
        exercises: Title of each exercise, and whether it is solved.
        questions: For each question of the quiz, whether it was answered right.
        predictions: How many were made; none is right or wrong.
    """

    lesson: str
    exercises: tuple[tuple[str, bool], ...]
    questions: tuple[bool, ...]
    predictions: int = 0

    @classmethod
    def of(
        cls, lesson: str, exercises: Sequence[Exercise], quiz: Quiz | None, progress: Progress
    ) -> LessonProgress:
        """Looked up in a learner's progress.

        Args:
            lesson: "lesson-01".
            exercises: Of the lesson, in order.
            quiz: Of the lesson, or None.
            progress: Whose.
        """
        known = progress.load()
        done = {key for key, entry in known.items() if entry.get("solved")}
        return cls(
            lesson,
            tuple((each.title, each.key in done) for each in exercises),
            tuple(key in done for key in (quiz.keys if quiz else ())),
            sum(is_prediction(lesson, key, entry) for key, entry in known.items()),
        )

    @property
    def number(self) -> str:
        """Of the lesson: 01."""
        return self.lesson.rpartition("-")[2]

    @property
    def solved(self) -> str:
        """Exercises: "1 of 3"."""
        return _of([done for _, done in self.exercises])

    @property
    def answered(self) -> str:
        """Quiz: "0 of 3"."""
        return _of(self.questions)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return all(done for _, done in self.exercises) and all(self.questions)

    def __repr__(self) -> str:
        return "\n".join([f"Lesson {self.number}: {self.solved} exercises solved", *self._lines()])

    def _repr_html_(self) -> str:
        head = f"<b>Lesson {html.escape(self.number)}: {self.solved} exercises solved</b>"
        return card([head, *map(inline, self._lines())], _GREEN if self.complete else _BLUE)

    def _lines(self) -> list[str]:
        lines = [f"{_DONE if done else _OPEN} {title}" for title, done in self.exercises]
        if self.questions:
            lines.append(f"{_DONE if all(self.questions) else _OPEN} Quiz: {self.answered} right")
        if self.predictions:
            lines.append(f"{self.predictions} prediction{'' if self.predictions == 1 else 's'} made")
        return lines


@dataclass(frozen=True)
class CourseProgress:
    """What is solved of all lessons. Shows itself as a table.

    Attributes:
        lessons: In order.
    """

    lessons: tuple[LessonProgress, ...]

    def __repr__(self) -> str:
        rows = [("lesson", "exercises", "quiz"), *self._rows()]
        return "\n".join("  ".join(cell.ljust(9) for cell in row).rstrip() for row in rows)

    def _repr_html_(self) -> str:
        head = _row("th", ("Lesson", "Exercises", "Quiz"))
        body = "".join(_row("td", row) for row in self._rows())
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"

    def _rows(self) -> list[tuple[str, str, str]]:
        return [
            (
                f"{_DONE if each.complete else _OPEN} {each.number}",
                each.solved,
                each.answered if each.questions else "",
            )
            for each in self.lessons
        ]


def _row(kind: str, cells: Sequence[str]) -> str:
    inside = "".join(f'<{kind} style="text-align:left">{html.escape(cell)}</{kind}>' for cell in cells)
    return f"<tr>{inside}</tr>"


def _of(done: Sequence[bool]) -> str:
    return f"{sum(done)} of {len(done)}"
