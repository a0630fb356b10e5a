"""A view that grows: small messages, and the whole at the moments when a browser may have missed one."""

from __future__ import annotations

from typing import Any

import pytest

from tutorial_lib.views.kit.growing import SETTLING, Growing
from tutorial_lib.views.kit.svg import Picture


class Log(Growing):
    script = "table"

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.sent: list[Any] = []
        self.syncs = 0
        self.time = 0.0
        super().__init__()
        self.syncs = 0

    def now(self) -> float:
        return self.time

    def more(self, many: int, *, now: float = 0.0, **how: Any) -> None:
        self.time = now
        new = [{"event": len(self.all) + k} for k in range(many)]
        self.all += new
        self.grow(new, **how)

    def records(self) -> list[dict[str, Any]]:
        return self.all

    def picture(self) -> Picture:
        return Picture("<svg/>", "log")

    def send(self, content: Any, buffers: Any = None) -> None:  # noqa: ARG002 - as ipywidgets has it
        self.sent.append(content)

    def send_state(self, key: Any = None) -> None:
        self.syncs += 1
        self.get_state(key)


@pytest.fixture
def log() -> Log:
    found = Log()
    found.more(10)  # more than twice nothing: everything is sent
    found.sent.clear()
    found.syncs = 0
    return found


def test_new_records_are_sent_once_with_their_place(log: Log):
    log.more(2, now=7.5)
    log.more(1, now=7.6)
    assert [(each["n"], len(each["records"]), each["now"]) for each in log.sent] == [
        (10, 2, 7.5),
        (12, 1, 7.6),
    ]
    assert log.syncs == 0


def test_the_state_that_anybody_asks_for_is_whole(log: Log):
    log.more(3)
    assert log.get_state("content")["content"]["n"] == 13
    assert len(log.get_state()["content"]["records"]) == 13


def test_everything_is_sent_when_it_has_doubled_so_a_long_log_is_sent_few_times(log: Log):
    for _ in range(1000):
        log.more(5)
    assert 5 <= log.syncs <= 12


def test_everything_is_sent_in_the_moments_after_a_display(log: Log, monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr("tutorial_lib.views.kit.growing.time.monotonic", lambda: now[0])
    log._repr_mimebundle_()
    assert log.syncs == 1
    log.more(1)
    assert (log.syncs, log.sent) == (2, [])
    now[0] += SETTLING + 1
    log.more(1)
    assert (log.syncs, len(log.sent)) == (2, 1)


def test_everything_is_sent_at_the_end_and_when_the_browser_missed_something(log: Log):
    log.more(1, last=True)
    assert log.syncs == 1
    log._handle_custom_msg({"type": "behind"}, [])
    assert log.syncs == 2
    log._handle_custom_msg({"type": "something else"}, [])
    assert log.syncs == 2
