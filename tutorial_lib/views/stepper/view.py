"""The replay stepper: code on the left, history on the right, one workflow task a step."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import traitlets

from tutorial_lib.replay.steps import Recording
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View
from tutorial_lib.views.stepper.layout import layout
from tutorial_lib.views.stepper.picture import details, draw

_SIDES = 2


class Stepper(View):
    """Steps through a replay, or through the replays of two versions of the code side by side.

    Left and right arrow go from workflow task to workflow task, up and down follow the lines that ran.

    Args:
        recordings: One or two recordings.
        labels: What to call the two sides, e.g. ("before", "after").
    """

    script: ClassVar[str] = "stepper"

    data = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)

    def __init__(self, *recordings: Recording, labels: tuple[str, ...] = (), **kwargs: Any) -> None:
        if len(recordings) not in (1, _SIDES):
            raise TypeError(f"a stepper shows one recording, or two side by side, not {len(recordings)}")
        data = layout(*recordings, labels=labels)
        super().__init__(data=data, step=data["start"], **kwargs)

    @classmethod
    def of(cls, *recordings: Recording, labels: tuple[str, ...] = ()) -> Self:
        """A stepper of one recording, or of two side by side."""
        return cls(*recordings, labels=labels)

    def picture(self) -> Picture:
        """The step where code and history part; without a divergence the last one."""
        return draw(self.data)

    def static_html(self) -> str:
        """The picture, and all steps as text that folds out."""
        return self.picture().img() + details(self.data)
