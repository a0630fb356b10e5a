"""The quiz of lesson 07."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "Which of these lines does the sandbox let pass, though a replay can come out differently?",
        [
            Choice(
                "`discount = random.randint(5, 20)`",
                "The sandbox refuses it, with the line of your cell. `workflow.random()` is what you want.",
            ),
            Choice(
                "`for city in set(cities):`",
                "Another process walks the set in another order, and gets Berlin's answer for Rome. Sort it.",
                right=True,
            ),
            Choice(
                "`terms = open('terms.txt').read()`",
                (
                    "Refused as well. What is outside is read by an "
                    "activity, and its result stays in the history."
                ),
            ),
        ],
    ),
    Question(
        (
            "A bad version was deployed: a thousand orders stopped with TMPRL1100, "
            "and it began ten new ones. You roll back. What now?"
        ),
        [
            Choice(
                "All go on by themselves: the bad version is gone",
                "The ten have a history that the old code cannot repeat: it is their turn to stop.",
            ),
            Choice(
                "The thousand go on by themselves, the ten stop when there is news for them",
                "Each execution needs a version that asks for what stands in its own history.",
                right=True,
            ),
            Choice(
                "The thousand have to be started again: they have failed",
                "Only their workflow task failed; they are RUNNING. Started again, they would charge again.",
            ),
        ],
    ),
    Question(
        (
            "You change an activity's timeout and its input in the code of "
            "a running workflow, which has run it already. What does a replay say?"
        ),
        [
            Choice(
                "It stops at the timeout: that is part of the command",
                "Kind, name and order of the commands are compared. Timeouts are not.",
            ),
            Choice(
                "It stops at the input: the history has the old one",
                "It has, and keeps it. But nobody compares the two.",
            ),
            Choice(
                "Nothing: it notices neither",
                (
                    "For the timeout that is handy. For the input it means: "
                    "the code may now believe what never was."
                ),
                right=True,
            ),
        ],
    ),
)
