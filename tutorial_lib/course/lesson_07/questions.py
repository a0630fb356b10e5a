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
        "A bad version is deployed, and a thousand orders stop with TMPRL1100. What now?",
        [
            Choice(
                "Roll back: the orders go on by themselves",
                "Only their workflow task failed. The server offers it again, until somebody can answer it.",
                right=True,
            ),
            Choice(
                "Start the thousand orders again: they have failed",
                "They are RUNNING, with their histories complete. Started again, they would charge again.",
            ),
            Choice(
                "Correct their histories on the server",
                "Nobody can change a history, and there is nothing wrong with it: it says what happened.",
            ),
        ],
    ),
    Question(
        (
            "You change an activity's timeout and its input in the code of "
            "a running workflow. What does a replay say?"
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
