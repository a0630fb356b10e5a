"""The replay stepper: code on the left, history on the right, one workflow task a step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Self

import traitlets

from tutorial_lib.errors import TutorialError
from tutorial_lib.replay.steps import Recording
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View
from tutorial_lib.views.stepper.answers import answers_of, value_of
from tutorial_lib.views.stepper.layout import layout
from tutorial_lib.views.stepper.picture import details, draw

_SIDES = 2

WhatIf = Callable[[int, dict[str, Any]], Awaitable[Recording]]
"""Replays with another answer: an event's id, and `result` or `failure`."""


class Stepper(View):
    """Steps through a replay, or through the replays of two versions of the code side by side.

    Left and right arrow go from workflow task to workflow task, up and down follow the lines that ran.

    Args:
        recordings: One or two recordings.
        labels: What to call the two sides, e.g. ("before", "after").
        what_if: What replays one recording's history with another answer, which then can be given in the list
            of events; None offers no change.

    Attributes:
        answers: What can be changed: values by the ids of their events.
        asked: What has been changed, in words; empty if nothing is.
        note: What is wrong with a change.
    """

    script: ClassVar[str] = "stepper"

    data = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    asked = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        *recordings: Recording,
        labels: tuple[str, ...] = (),
        what_if: WhatIf | None = None,
        **kwargs: Any,
    ) -> None:
        if len(recordings) not in (1, _SIDES):
            raise TypeError(f"a stepper shows one recording, or two side by side, not {len(recordings)}")
        data = layout(*recordings, labels=labels)
        self._recording, self._what_if = recordings[0], what_if
        self._asking: set[asyncio.Task[None]] = set()
        changeable = what_if is not None and len(recordings) == 1
        answers = answers_of(recordings[0].history) if changeable else {}
        super().__init__(data=data, step=data["start"], answers=answers, **kwargs)
        self.on_msg(self._on_message)

    @classmethod
    def of(cls, *recordings: Recording, labels: tuple[str, ...] = (), what_if: WhatIf | None = None) -> Self:
        """A stepper of one recording, or of two side by side."""
        return cls(*recordings, labels=labels, what_if=what_if)

    def page_state(self) -> dict[str, Any]:
        """What a page without a kernel shows: nobody replays there."""
        return super().page_state() | {"answers": {}}

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("type") != "what-if":
            return
        task = asyncio.get_running_loop().create_task(self.ask(content))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def ask(self, change: dict[str, Any]) -> None:
        """Show the replay with another answer beside the one that it was.

        Args:
            change: "event" with "text", the new value as it was typed, or "failure"; without an event, the
                replay alone is shown again.
        """
        if self._what_if is None:
            return
        number = change.get("event")
        if number is None:
            self._show(layout(self._recording), "")
            return
        failure = change.get("failure")
        try:
            answer = {"failure": failure} if failure else {"result": value_of(str(change.get("text")))}
            other = await self._what_if(int(number), answer)
        except TutorialError as error:
            self.note = f"{error.seen}: {error.hint}" if error.hint else error.seen
            return
        words = f"failed: {failure}" if failure else f"gave {str(change['text']).strip()}"
        asked = f"What if event {number} had {words}?".replace("had gave", "had given")
        data = layout(self._recording, other, labels=("as it was", "what if"))
        self._show({**data, "start": len(other.steps) - 1}, asked)  # where the other answer is delivered

    def _show(self, data: dict[str, Any], asked: str) -> None:
        with self.hold_sync():
            self.note, self.asked = "", asked
            self.step = data["start"]
            self.data = data

    def picture(self) -> Picture:
        """The step where code and history part; without a divergence the last one."""
        return draw(self.data)

    def static_html(self) -> str:
        """The picture, and all steps as text that folds out."""
        return self.picture().img() + details(self.data)
