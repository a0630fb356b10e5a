"""What to do about each finding: a line for every rule there is."""

from __future__ import annotations

from tutorial_lib.authoring.lesson_files import LessonFiles
from tutorial_lib.authoring.style.finding import Finding

__all__ = ["CURES", "EDIT", "cure_of", "make_cure"]

EDIT = "`tutorial author text {number} > {number}.py`, edit, `tutorial author build {number}.py {number}`"
_RUN = "`tutorial author refresh {number} --accept`"
_EDIT_AND_RUN = f"{EDIT}, {_RUN}"
_NORMALISE = "`tutorial author normalise {number}` writes it in its committed form"
_WORDS = (
    *("one-h1", "levels", "emoji", "opening", "unfinished", "links", "alt", "recap", "ending"),
    *("slides", "notes", "hidden", "minutes"),
)
_CODE = (
    *("setup", "length", "width", "semicolon", "sandbox", "rooms", "python", "sleep", "unseen", "paths"),
    "predict",
    *("ignored", "skipped", "errors", "svg", "volatile"),
)

# By the rule's name; a finding may have a cure of its own, which is more exact.
CURES = {
    **dict.fromkeys(_WORDS, EDIT),
    **dict.fromkeys(_CODE, _EDIT_AND_RUN),
    **dict.fromkeys(("normal", "kernelspec", "widgets"), _NORMALISE),
    "time": "`tutorial author minutes {number} --write` writes it, into the README's row too",
    "scenes": "`tutorial author minutes {number} --write` writes them",
    "long": "`tutorial author minutes {number}` shows each scene; cut, fold an extra, or split it",
    "try-it": f"{EDIT}; tutorial_lib/authoring/try_its/invitation.py has the form",
    "term": "explain it there, in a sentence that has it in bold",
    "glossary": "`tutorial author glossary` writes them anew",
    "task": "move it into the Markdown cell above; edit tutorial_lib/course/lesson_{number}/exercises/",
    "executed": f"{_RUN} runs the lesson and writes its outputs; read them in `git diff`",
    "progress": "`tutorial author refresh 00 --accept`",
    "drift": "`tutorial author text {number} | tutorial author build - {number}` makes them anew",
    "answers": "write them in tests/exercises/answers/lesson_{number}.py",
    "quiz": "edit tutorial_lib/course/lesson_{number}/questions.py",
    "exercise": "edit it in tutorial_lib/course/lesson_{number}/exercises/",
    "package": '`tutorial author new {number} "Title"` makes one in a lesson that is not there yet',
    "claims": '`make claims` lists the statements; a cell that shows one is tagged: `# %% tags=["claim:ID"]`',
    "row": "mend the row of lesson {number} in README.md",
    "list": "edit tutorial_lib/course/notebooks.txt",
}


def make_cure(name: str, number: str) -> str:
    """How a lesson comes to have an exercise whose module is written.

    Args:
        name: The exercise's, which is that of its module: "late_fee".
        number: The lesson's: "07".
    """
    made = f"`{name} = {name.title().replace('_', '')}()`"
    package = f"tutorial_lib/course/lesson_{number}/__init__.py"
    return f"import it from its module, make it ({made}) and name it in `__all__`: {package}"


def cure_of(finding: Finding, lesson: LessonFiles) -> str:
    """What to do about a finding, in one line.

    Args:
        finding: Of that lesson.
        lesson: Its files.
    """
    return finding.cure or CURES[finding.rule].format(number=lesson.number)
