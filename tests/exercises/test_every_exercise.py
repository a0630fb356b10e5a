"""Every exercise of the course, as learners meet it: its starter, its solution, right answers and wrong ones.

One kernel a lesson; a cell for each thing a learner would run. See answering.py for how answers are written.
"""

from __future__ import annotations

import importlib
import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.answering import CORRECT, NOT_ATTEMPTED, NOT_YET, Answer
from tests.support.exercise_report import PROPERTY
from tests.support.kernels import Kernel, kernel
from tutorial_lib.authoring.style.exercises import FEWEST_WRONG, exercise_findings, quiz_findings
from tutorial_lib.course.overview import exercises_of, lessons, quiz_of
from tutorial_lib.disk.state import state_folder
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.outcome import Status
from tutorial_lib.exercises.progress import NOBODY

pytestmark = pytest.mark.timeout(240)


def names_of(lesson: str) -> list[str]:
    """Names of a lesson's exercises. A module that cannot be imported is its own tests' failure alone."""
    try:
        return [each.name for each in exercises_of(lesson)]
    except Exception:  # noqa: BLE001 - whatever it is, `exercise_of` raises it again
        return ["cannot be imported"]


NEVER_ASKED = r"exception was never retrieved\s+future: (.*)"
SDKS_OWN = "_WorkflowInstanceImpl"  # a handler's `BaseException`

EXERCISES = [(lesson, name) for lesson in lessons() for name in names_of(lesson)]
IDS = ["/".join(each) for each in EXERCISES]
SYMBOLS = {each.words: f"{each.symbol} {each.words}: " for each in Status}

OPEN = """
%load_ext tutorial_lib
from tutorial_lib import open_lab
from tutorial_lib.exercises import ____
from tutorial_lib.course import {module} as ex
lab = await open_lab("{lesson}")
"""
# What the opening cell defined is kept; the rest goes, as after a restart.
FORGET = """
for _name in [n for n in globals() if n not in _kept and not n.startswith("_")]:
    del globals()[_name]
import json as _json, time as _time
"""
TELL = r"""
_began = _time.monotonic()
_outcome = {call}
_took = _time.monotonic() - _began
print("\nTOLD", _json.dumps([_outcome.status.words, repr(_outcome), _outcome._repr_html_(), _took]))
"""


@dataclass(frozen=True)
class Told:
    """What a check said.

    Attributes:
        words: One of three outcomes.
        text: As a cell shows it in plain text.
        html: As a cell shows it.
        seconds: How long it took.
    """

    words: str
    text: str
    html: str
    seconds: float


class Lesson:
    """A kernel in which a lesson's opening cell has run."""

    def __init__(self, lesson: str, running: Kernel) -> None:
        self.name = lesson
        self.kernel = running
        self.good(OPEN.format(lesson=lesson, module=lesson.replace("-", "_")))
        self.good("_kept = set(globals())")
        # What is there now stays: no collection after an answer has to look through it again.
        self.good("import gc\ngc.collect()\ngc.freeze()")

    def good(self, source: str) -> str:
        """A cell that must not raise. Returns what it printed."""
        ran = self.kernel.run(source)
        assert ran.error is None, f"{ran.error}\n{source}"
        return ran.text

    def told(self, exercise: Exercise, answer: Answer) -> Told:
        """What a learner is told who runs the starter, then the answer, then the check."""
        self.good(FORGET)
        self.good(exercise.starter)
        if answer.source:
            self.good(answer.source)
        names = ", ".join(each.name for each in exercise.takes)
        call = answer.call or f"await ex.{exercise.name}.check({names})"
        printed = self.good(TELL.format(call=call))
        # asyncio tells of an error that nobody asked for when its task is collected: in some later cell.
        unseen = printed + self.good("import gc\ngc.collect()")
        ours = [line for line in re.findall(NEVER_ASKED, unseen) if SDKS_OWN not in line]
        assert not ours, f"{unseen}\n{answer.source}"
        # Python warns of a coroutine that was never awaited, whenever it finds one.
        [line] = [line for line in printed.splitlines() if line.startswith("TOLD ")]
        return Told(*json.loads(line.removeprefix("TOLD ")))


