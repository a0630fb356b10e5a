"""The quiz of lesson 02."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "How does the server notice that a worker has died?",
        [
            Choice(
                "The connection breaks, and it takes the worker off its list",
                "order-41 waited for its timeout, 2 seconds; a broken connection would have been noticed at "
                "once. The list of who polls keeps the killed for about five minutes.",
            ),
            Choice(
                "It does not: an answer is late, and it offers the task again",
                "The start-to-close timeout was over; that was the only reason it gave for the second "
                "attempt.",
                right=True,
            ),
            Choice(
                "The worker's last heartbeat says so",
                "A heartbeat says that work is in hand, and the dead say nothing. Where heartbeats are "
                "expected, their absence is one more late answer.",
            ),
        ],
    ),
    Question(
        "`order-43` was paid while no worker ran, and then finished by a new process. What did that need?",
        [
            Choice(
                "The files of the worker before it",
                "There are none. A worker keeps nothing on its disk: what must last, the server has.",
            ),
            Choice(
                "The code, and where to ask: server, namespace, task queue",
                "With these any process can go on: all else is in the order's history.",
                right=True,
            ),
            Choice(
                "To be told by the server that an order waits",
                "The server calls nobody. The worker asked, and got a task.",
            ),
        ],
    ),
    Question(
        "The server is killed and started again with its database file. What about the running orders?",
        [
            Choice(
                "They go on; workers and clients call again until it answers",
                "order-50 did, with the same worker and the same client. The database is what must not be "
                "lost.",
                right=True,
            ),
            Choice(
                "They go on, once every worker has been restarted",
                "The worker was still there, asking. It got its answer as soon as there was one.",
            ),
            Choice(
                "They are lost: their state was in the server's memory",
                "order-50 went on. Only a server without a file keeps all in memory (order-51 in the Extra).",
            ),
        ],
    ),
)
