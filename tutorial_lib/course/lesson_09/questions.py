"""The quiz of lesson 09."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A report takes up to an hour to compute, and workers die now and then. Which options?",
        [
            Choice(
                "start-to-close 5 minutes, and retries",
                "Each attempt ends after 5 minutes, and the next one begins anew: the report is never done.",
            ),
            Choice(
                "start-to-close 2 hours alone",
                "It works. But a worker that dies in the first minute is noticed two hours later.",
            ),
            Choice(
                "start-to-close 2 hours, heartbeat 30 seconds, and heartbeats in the activity",
                "The long limit leaves a good attempt its time, the short one notices silence.",
                right=True,
            ),
        ],
    ),
    Question(
        "No worker polls the activity's task queue; start-to-close is 10 seconds, and nothing else is set. "
        "What happens?",
        [
            Choice(
                "start-to-close fires after 10 seconds",
                "It begins when a worker takes the task. Nobody has.",
            ),
            Choice(
                "It waits, without a limit",
                "Neither schedule-to-start nor schedule-to-close is set, and no attempt has begun.",
                right=True,
            ),
            Choice(
                "schedule-to-start fires",
                "It is not set, and has no default of its own.",
            ),
        ],
    ),
    Question(
        "An activity sends each row's number as details of a heartbeat; its worker is killed. What does the "
        "next attempt know?",
        [
            Choice(
                "The last row that was done, always",
                "The SDK throttles heartbeats: the latest may not have left the worker.",
            ),
            Choice(
                "The details of the last heartbeat that reached the server",
                "It may be some rows earlier than the kill. Those rows are done again.",
                right=True,
            ),
            Choice(
                "Nothing: it begins anew",
                "It has details, in `activity.info().heartbeat_details`. Your code decides whether it "
                "looks at them.",
            ),
        ],
    ),
)
