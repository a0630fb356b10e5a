"""The quiz of lesson 08."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "An activity fails again and again. Where do you see its attempts while it is pending?",
        [
            Choice(
                "In the event history: an event for each",
                "A failed attempt that is followed by another leaves none.",
            ),
            Choice(
                "Among the pending activities: a number and the last failure",
                "`describe()`, the CLI and the Web UI show both, as long as it is pending.",
                right=True,
            ),
            Choice(
                "Nowhere: only the worker's log has them",
                "The server counts them and keeps the last failure: it is the server that has them made.",
            ),
        ],
    ),
    Question(
        "A new version of a workflow divides by zero, in a thousand executions. What is to be done?",
        [
            Choice(
                "Deploy better code: they go on by themselves",
                "It failed their workflow tasks, and these are offered again until one succeeds.",
                right=True,
            ),
            Choice(
                "Start them again: they have failed",
                "They are RUNNING. Only what Temporal takes for a decision fails a workflow.",
            ),
            Choice(
                "Give them a retry policy, so that they are tried again",
                "They are already. A workflow's own policy starts a *failed* one anew, from the top.",
            ),
        ],
    ),
    Question(
        (
            "An activity raises `class OutOfStock(Exception)`, and its policy has `maximum_attempts=1`. "
            "How does the workflow tell it from others?"
        ),
        [
            Choice(
                "`except OutOfStock:`",
                "It never matches: the class stays on the activity's side, its name comes over.",
            ),
            Choice(
                '`except ApplicationError as error:` and `error.type == "OutOfStock"`',
                "Nearly: that one is behind an `ActivityError`, which is what `execute_activity` raises.",
            ),
            Choice(
                '`except ActivityError as error:` and `error.cause.type == "OutOfStock"`',
                "First the envelope, then what is in it. (A timeout is another cause, without that `type`.)",
                right=True,
            ),
        ],
    ),
)
