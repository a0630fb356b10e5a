"""The quiz of lesson 03."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A workflow has been `RUNNING` for an hour; its history has two events. What do you look at first?",
        [
            Choice(
                "The worker's log",
                "If no worker polls the queue, there is no worker whose log could tell. First ask who polls.",
            ),
            Choice(
                "Who polls its task queue",
                "Two events end with a scheduled task that nobody took. `temporal task-queue describe` and "
                "the Web UI say who polls.",
                right=True,
            ),
            Choice(
                "The workflow's code",
                "Not a line of it has run: WorkflowTaskStarted, in event 3, would say that a worker took the "
                "task.",
            ),
        ],
    ),
    Question(
        "Three workers poll `reporting-tq`. A task for one page is put on it. Who renders the page?",
        [
            Choice(
                "All three, each gets the task",
                "That would be a topic with subscribers. Twelve pages were rendered twelve times.",
            ),
            Choice(
                "One of them, whichever asks next and has a free slot",
                "A task goes to one poller: this is how a queue spreads load.",
                right=True,
            ),
            Choice(
                "The one that the workflow was assigned to",
                "Nobody is assigned. A workflow names a queue, and knows no workers.",
            ),
        ],
    ),
    Question(
        "Which of these may one execution of a workflow use several of?",
        [
            Choice(
                "Task queues for its activities",
                "Each activity may name its own: where the credentials are, or the graphics card.",
                right=True,
            ),
            Choice(
                "Namespaces for its activities",
                "`execute_activity` has no such argument. An execution lives in one namespace from start to "
                "end.",
            ),
            Choice(
                "Task queues for its workflow tasks, at the same time",
                "Those stay on one queue for the whole run. Only a new run, by continue-as-new, may be on "
                "another.",
            ),
        ],
    ),
)
