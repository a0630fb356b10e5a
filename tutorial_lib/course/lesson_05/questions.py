"""The quiz of lesson 05."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "An order was started with the task queue `payment-tq`; the workers poll `payments-tq`. What "
        "happens?",
        [
            Choice(
                "The start raises an error",
                "The server does not know which queues will ever be polled: it writes the start down and "
                "says yes.",
            ),
            Choice(
                "The order fails after a while",
                "Nothing fails, so nothing ends: without a timeout of your own it waits for as long as you "
                "let it.",
            ),
            Choice(
                "It waits, and nothing says so",
                "Its history stops at the scheduled workflow task. The queue's pollers show it: there are "
                "none.",
                right=True,
            ),
        ],
    ),
    Question(
        "Yesterday's run of `report-7` has completed. Today somebody starts `report-7` again, with no "
        "policies. And?",
        [
            Choice(
                "A new run begins",
                "An id is unique among open executions, and none is open. For a report, just right.",
                right=True,
            ),
            Choice(
                "It is refused: the id is taken",
                "A closed run keeps its id from nobody, unless the start's reuse policy says so.",
            ),
            Choice(
                "It finds yesterday's run and returns its result",
                "`USE_EXISTING` finds open runs only. A closed one is read through a handle, without a "
                "start.",
            ),
        ],
    ),
    Question(
        "A run with a misspelt workflow type is RUNNING, and its workflow task fails again and again. What "
        "heals *this* run?",
        [
            Choice(
                "Nothing: it has to be terminated",
                "The run is fine, only nobody knows its type. It heals when somebody does.",
            ),
            Choice(
                "A worker that knows a workflow of that name",
                "The server keeps offering the task; the first worker that has the type goes on with it.",
                right=True,
            ),
            Choice(
                "A second start with the right type and `USE_EXISTING`",
                "That finds the run as it is, misspelt. The type stands in its first event and does not "
                "change.",
            ),
        ],
    ),
)
