"""The quiz of lesson 12."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A workflow loops for ever and is never to run again; its worker is gone for good. How to end it?",
        [
            Choice("Terminate it", "The server ends it at once, and asks no worker.", right=True),
            Choice("Cancel it", "It stays RUNNING: no worker is there to bring the request to its code."),
            Choice("Reset it", "That begins a new run, which waits for a worker as well."),
        ],
    ),
    Question(
        "A cancelled workflow has caught the exception, tidied up and returned. Which status?",
        [
            Choice(
                "CANCELED: it was asked to stop",
                "That it was asked stands in the history, and is not how it ended.",
            ),
            Choice(
                "COMPLETED", "It returned. What is to be CANCELED lets the exception through.", right=True
            ),
            Choice("TERMINATED", "Nobody ended it by force: its own code came to an end."),
        ],
    ),
    Question(
        "It waits for an activity and is cancelled. What does the `await` raise, if nothing was shielded?",
        [
            Choice("Nothing: it waits on", "By default it does not even wait until the activity has heard."),
            Choice(
                "`asyncio.CancelledError`",
                "A timer or a condition raises that. An activity's end comes with more: which one, and why.",
            ),
            Choice(
                "`ActivityError`",
                "From Temporal's own `CancelledError`: an `except Exception` for failures catches it, too.",
                right=True,
            ),
        ],
    ),
)
