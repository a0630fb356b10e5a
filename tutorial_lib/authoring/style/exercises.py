"""House rules about what a learner is to do: exercises, their answers, the quiz."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.quiz import Quiz

__all__ = ["FEWEST_WRONG", "exercise_findings", "quiz_findings", "tried_findings"]

FEWEST_HINTS = 2
FEWEST_WRONG = 4  # wrong answers that an exercise is tried with
FEWEST_CHOICES = 3
QUESTIONS = 3  # of a quiz


def exercise_findings(exercise: Exercise) -> Iterator[Finding]:
    """What an exercise lacks that a learner needs.

    Args:
        exercise: Of a lesson.
    """

    def say(message: str) -> Finding:
        return Finding(0, "exercise", f"{exercise.name}: {message}")

    if len(exercise.hints) < FEWEST_HINTS:
        yield say(f"{len(exercise.hints)} hints; at least {FEWEST_HINTS}, each leading further")
    if len(set(exercise.hints)) != len(exercise.hints):
        yield say("two hints say the same")
    for text in (exercise.title, exercise.task, exercise.why, *exercise.hints):
        if not text or text.strip() != text:
            yield say(f"a text is empty or has blanks around it: {text!r}")
    yield from (say(message) for message in _not_python(exercise))
    if "____" in exercise.solution_code:
        yield say("the solution has a gap")
    if any(exercise.solution_code.strip() in hint for hint in exercise.hints):
        yield say("a hint gives the solution away")
    if not exercise.takes:
        yield say("its check takes nothing")


def _not_python(exercise: Exercise) -> Iterator[str]:
    for what, source in (("starter", exercise.starter), ("solution", exercise.solution_code)):
        try:
            ast.parse(source)
        except SyntaxError as error:
            yield f"the {what} is not valid Python: {error}"


def quiz_findings(quiz: Quiz | None) -> Iterator[Finding]:
    """What a quiz lacks.

    Args:
        quiz: Of a lesson; None if it has none.
    """

    def say(message: str) -> Finding:
        return Finding(0, "quiz", message)

    if quiz is None:
        yield say(f"the lesson has no quiz; it wants {QUESTIONS} questions")
        return
    if len(quiz.questions) != QUESTIONS:
        yield say(f"{len(quiz.questions)} questions; it wants {QUESTIONS}")
    for question in quiz.questions:
        texts, reasons = ({getattr(each, key) for each in question.choices} for key in ("text", "why"))
        if not len(texts) == len(reasons) == len(question.choices) >= FEWEST_CHOICES:
            yield say(f"{question.text!r}: {FEWEST_CHOICES} choices or more, each with a reason of its own")
    places = {[each.right for each in question.choices].index(True) for question in quiz.questions}
    if len(places) == 1:
        yield say("the right choice is always in the same place")


def tried_findings(exercises: Sequence[Exercise], answers: Sequence[Any] | None) -> Iterator[Finding]:
    """Which exercises are tried with too few answers.

    Args:
        exercises: Of a lesson.
        answers: The list `ANSWERS` of its file of answers; None if there is no such file.
    """
    if answers is None:
        yield Finding(0, "answers", "there is no file of answers that the exercises are tried with")
        return
    counts = Counter((each.exercise, each.outcome) for each in answers)
    for exercise in exercises:
        wrong, right = (counts[exercise.name, outcome] for outcome in ("not yet", "correct"))
        if wrong < FEWEST_WRONG:
            yield Finding(
                0,
                "answers",
                f"{exercise.name}: {wrong} wrong answers; {FEWEST_WRONG} plausible ones at least",
            )
        if right < 1:
            yield Finding(
                0, "answers", f"{exercise.name}: no right answer written otherwise than the solution"
            )
    names = {each.name for each in exercises}
    for unknown in {each.exercise for each in answers} - names:
        yield Finding(0, "answers", f"answers for {unknown!r}, which is no exercise of this lesson")
