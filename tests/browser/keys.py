"""The keyboard in each view: a click gives it, Escape takes it back, the notebook's own keys work on."""

from __future__ import annotations

from playwright.sync_api import Locator

from tests.support.lab_page import LabPage

_INSIDE = "each => each !== document.activeElement && each.contains(document.activeElement)"
_SELECTED = ".jp-Cell.jp-mod-selected"
_SCROLLED = ".jp-WindowedPanel-outer, .jp-Notebook"


def check_keyboard(opened: LabPage, view: Locator, spot: str, key: str) -> None:
    """A view at the keyboard, beginning with a click on a place of it where there is nothing to press.

    Args:
        opened: The notebook.
        view: The view.
        spot: Selector of the place.
        key: A key that the view knows and JupyterLab, too.
    """
    keys = opened.page.keyboard
    view.locator(spot).first.click()
    assert view.evaluate(_INSIDE), f"a click on {spot} does not give the keyboard to the view"
    cell, scrolled = (
        selected(opened),
        opened.notebook.locator(_SCROLLED).first.evaluate("each => each.scrollTop"),
    )
    keys.press(key)
    opened.drawn()
    assert view.evaluate(_INSIDE)
    assert selected(opened) == cell
    assert opened.notebook.locator(_SCROLLED).first.evaluate("each => each.scrollTop") == scrolled
    assert "Esc back to the cell" in " ".join(view.locator(".tt-keys").inner_text().split())
    with opened.page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents" in answer.url
    ):
        keys.press("Control+s")
    view.locator(spot).first.click()
    keys.press("Escape")
    assert view.evaluate("each => document.activeElement === each.closest('.jp-Cell')")


def check_shift_enter(opened: LabPage, view: Locator, spot: str) -> None:
    """Shift+Enter in a view runs its cell and goes to the next one."""
    view.locator(spot).first.click()
    cell = int(selected(opened))
    opened.page.keyboard.press("Shift+Enter")
    opened.notebook.locator(f'{_SELECTED}[data-windowed-list-index="{cell + 1}"]').wait_for()
    assert not any(opened.wait_done()["errors"])


def selected(opened: LabPage) -> str:
    """Number of the selected cell."""
    return opened.notebook.locator(_SELECTED).get_attribute("data-windowed-list-index") or ""
