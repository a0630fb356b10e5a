"""What views have in common that follow the server until they are stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import traitlets

from tutorial_lib.stage.clock import ServerClock
from tutorial_lib.views.kit.view import View
from tutorial_lib.views.kit.watch import Watch

BEAT: Final = "beat"  # tells the page that the kernel is still there: see static/following.js


class LiveView(View):
    """A view with a watch of its own.

    Attributes:
        note: What happened last, or what is wrong with the view itself, in a sentence.
        live: Whether it follows the server.
        now: What time it is on the server, in seconds since the epoch, when the browser gets to know: its own
            clock may be another, and so may the kernel's.
    """

    note = traitlets.Unicode().tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    now = traitlets.Float(0.0).tag(sync=True)

    _watch: Watch | None = None
    _clock = ServerClock()
    _lost = False
    _lost_note = "The server does not answer: this is what it said last."

    def page_state(self) -> dict[str, Any]:
        """What a page without a kernel shows: nothing there is live."""
        return super().page_state() | {"live": False, "now": 0.0}

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The traits as the browser gets them, with the time of now."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return state | {"now": self._clock.now()} if "now" in state else state

    def before_display(self) -> None:
        """Send the time to a page that has the view already."""
        self.send_state("now")

    def stop(self) -> None:
        """Follow no more. What was seen last stays."""
        if self.live:
            self.live = False
        if self._watch is not None:
            self._watch.stop()

    def close(self) -> None:
        """Follow no more, and close the widget."""
        self.stop()
        super().close()

    def _follow(self, look: Callable[[], Awaitable[bool | None]], *, fast: float, slow: float) -> None:
        """Begin to look; see `Watch`."""

        async def looked() -> bool | None:
            news = await look()
            if self._lost:
                self._lost, self.note = False, ""
            if news is None:
                self.live = False
            return news

        self.live = True
        self._watch = Watch(looked, fast=fast, slow=slow, lost=self._on_lost, beat=self._beat)
        self._watch.start()

    def _beat(self) -> None:
        self.send({"type": BEAT, "now": self._clock.now()})

    def _on_lost(self, _: str) -> None:
        if not self._lost:
            self._lost, self.note = True, self._lost_note
