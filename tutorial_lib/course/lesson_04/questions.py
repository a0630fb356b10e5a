"""The quiz of lesson 04."""

from __future__ import annotations

from tutorial_lib.exercises.quiz import Choice, Question, Quiz

quiz = Quiz(
    __name__,
    Question(
        "`temporal server start-dev --port 7300` runs. Where is its Web UI?",
        [
            Choice("on 8233, as always", "8233 is 7233 + 1000. Move the port and the Web UI moves along."),
            Choice(
                "on 8300",
                "The Web UI is 1000 above the gRPC port, unless `--ui-port` says otherwise.",
                right=True,
            ),
            Choice(
                "on 7300, too",
                "7300 speaks gRPC, with clients and workers. A browser needs the Web UI's own port.",
            ),
        ],
    ),
    Question(
        "The server was started with `--db-filename shop.db`. It is killed with SIGKILL while `order-43` "
        "waits for its worker, and started again in the same way. What about `order-43`?",
        [
            Choice(
                "It is gone: SIGKILL leaves no time to save",
                "Nothing has to be saved at the end: each event was in the file before the server answered.",
            ),
            Choice(
                "It is closed, as failed",
                "A dead server writes no event, so none says that the order failed.",
            ),
            Choice(
                "It waits for its worker, as before",
                "Its history is in the file, event by event; a server that reads it goes on where the "
                "other stopped.",
                right=True,
            ),
        ],
    ),
    Question(
        "Retention is `1h`. Which execution may the server forget two hours after it was started?",
        [
            Choice(
                "one that still waits for a signal",
                "It is open, and retention is about closed executions: it is kept for as long as it takes.",
            ),
            Choice(
                "one that completed within a minute",
                "Closed for almost two hours, kept for one: its history may go, and its id with it.",
                right=True,
            ),
            Choice(
                "either, unless archival is on",
                "Archival would keep a copy of closed histories elsewhere. It does not change what "
                "retention is about.",
            ),
        ],
    ),
)