@pytest.fixture(scope="module")
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lesson]:
    """The lesson of the parameter, in a kernel of its own as long as tests ask for it.

    With a temporary folder of its own, too: an answer that leaves a file there meets it in the next run
    otherwise, or another user's.
    """
    folder = state_folder()
    temporary = str(tmp_path_factory.mktemp("temporary"))
    with kernel(folder, Path.cwd(), TUTORIAL_LEARNER=NOBODY, TMPDIR=temporary) as running:
        yield Lesson(request.param, running)


def answers_of(lesson: str, name: str) -> list[Answer]:
    """The answers that are written for an exercise."""
    module = importlib.import_module(f"tests.exercises.answers.{lesson.replace('-', '_')}")
    return [each for each in module.ANSWERS if each.exercise == name]


def exercise_of(lesson: str, name: str) -> Exercise:
    return next(each for each in exercises_of(lesson) if each.name == name)


@pytest.mark.parametrize(("opened", "name"), EXERCISES, indirect=["opened"], ids=IDS)
def test_every_answer_is_told_what_it_should_be(opened: Lesson, name: str, record_property):
    exercise = exercise_of(opened.name, name)
    answers = [
        Answer(name, "", NOT_ATTEMPTED),
        Answer(name, exercise.solution_code, CORRECT),
        *answers_of(opened.name, name),
    ]
    began = time.monotonic()
    told = [opened.told(exercise, answer) for answer in answers]
    wrong = [(a, t) for a, t in zip(answers, told, strict=True) if a.outcome == NOT_YET]
    problems = list(itertools.chain.from_iterable(map(problems_of, answers, told)))
    messages = [t.text for _, t in wrong]
    several = {text for text in messages if messages.count(text) > 1}
    problems += [f"several wrong answers get this: {text}" for text in several]
    rights = sum(answer.outcome == CORRECT for answer in answers) - 1
    record_property(PROPERTY, (exercise.key, len(wrong), rights, time.monotonic() - began))
    for answer, each in zip(answers, told, strict=True):  # shown when it fails, or with -s
        print(f"--- {answer.outcome}, {each.seconds:.1f} s\n{each.text}")
    assert not problems, "\n\n".join(["", *problems])
    assert len(wrong) >= FEWEST_WRONG, f"{len(wrong)} wrong answers are tried, {FEWEST_WRONG} are wanted"
    assert rights >= 1, "no right answer is tried that is written otherwise than the solution"


def problems_of(answer: Answer, told: Told) -> list[str]:
    """What is wrong with what an answer was told."""
    found = []
    if told.words != answer.outcome:
        found.append(f"wanted {answer.outcome!r}, was told {told.text!r}")
    if answer.says not in told.text:
        found.append(f"{answer.says!r} is not in {told.text!r}")
    if not told.text.startswith(SYMBOLS[told.words]):
        found.append(f"no symbol and words: {told.text!r}")
    if "Traceback" in told.text or "tutorial_lib" in told.text:
        found.append(f"it speaks of our code: {told.text!r}")
    if "never awaited" in told.text:
        called = [name.rpartition(".")[2] for name in re.findall(r"`([\w.]+)\(\.\.\.\)`", told.text)]
        found += [f"{name} is none of theirs: {told.text!r}" for name in called if name not in answer.source]
    return [f"{each}\n{answer.source or '(the starter)'}" for each in found]


@pytest.mark.parametrize(("lesson", "name"), EXERCISES, ids=IDS)
def test_every_exercise_has_what_a_learner_needs(lesson: str, name: str):
    exercise = exercise_of(lesson, name)
    assert exercise.lesson == lesson
    module = importlib.import_module(f"tutorial_lib.course.{lesson.replace('-', '_')}")
    assert getattr(module, name) is exercise, "its name is the one by which learners call it"
    assert list(exercise_findings(exercise)) == []


@pytest.mark.parametrize("lesson", lessons())
def test_every_lesson_ends_with_a_quiz(lesson: str):
    quiz = quiz_of(lesson)
    assert quiz is not None
    assert quiz.lesson == lesson
    assert list(quiz_findings(quiz)) == []


def test_no_answer_is_for_an_exercise_that_is_not_there():
    for lesson in lessons():
        names = {each.name for each in exercises_of(lesson)}
        module = importlib.import_module(f"tests.exercises.answers.{lesson.replace('-', '_')}")
        assert {each.exercise for each in module.ANSWERS} <= names
