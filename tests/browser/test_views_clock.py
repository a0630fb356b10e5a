"""A browser whose clock is another than the server's: what a view counts, it counts by the server's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tutorial_lib.views.kit.view import script

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHIFT = "{ const real = Date.now; Date.now = () => real() + %d * 1000; }"
SHOW = """async ([source, state]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const heard = [];
  const on = (what, hear) => heard.push([what, hear]);
  const model = { get: (name) => state[name], on, off() {}, send() {} };
  window.beat = (message) => heard.forEach(([what, hear]) => what === "msg:custom" && hear(message));
  module.default.render({ model, el: document.body });
}"""


def side(**facts: Any) -> dict[str, Any]:
    return {"pollers": [], "identities": [], "backlog": 0, "since": 0, "needed": 0, "stuck": False} | facts


@pytest.mark.parametrize("shift", [0, 3600, -3600])
def test_how_long_work_waits_is_counted_by_the_servers_clock(browser: Browser, shift: int):
    there = time.time() + 500.0  # the server's clock, as the kernel measured it
    row = {"name": "q", "symbol": "▲", "verdict": "nobody polls", "advice": ""}
    row |= {"workflow": side(backlog=1, since=there - 130, stuck=True), "activity": side()}
    state = {"rows": [row], "note": "", "live": True, "now": there}
    page = browser.new_page()
    page.add_init_script(SHIFT % shift)
    page.goto("about:blank")
    page.evaluate(SHOW, [script("task_queues"), state])
    waits = page.locator("[data-since]")
    assert waits.text_content().startswith("for 2 min")
    page.evaluate("now => window.beat({ type: 'beat', now })", there + 3600)
    page.wait_for_function("() => document.querySelector('[data-since]').textContent.startsWith('for 1 h')")
    page.close()
