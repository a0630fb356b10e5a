"""Whether views look the same whichever of them was loaded last.

Each view brings the shared theme along, in front of its own rules. A page with several views therefore has
later copies of the theme behind the rules of earlier views: where two rules are equally exact, the copy wins.
"""

from __future__ import annotations

from playwright.sync_api import Page

from tutorial_lib.views.kit.view import theme

_CHANGED_BY_A_COPY = """theme => {
  const parts = [...document.querySelectorAll('.tt, .tt *')].filter(each => each.getClientRects().length);
  const look = each => Object.fromEntries([...getComputedStyle(each)].map(
    name => [name, getComputedStyle(each).getPropertyValue(name)]));
  const before = parts.map(look);
  const copy = document.createElement('style');
  copy.textContent = theme;
  document.head.append(copy);
  const found = [];
  parts.forEach((each, number) => {
    const [was, now] = [before[number], look(each)];
    for (const name of Object.keys(now))
      if (now[name] !== was[name])
        found.push(`${each.tagName} class="${each.className}" ${name}: ${was[name]} -> ${now[name]}`);
  });
  copy.remove();
  return {count: parts.length, found: [...new Set(found)].sort()};
}"""


def changed_by_a_copy_of_the_theme(page: Page) -> list[str]:
    """What a second copy of the theme would change in the views of a page."""
    page.locator(".tt").first.wait_for()
    told = page.evaluate(_CHANGED_BY_A_COPY, theme())
    assert told["count"] > 20, "no views on this page"
    return list(told["found"])
