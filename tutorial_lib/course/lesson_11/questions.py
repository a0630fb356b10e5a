"""The quiz of lesson 11."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "A customer cancels an item and is to be told at once whether that still worked. Which message?",
        [
            Choice(
                "A signal, then a query",
                "Two calls: the query tells how it stands by then, not whether *your* message was in time.",
            ),
            Choice(
                "An update",
                "One message that changes the order, and its answer is what its handler returned or raised.",
                right=True,
            ),
            Choice(
                "A query that removes the item",
                "The history would not know: the next worker that replays it has the item still.",
            ),
        ],
    ),
    Question(
        "`await handle.signal(Order.pay, 30)` has come back. What do you know?",
        [
            Choice(
                "The server has written it down",
                "That, and no more: the workflow may have no such handler, or no worker for a week.",
                right=True,
            ),
            Choice("The handler has run", "No worker need be there for a signal to come back."),
            Choice("The workflow has such a handler", "The server has never seen the class."),
        ],
    ),
    Question(
        "An `async` handler looks at `self.stock`, awaits an activity, then sets `self.stock`. Two at once?",
        [
            Choice(
                "Nothing can happen: a workflow runs on one thread",
                "One at a time, yes; but at the `await` it is the other one's turn.",
            ),
            Choice(
                "The second one is refused until the first has ended",
                "Nobody refuses it: both are accepted, and both run.",
            ),
            Choice(
                "Both may have looked before either has set it",
                "A lock, held from the look to the change, lets one of them through at a time.",
                right=True,
            ),
        ],
    ),
)
