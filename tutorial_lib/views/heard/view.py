"""Who hears of it, and when, if somebody cancels, terminates or resets an execution."""

from __future__ import annotations

from typing import Any, Self

import traitlets

from tutorial_lib.history.events import History
from tutorial_lib.views.heard.layout import heard_layout
from tutorial_lib.views.heard.picture import heard_picture
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View


class WhoHeard(View):
    """Who heard that an execution was to stop. Made by `await lab.who_heard(handle)`.

    Attributes:
        stories: What it shows, for each execution as `heard_layout` makes it.
    """

    script = "heard"
    stories: Any = traitlets.List().tag(sync=True)

    @classmethod
    def of(cls, *histories: History) -> Self:
        """Who heard, of one run or of several below each other.

        Args:
            histories: The runs'.
        """
        return cls(stories=[heard_layout(history) for history in histories])

    def picture(self) -> Picture:
        """The table; what it shows never changes."""
        return heard_picture(self.stories)
