"""Replays in a check: does code make the commands that a history has? And if not, where do they part?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History

if TYPE_CHECKING:  # most exercises replay nothing, and do not pay for the recorder
    from tutorial_lib.replay.steps import Recording

__all__ = ["recorded", "same_road", "where_they_part"]


async def recorded(history: History, workflow: type, **options: Any) -> Recording:
    """Replay a history with a class, step by step.

    Args:
        history: Of an execution of its workflow type.
        workflow: The class.
        options: Further arguments of `record_replay`.

    Raises:
        NotYet: If the SDK refuses the class.
        HistoryError: If it runs another workflow type.
    """
    from tutorial_lib.replay.recorder import record_replay

    try:
        return await record_replay(history, [workflow], **options)
    except RuntimeError as error:
        raise NotYet(f"the SDK refuses `{workflow.__name__}`: {error}") from None


async def same_road(
    history: History, workflow: type, *, what: str = "your history", hint: str = "", **options: Any
) -> Recording:
    """Demand that a replay of a history with a class makes no other command than the history has.

    Args:
        history: What happened.
        workflow: The class that is to take the same road.
        what: What the history is of, in the message.
        hint: What to try if it does not.
        options: Further arguments of `record_replay`.

    Raises:
        NotYet: With the event at which they part and the learner's line; with the replay to step through.
    """
    recording = await recorded(history, workflow, **options)
    if recording.error is None:
        return recording
    from tutorial_lib.views import Stepper

    raise NotYet(f"a replay of {what} stops: {where_they_part(recording)}", hint, view=Stepper.of(recording))


def where_they_part(recording: Recording) -> str:
    """The event that the history has, and what the code did instead, in one sentence.

    Args:
        recording: A replay that failed.
    """
    from tutorial_lib.views.stepper.words import beside, produced

    parted = recording.divergence
    if parted is None:
        return recording.error or "code and history agree"
    at = f" (`{parted.source}`)" if parted.source else ""
    came = f"the code comes with `{produced(parted)}`{at}" if parted.command else ""
    if parted.expected is None:
        started = recording.steps[parted.step].started_id
        task = f"for the workflow task of event {started}"
        return f"{task} the history has no command, and {came or 'the code has one'}"
    label = f" `{parted.expected.label}`" if parted.expected.label else ""
    wanted = f"event {parted.expected.id} is {parted.expected.type}{label}{beside(parted)[0]}"
    return f"{wanted}, and {came or f'the code asks for nothing there{at}'}"
