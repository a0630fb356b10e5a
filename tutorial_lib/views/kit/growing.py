"""A view of something that grows while one looks at it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import traitlets
from comm import DummyComm

from tutorial_lib.views.kit.view import View, as_json

_PIECE = 2000  # records that are written at once
SETTLING = 3.0  # seconds after a display in which the browser may not listen yet


class Growing(View):
    """A view of numbered records: each new one adds to the content, or replaces the one of the same number.

    The browser gets new records as small messages, and everything at once when a view is opened. Nobody hears
    a message that is sent before the browser listens. So the whole is sent again with what arrives in the
    moments after a display, whenever it has doubled, at the end, and when the browser reports that it missed
    something: each record a handful of times, however many there will be.

    A feed may call `grow` on a thread of its own, so that a view moves on while a cell blocks.

    Attributes:
        head: Facts about the whole, e.g. whether it still grows (`live`).
        content: The records, how many there have been (`n`), and the time on the clock of what is shown when
            they were sent (`now`).
    """

    head = traitlets.Dict().tag(sync=True)
    content = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._lock = threading.RLock()
        self._count = 0
        self._synced = 0
        self._shown = -SETTLING
        super().__init__(**traits)
        self.on_msg(self._heard)

    def records(self) -> Sequence[Mapping[str, Any]]:
        """Everything, as few records as possible."""
        raise NotImplementedError

    def now(self) -> float:
        """The time on the clock of what is shown, in seconds."""
        return 0.0

    def page_state(self) -> dict[str, Any]:
        """What a page without a kernel shows: no time passes there."""
        state = super().page_state()
        return state | {"content": state["content"] | {"now": 0.0}}

    def page_json(self) -> Iterator[str]:
        """`page_state` as JSON, in pieces: of a long history, the records are made as they are written."""
        names = [name for name in sorted(self.own_traits()) if name != "content"]
        rest = self.get_state(names) if names else {}
        yield f'{as_json(rest)[:-1]}{"," if rest else ""}"content":{{"n":{self._count},"now":0.0,"records":['
        records = iter(self.records())
        comma = ""
        while some := list(itertools.islice(records, _PIECE)):
            yield comma + as_json(some)[1:-1]
            comma = ","
        yield "]}}"

    def grow(self, records: Sequence[Mapping[str, Any]], *, last: bool = False) -> None:
        """Show further records.

        Args:
            records: New ones and changed ones.
            last: Whether these are the last records.
        """
        with self._lock:
            first = self._count
            self._count += len(records)
            settling = time.monotonic() - self._shown < SETTLING
            if last or settling or self._count > 2 * self._synced:
                self.send_state("content")
            elif records:
                self.send({"type": "grow", "n": first, "records": list(records), "now": self.now()})

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The traits as the browser gets them; the content is made anew."""
        with self._lock:
            if key is None or key == "content" or (not isinstance(key, str) and "content" in key):
                # In place: a new value would be sent at once, and again by who asked for it.
                self.content.update(n=self._count, records=list(self.records()), now=self.now())
                self._synced = self._count
            state: dict[str, Any] = super().get_state(key, drop_defaults)
            return state

    def send_state(self, key: Any = None) -> None:
        """Send traits, unless nobody listens: a page's view has no kernel."""
        if not isinstance(self.comm, DummyComm):
            super().send_state(key)

    def before_display(self) -> None:
        """Send everything: what was sent as messages is not in the browser's copy of the traits."""
        self._shown = time.monotonic()
        self.send_state("content")

    def _heard(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("type") == "behind":
            self.send_state("content")
