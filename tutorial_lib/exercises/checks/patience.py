"""How long a check waits: until nothing moves any more, and longer where everything takes longer.

A verdict such as "it does not end" is one about the learner's code. Seconds alone would make it one about
the machine, which is suspended now and then: what passes meanwhile is no time that the code has had.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tutorial_lib.background import give_up

__all__ = ["Patience", "done_in", "in_time", "looks"]

LOOK_EVERY = 0.25  # seconds
OFTEN = 0.02  # seconds between looks that cost nothing

QUESTIONS = 40  # that the server answers one after another while nothing comes: then nothing will
FEWEST = 4  # looks until it is over: where more time passed from one to the next, the machine stood still
MOST = 4.0  # times the usual, whatever moves and however busy the machine is


class Patience:
    """A deadline that begins anew whenever something has happened.

    Args:
        seconds: Without any news, on a machine that has time.
        enough: News beyond which it is taken to have no end. There is no such limit if None.
    """

    def __init__(self, seconds: float, enough: int | None = None) -> None:
        self.seconds = seconds
        self.enough = enough
        self.endless = False
        """Whether it is over although it moves, without end."""
        self._began = self._since = self._looked = time.monotonic()
        self._stood = 0.0
        self._news = -1
        self._asked, self._took = 0, 0.0

    def over(self, news: int, took: float) -> bool:
        """Whether it is time to give up.

        Args:
            news: What has happened so far: a number that grows, such as a history's length.
            took: Seconds in which that was found out, as a measure of this machine.
        """
        looked, self._looked = self._looked, time.monotonic()
        self._stood += max(0.0, self._looked - looked - took - self.seconds / FEWEST)
        now = self._looked - self._stood
        self._asked, self._took = self._asked + 1, self._took + took
        if news != self._news:
            self._news, self._since = news, now
        if now - self._since >= max(self.seconds, QUESTIONS * self._took / self._asked):
            return True
        much = self.enough is not None and news > self.enough
        late = now - self._began >= MOST * self.seconds
        self.endless = much or (late and now - self._since < self.seconds)
        return much or late


async def in_time(work: asyncio.Future[Any], patience: Patience, moved: Callable[[], Awaitable[int]]) -> bool:
    """Whether something is done before the patience with it is over; it is cancelled then.

    Args:
        work: What is to be done. Its error is for the caller to ask for.
        patience: With it.
        moved: What has happened so far, as a number that grows.
    """
    try:
        while not (await asyncio.wait({work}, timeout=min(LOOK_EVERY, patience.seconds / FEWEST)))[0]:
            asked = time.monotonic()
            if patience.over(await moved(), time.monotonic() - asked):
                break
        return work.done()
    finally:
        if not work.done():
            await give_up(work)


def looks(seconds: float) -> range:
    """The looks for which a time is enough, of which a machine that is suspended has fewer.

    Args:
        seconds: The time.
    """
    return range(round(seconds / OFTEN))


async def done_in(work: asyncio.Future[Any], seconds: float) -> bool:
    """Whether something is done in time; it is cancelled otherwise.

    Args:
        work: What is to be done. Its error is for the caller to ask for.
        seconds: The time, counted in looks.
    """
    try:
        for _ in looks(seconds):
            if (await asyncio.wait({work}, timeout=OFTEN))[0]:
                return True
        return work.done()
    finally:
        work.cancel()
