"""The quiz of lesson 06."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A workflow has the list `self.done`. Where is the list while no worker runs?",
        [
            Choice(
                "On the server, saved at each `await`",
                "The server has never seen it: no event holds a variable of your code.",
            ),
            Choice(
                "Nowhere: it is computed again when somebody needs it",
                "The same code meets the same answers in the same order, and comes to the same list.",
                right=True,
            ),
            Choice(
                "In the sticky queue of the worker that had it",
                "That is a queue for tasks. The list was in the worker's cache, and went with the worker.",
            ),
        ],
    ),
    Question(
        "An activity fails four times and works the fifth time. What does the finished history have of it?",
        [
            Choice(
                "Scheduled, started, completed: three events, and the started one says attempt 5",
                "Attempts are counted beside the history. The last one is written down when it has ended.",
                right=True,
            ),
            Choice(
                "Five started events, four of them followed by a failed one",
                (
                    "A failed attempt that is tried again leaves no event; "
                    "else a retry would make every replay longer."
                ),
            ),
            Choice(
                "Only what succeeded: nothing tells that it ever failed",
                "The started event has the number of the attempt, and the failure of the one before.",
            ),
        ],
    ),
    Question(
        "A workflow sends a mail in its own code, between two activities. What is wrong with that?",
        [
            Choice(
                "Nothing: a workflow runs each of its lines once",
                "You have seen a `print` run three times. Every replay runs the line again.",
            ),
            Choice(
                "It makes the history too long",
                "It makes no event at all: that is just what is wrong.",
            ),
            Choice(
                "Each replay sends it again, for the history has no answer for it",
                "Only what goes through an activity has a result in the history. Effects belong there.",
                right=True,
            ),
        ],
    ),
)
