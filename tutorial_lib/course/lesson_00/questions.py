"""The quiz of lesson 00."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A worker is killed while an order waits for the warehouse. Where is the order now?",
        [
            Choice(
                "In the memory of the worker: it is lost",
                "The worker's memory is gone, and `worker-2` finished the order all the same.",
            ),
            Choice(
                "In a file that the worker keeps",
                "A worker writes no file about its orders. A new one, also on another machine, needs none.",
            ),
            Choice(
                "On the server, as an event history",
                "The history says which steps are done. Any worker with the code can go on from there.",
                right=True,
            ),
        ],
    ),
    Question(
        "You signal an order that has no worker. What becomes of the message?",
        [
            Choice(
                "The server keeps it until a worker can deal with it",
                "It is an event in the history at once; the next worker finds it there.",
                right=True,
            ),
            Choice(
                "`signal` raises an error",
                "It does so when no such order runs. It does not ask whether anybody works.",
            ),
            Choice(
                "`signal` waits until a worker is there",
                "It returns as soon as the server has written the message down.",
            ),
        ],
    ),
    Question(
        "A worker dies in the middle of `ship_parcel`, the last of three steps. What does the server do?",
        [
            Choice(
                "It starts the order again, from the first step",
                "The first two steps are in the history as done. Nobody runs them again.",
            ),
            Choice(
                "It waits for the step's timeout, then has this step run again",
                "At least once: so it may happen that two parcels are sent.",
                right=True,
            ),
            Choice(
                "It marks the order as failed",
                "A worker's death fails no order. The step has a timeout, and after it another attempt.",
            ),
        ],
    ),
)
