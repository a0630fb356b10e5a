"""The quiz of lesson 01."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "Which program runs the code of `MoneyTransfer.run`?",
        [
            Choice(
                "The server, after the client has sent it there",
                "The server is sent a name and an input. It has never seen your code.",
            ),
            Choice(
                "A worker that polls the task queue",
                "It takes a workflow task, runs `run` as far as it gets, and answers with commands.",
                right=True,
            ),
            Choice(
                "The client that called `start_workflow`",
                "The client asked for it, event 1, and that was all. It may end at once.",
            ),
        ],
    ),
    Question(
        "`deposit` raises `ConnectionError` for an hour. No retry policy is set. What do you find after "
        "that hour?",
        [
            Choice(
                "The transfer is FAILED: after three attempts it gave up",
                "No limit is set, so there is none. The server would go on for weeks.",
            ),
            Choice(
                "The transfer is FAILED, and alice has her money back",
                "Nothing is undone by itself. Code that gives money back is yours to write; lesson 16 does.",
            ),
            Choice(
                "The transfer is RUNNING, and goes on when the bank opens",
                "The server has `deposit` tried again, at most 100 seconds apart, until it works.",
                right=True,
            ),
        ],
    ),
    Question(
        "All workers are stopped. A program asks for the result of a transfer that completed yesterday.",
        [
            Choice(
                "The server gives it",
                "The result is in the last event of its history, and the history is the server's.",
                right=True,
            ),
            Choice(
                "It waits until a worker runs",
                "A worker is needed to go on with an execution. This one is complete.",
            ),
            Choice(
                "It is lost, as a worker computed it",
                "The worker reported it, and the server wrote it down: `Who keeps the state` did just this.",
            ),
        ],
    ),
)
