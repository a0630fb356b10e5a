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
        "Which of these lines may stand in the `run` of a workflow?",
        [
            Choice(
                "`now = workflow.now()`",
                "It is the time of the workflow task, out of the history: the same for each worker.",
                right=True,
            ),
            Choice(
                "`now = datetime.now()`",
                "The clock says something else the second time. The sandbox refuses it.",
            ),
            Choice(
                "`rate = urlopen(RATES).read()`",
                "The network may say something else the second time. That is work for an activity.",
            ),
            Choice(
                "`lucky = random.random() < 0.5`",
                "Dice fall otherwise the second time. `workflow.random()` gives numbers that repeat.",
            ),
        ],
    ),
)
