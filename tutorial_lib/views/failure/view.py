"""Why an execution failed, as the chain of exceptions that its caller gets."""

from __future__ import annotations

from typing import Any, Self

import traitlets

from tutorial_lib.history.events import History
from tutorial_lib.views.failure.layout import failure_layout
from tutorial_lib.views.failure.picture import failure_picture
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View


class FailureChain(View):
    """The chain of a failure. Made by `lab.failure(handle)`.

    Attributes:
        chain: What it shows, as `failure_layout` makes it.
    """

    script = "failure"
    chain: Any = traitlets.Dict().tag(sync=True)

    @classmethod
    def of(cls, history: History) -> Self:
        """The chain of a run.

        Args:
            history: The run's; of continued or retried runs the last one.
        """
        return cls(chain=failure_layout(history))

    def picture(self) -> Picture:
        """The chain; what it shows never changes."""
        return failure_picture(self.chain)
