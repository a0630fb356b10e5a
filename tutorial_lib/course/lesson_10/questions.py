"""The quiz of lesson 10."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "All workers are stopped on Friday. A workflow's sleep ends on Saturday. What is on Monday, when the "
        "workers are back?",
        [
            Choice(
                "It sleeps for the rest of its time, from Monday on",
                "The server waited, not the workers: the time is over.",
            ),
            Choice(
                "It goes on: its timer fired on Saturday",
                "`TimerFired` is dated Saturday, and its workflow task has waited in the task queue since.",
                right=True,
            ),
            Choice(
                "It has failed: nobody was there to wake it",
                "A task that nobody takes waits, as at any other step.",
            ),
        ],
    ),
    Question(
        "`await workflow.wait_condition(lambda: self.paid, timeout=timedelta(days=30))`, and nobody pays. "
        "What happens on day 30?",
        [
            Choice(
                "It raises `TimeoutError`",
                "Caught, it is the other road; not caught, it fails the workflow.",
                right=True,
            ),
            Choice("It returns `False`", "It returns nothing, ever: an `if` in front of it is never taken."),
            Choice(
                "The workflow times out",
                "That is another limit, which is given at its start. Here only the wait ends.",
            ),
        ],
    ),
    Question(
        "`while not self.paid: await asyncio.sleep(60)` for 30 days. What is wrong with it?",
        [
            Choice(
                "Nothing: a sleep costs nothing",
                "Sleeping does not; waking up does: five events a minute, 216,000 in 30 days. The server "
                "ends an execution long before that.",
            ),
            Choice(
                "It fills the history",
                "A timer and a workflow task each minute. One `wait_condition` with a timeout is one timer.",
                right=True,
            ),
            Choice(
                "It holds a thread of the worker all the time",
                "Between two looks no worker has anything to do with it.",
            ),
        ],
    ),
)
