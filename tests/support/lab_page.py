"""Drives the course as a person does: `tutorial lab` in a process of its own, Chromium in front of it.

with running_lab(course, scratch) as lab, chromium() as browser:
    page = LabPage(lab, browser, "00_start_here.ipynb")
    page.run_all()
    page.wait_done()
"""

from __future__ import annotations

import contextlib
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from playwright.sync_api import Browser, Error, Locator, Page, sync_playwright

from tests.support.running_lab import RunningLab
from tests.support.waiting import BACKSTOP, looks
from tutorial_lib.cli.doctor import find_browser

CHROMIUM_OPTIONS = [
    "--no-sandbox",  # as root, in CI
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

# What JupyterLab shows of the notebook in front: one entry a code cell whose source is not folded away.
_STATE = """() => {
  const panel = [...document.querySelectorAll('.jp-NotebookPanel')].find(each => each.offsetParent);
  const cells = [...panel.querySelectorAll('.jp-CodeCell')];
  const prompt = cell => cell.querySelector('.jp-InputArea .jp-InputPrompt')?.textContent.trim() ?? null;
  // JupyterLab shows an error and what goes to stderr alike. An error begins a line with its own name.
  const wrong = ['error', 'stderr'].map(kind => `[data-mime-type="application/vnd.jupyter.${kind}"]`).join();
  const texts = cell => [...cell.querySelectorAll(wrong)].map(each => each.innerText);
  const named = text => /^[A-Za-z_.]*(Error|Exception|Interrupt|Exit)\\b/m.test(text);
  return {
    idle: /\\| Idle/.test(document.querySelector('#jp-main-statusbar')?.textContent ?? ''),
    prompts: cells.map(prompt),
    errors: cells.map(cell => texts(cell).filter(named).join('\\n')),
  };
}"""

# What its cells have put out, of those that the page holds: what is far from the window, it may not.
_OUTPUTS = """() => [...document.querySelectorAll('.jp-NotebookPanel .jp-OutputArea-output')]
  .filter(each => each.offsetParent).map(each => each.innerText.trim()).join('\\n').slice(-2000)"""

_FOCUS = """() => {
  const { tagName, className } = document.activeElement;
  return `${document.hasFocus()} ${tagName} ${className}`;
}"""

# A notification is away after seconds, on a busy machine before a test has looked: what they said is kept.
_KEEP_NOTIFICATIONS = """() => {
  const said = window.courseNotifications = [];
  new MutationObserver(() => {
    for (const each of document.querySelectorAll('.Toastify__toast')) {
      if (said.at(-1) !== each.innerText) said.push(each.innerText);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""

_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def chromium(cache: Path | None = None) -> Iterator[Browser]:
    """A headless Chromium with a profile of its own, as a person's has: one without keeps no compiled code.

    JupyterLab's page takes some 4.3 s of processor time without that, and from the third on 3.1 s with it.

    Args:
        cache: Where it keeps what it has loaded and compiled, for the next one too.
    """
    path = find_browser()
    assert path is not None, (
        "browser tests need Chromium: apt install chromium (or leave these tests out: TUTORIAL_NO_BROWSER=1)"
    )
    options = [*CHROMIUM_OPTIONS, *([f"--disk-cache-dir={cache}"] if cache else [])]
    with (
        # It may still write a file as it ends.
        tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile,
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            profile, executable_path=str(path), args=options
        ) as context,
    ):
        context.set_default_timeout(BACKSTOP * 1000)
        browser = context.browser
        assert browser is not None
        browser.new_context = _patient(browser.new_context)  # type: ignore[method-assign]
        browser.new_page = _patient(browser.new_page)  # type: ignore[method-assign]
        yield browser


def _patient(new: Callable[..., Any]) -> Callable[..., Any]:
    """The same, and what it makes waits as long as everything else, not for Playwright's 30 seconds."""

    def make(**options: Any) -> Any:
        made = new(**options)
        made.set_default_timeout(BACKSTOP * 1000)
        return made

    return make


class LabPage:
    """A notebook, open in JupyterLab in a browser tab and a workspace of its own.

    Attributes:
        opened: Those that are in use: where a test fails, they say what they show.

    Args:
        lab: The JupyterLab.
        browser: The browser.
        notebook: Path from JupyterLab's root; None opens what `tutorial lab` itself would open.
        dark: Whether to show the dark theme; otherwise the light one, whatever the last page left.
        size: Width and height of the window as JupyterLab opens in it: what is resized later keeps its shares
            differently.
    """

    opened: ClassVar[set[LabPage]] = set()

    def __init__(
        self,
        lab: RunningLab,
        browser: Browser,
        notebook: str | None = None,
        *,
        dark: bool = False,
        size: tuple[int, int] = (1600, 950),
    ) -> None:
        self.lab = lab
        # The profile's, for all pages: what the browser has loaded and compiled once, it keeps.
        self.context = browser.contexts[0]
        self._others = set(self.context.pages)
        self.page: Page = self.context.new_page()
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.add_init_script(f"({_KEEP_NOTIFICATIONS})()")
        if notebook is None:
            lab.restore_workspace()
            self.page.goto(lab.url)
        else:
            workspace = f"/lab/workspaces/test-{time.time_ns()}"
            self.page.goto(lab.at(f"{workspace}/tree/{notebook}") + "&reset")
        self.notebook: Locator = self.page.locator(".jp-NotebookPanel:visible")
        self._opened()
        # JupyterLab keeps the theme for all pages to come.
        wanted = "Dark" if dark else "Light"
        if self.theme != f"JupyterLab {wanted}":
            self.use_theme(wanted)

    def _opened(self) -> None:
        # The status bar alone tells: the notebook's own light is "idle" before there is a kernel.
        status = self.page.locator("#jp-main-statusbar").get_by_text(re.compile(r"Python 3.*\| Idle"))
        status.wait_for()
        self.notebook.locator(".jp-Notebook-cell").first.wait_for()

    def reload(self) -> None:
        """Load the page anew, and wait until it has its kernel: a cell that is run before does not run."""
        self.page.reload()
        self._opened()

    def __enter__(self) -> Self:
        LabPage.opened.add(self)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            error.add_note(self.seen())
        LabPage.opened.discard(self)
        # With the windows that were opened beside it: they would speak up in the next test.
        for page in set(self.context.pages) - self._others:
            page.close()
        # Kernels outlive their page; this one's workers would poll on beside the next test's.
        if self.lab.process.poll() is None:
            self.lab.end_kernels()

    def seen(self) -> str:
        """What a page shows where a test fails: the keyboard, the last outputs, each frame's beginning."""
        told = [f"focus: {self.page.evaluate(_FOCUS)}", f"notifications: {self.notifications()}"]
        told.append(f"outputs end with: {self.page.evaluate(_OUTPUTS)!r}")
        for frame in self.page.frames:
            with contextlib.suppress(Error):
                told.append(
                    f"{frame.url.partition('?')[0]}: {frame.inner_text('body', timeout=60_000)[:600]!r}"
                )
        return "\n".join(["The page shows:", *told])

    def notifications(self) -> list[str]:
        """What JupyterLab's notifications have said since the page was loaded."""
        found: list[str] = self.page.evaluate("() => window.courseNotifications ?? []")
        return found

    def notified(self, text: str) -> None:
        """Wait until a notification has said something."""
        for _ in looks(0, told=self.seen):
            if any(text in each for each in self.notifications()):
                return
            self.page.wait_for_timeout(50)

    def menu(self, title: str, command: str) -> None:
        """Choose an entry of a menu by its command."""
        self.page.get_by_role("menuitem", name=title, exact=True).click()
        self.page.locator(f'li.lm-Menu-item[data-command="{command}"]').click()

    def run_all(self) -> None:
        """Restart the kernel and run all cells."""
        self.menu("Run", "runmenu:restart-and-run-all")
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        # A notebook that was run before has numbers already, and until the cells are queued all is idle.
        self.page.wait_for_function(f"() => ({_STATE})().prompts.some(each => each?.includes('*'))")

    def state(self) -> dict[str, Any]:
        """Whether the kernel is idle, and prompt and error text of each code cell."""
        found: dict[str, Any] = self.page.evaluate(_STATE)
        return found

    def busy(self) -> bool:
        """Whether a cell runs or waits for its turn."""
        state = self.state()
        return not state["idle"] or any(prompt and "*" in prompt for prompt in state["prompts"])

    def wait_done(self) -> dict[str, Any]:
        """Wait until no cell runs and none waits. Returns the state then."""
        quiet = 0
        for _ in looks(0, told=lambda: f"not done: {self.state()['prompts']}"):
            quiet = 0 if self.busy() else quiet + 1
            if quiet > 7:  # between two cells the kernel is idle for a moment
                break
            self.page.wait_for_timeout(100)
        return self.state()

    def web_ui(self) -> Any:
        """The frame of the Web UI's tab."""
        self.page.locator("iframe").first.wait_for()
        for _ in looks(0, told=lambda: [frame.url for frame in self.page.frames]):
            for frame in self.page.frames:
                if "/temporal-ui/" in frame.url:
                    return frame
            self.page.wait_for_timeout(50)
        raise AssertionError

    @property
    def theme(self) -> str | None:
        """The theme's name, as JupyterLab gives it."""
        return self.page.locator("body").get_attribute("data-jp-theme-name")

    def use_theme(self, name: str) -> None:
        """Switch the theme, "Light" or "Dark", and wait until the page is drawn in it."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.locator("li.lm-Menu-item", has_text="Theme").first.hover()
        self.page.locator("li.lm-Menu-item", has_text=re.compile(rf"^JupyterLab {name}$")).first.click()
        self.page.locator(f'body[data-jp-theme-name="JupyterLab {name}"]').wait_for(state="attached")
        # JupyterLab now hides all of itself until the next frame, which may be late, and then fades a curtain
        # out: whoever looked at the page before that saw no notebook at all.
        self.page.locator("#main").wait_for()
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.drawn()

    def drawn(self) -> None:
        """Wait until views have drawn what they were told: in the next frame, or when their size changes."""
        self.page.evaluate(_TWO_FRAMES)

    def screenshot(self, path: Path) -> Path:
        """Save what the window shows as a PNG file."""
        self.page.screenshot(path=path)
        return path
