"""Whether views can be read, and look the same whichever of them was loaded last.

Each view brings the shared theme along, in front of its own rules. A page with several views therefore has
later copies of the theme behind the rules of earlier views: where two rules are equally exact, the copy wins.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page

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

# Contrast of each text with what is behind it, by WCAG 2, in a part of the page.
_CONTRAST = """element => {
  const rgb = colour => {
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const back = rgb(getComputedStyle(node).backgroundColor);
      if (back[3] === 255) return back;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.textContent.trim() || !parent.offsetParent) continue;
    const colours = [rgb(getComputedStyle(parent).color), behind(parent)];
    const [a, b] = colours.map(luminance).sort((x, y) => x - y);
    found.push([(b + 0.05) / (a + 0.05), node.textContent.trim()]);
  }
  return found;
}"""


def dim_texts(part: Locator) -> list[tuple[str, float]]:
    """Texts in a part of the page with less than 4.5:1 to what is behind them, and what they have."""
    return [(text, round(ratio, 2)) for ratio, text in part.evaluate(_CONTRAST) if ratio < 4.5]


def changed_by_a_copy_of_the_theme(page: Page) -> list[str]:
    """What a second copy of the theme would change in the views of a page."""
    page.locator(".tt").first.wait_for()
    told = page.evaluate(_CHANGED_BY_A_COPY, theme())
    assert told["count"] > 20, "no views on this page"
    return list(told["found"])
