"""Mutated histories and truncated JSON: a recording or a clear error, soon, whatever comes."""

from __future__ import annotations

import copy
import gc
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import recorded
from tests.support.histories import DATA
from tutorial_lib.errors import HistoryError
from tutorial_lib.replay.recorder import record_replay

Events = list[dict[str, Any]]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.json"))}
DEADLINE = 1.0  # seconds for the code, or the recording is one that stopped there
WORDS = ["undo", "reserve", "charge", "ship", "slow", "Kid", "add", "close", "sig", "v2"]
VALUES = ["", "bnVsbA==", "MQ==", "e30=", "W10=", "ImEi", "not base64!"]


def attributes(event: dict[str, Any]) -> dict[str, Any]:
    return next((value for name, value in event.items() if name.endswith("Attributes")), {})


def reordered(events: Events, order: list[int]) -> None:
    """Brings events into another order, with ids and references that still fit."""
    new = {events[old]["eventId"]: str(number) for number, old in enumerate(order, 1)}
    found = [copy.deepcopy(events[old]) for old in order]
    for number, event in enumerate(found, 1):
        event["eventId"] = str(number)
        said = attributes(event)
        for name in said:
            if name.endswith("EventId"):
                said[name] = new.get(said[name], said[name])
    events[:] = found


def drop(events: Events, at: int, _chance: random.Random) -> None:
    reordered(events, [*range(at), *range(at + 1, len(events))])


def drop_some(events: Events, at: int, chance: random.Random) -> None:
    reordered(events, [*range(at), *range(at + chance.randrange(1, 6), len(events))])


def swap(events: Events, at: int, _chance: random.Random) -> None:
    order = list(range(len(events)))
    order[at - 1 : at + 1] = reversed(order[at - 1 : at + 1])
    reordered(events, order)


def double(events: Events, at: int, _chance: random.Random) -> None:
    reordered(events, [*range(at + 1), *range(at, len(events))])


def move(events: Events, at: int, chance: random.Random) -> None:
    order = list(range(len(events)))
    order.insert(chance.randrange(1, len(order)), order.pop(at))
    reordered(events, order)


def cut(events: Events, at: int, _chance: random.Random) -> None:
    del events[at:]


def rename(events: Events, at: int, chance: random.Random) -> None:
    text = json.dumps(events[at])
    for word in WORDS:
        text = text.replace(f'"{word}"', f'"{chance.choice(["other", "", *WORDS])}"')
    events[at] = json.loads(text)


def revalue(events: Events, at: int, chance: random.Random) -> None:
    def change(value: object) -> object:
        if isinstance(value, dict):
            return {k: chance.choice(VALUES) if k == "data" else change(v) for k, v in value.items()}
        return [change(one) for one in value] if isinstance(value, list) else value

    events[at] = change(events[at])


def retype(events: Events, at: int, chance: random.Random) -> None:
    events[at]["eventType"] = chance.choice(events)["eventType"]


def refer(events: Events, at: int, chance: random.Random) -> None:
    said = attributes(events[at])
    for name in said:
        if name.endswith("EventId"):
            said[name] = str(chance.randrange(len(events) + 3))


def clear(events: Events, at: int, chance: random.Random) -> None:
    said = attributes(events[at])
    if said:
        del said[chance.choice(sorted(said))]


def renumber(events: Events, at: int, chance: random.Random) -> None:
    events[at]["eventId"] = chance.choice(["0", "-1", "1000000", "x", None, str(2**70)])


MUTATIONS: list[Callable[[Events, int, random.Random], None]] = [
    *(drop, drop_some, swap, double, move, cut, rename, revalue, retype, refer, clear, renumber),
]


# A workflow task that Core ends early may leave a coroutine that nobody awaited.
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
async def test_a_mutated_history_is_a_recording_or_a_clear_error(
    mutation: Callable[[Events, int, random.Random], None], capfd: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(mutation.__name__)  # noqa: S311 - the same mutations in each run
    for _ in range(30):
        name = chance.choice(sorted(TEXTS))
        whole = json.loads(TEXTS[name])
        events = whole["events"]
        mutation(events, chance.randrange(1, len(events)), chance)
        await check(whole)
    gc.collect()
    # Core tells of its panics on the standard error of the process.
    assert capfd.readouterr().err == ""


async def test_truncated_json_is_a_clear_error() -> None:
    chance = random.Random("truncated")  # noqa: S311 - the same cuts in each run
    for _ in range(60):
        text = TEXTS[chance.choice(sorted(TEXTS))].rstrip()
        with pytest.raises(HistoryError, match="JSON"):
            await record_replay(text[: chance.randrange(1, len(text))], recorded.ALL)


async def check(whole: dict[str, Any]) -> None:
    try:
        recording = await record_replay(whole, recorded.ALL, sandboxed=False, deadline=DEADLINE)
    except HistoryError as error:
        told = str(error)
    else:
        assert recording.steps
        assert recording.divergence is None or recording.divergence.message == recording.error
        told = recording.error or "code and history agree"
    assert 10 < len(told) < 1000
