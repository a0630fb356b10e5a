"""Every setting of the course: its environment variables, and where its files are.

Standard library only: the server's keeper, which is up in 30 ms, and JupyterLab's configuration read it.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
"""The folder that holds the package: the checkout, or a folder of installed packages."""

UI_PATH = "/temporal-ui"
"""Where the Web UI is served, below JupyterLab's base URL."""


@dataclass(frozen=True)
class Variable:
    """An environment variable that the course reads.

    Attributes:
        name: As it is set.
        meaning: What it decides, in a few words.
        default: What holds when it is not set, in words.
        internal: Whether the course sets it itself, for programs that it starts.
    """

    name: str
    meaning: str
    default: str
    internal: bool = False

    def get(self) -> str | None:
        """Its value; None if it is not set, or empty."""
        return os.environ.get(self.name) or None

    def seconds(self) -> float:
        """Its value, or its default, as a number of seconds.

        Raises:
            ValueError: It is set to something else; the message says what it is.
        """
        text = self.get() or self.default
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 <= seconds < math.inf:
            raise ValueError(f"{self} is {text!r}, which is no number of seconds")
        return seconds

    def __str__(self) -> str:
        return self.name


STATE_DIR = Variable(
    "TUTORIAL_STATE_DIR",
    "folder of the course's own files: server, progress, logs",
    "`.tutorial` in the checkout, else a private folder of yours",
)
LEARNER = Variable("TUTORIAL_LEARNER", "whose progress is kept; `-` keeps none", "your login name")
PATIENCE = Variable("TUTORIAL_PATIENCE", "seconds that a cell waits for what you do elsewhere", "600")
DEBUG = Variable("TUTORIAL_DEBUG", "any value: the course's commands show tracebacks", "words only")
NO_BROWSER = Variable(
    "TUTORIAL_NO_BROWSER", "any value: `make test` leaves the browser tests out", "they run"
)
PICTURES = Variable(
    "TUTORIAL_PICTURES", "folder that browser tests write their screenshots to", "none is kept"
)
OWN_ADDRESS = Variable(
    "TUTORIAL_ADDRESS",
    "set by the course: the address that it put into TEMPORAL_ADDRESS itself",
    "not set",
    internal=True,
)
UI_BASE = Variable(
    "TUTORIAL_UI_BASE",
    "set by `tutorial lab`: the Web UI's path in this JupyterLab",
    "not set",
    internal=True,
)
UI_PORT = Variable(
    "TUTORIAL_UI_PORT", "set by `tutorial lab`: the port of the server's Web UI", "8233", internal=True
)

VARIABLES = (STATE_DIR, LEARNER, PATIENCE, DEBUG, NO_BROWSER, PICTURES, OWN_ADDRESS, UI_BASE, UI_PORT)
"""All of them, in the order in which a reader wants to know."""
