"""For pytest: a report on the answers that were tried, and lessons that are tried at the same time.

The report says how many answers of each exercise were told what they should be told.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

PROPERTY = "exercise"
_LESSON = re.compile(r"\[(lesson-\d\d)/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is the work of one process, as with `--dist loadfile`; of the exercises' file, a lesson is."""
    if config.option.dist != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndLesson(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            lesson = _LESSON.search(nodeid)
            return super()._split_scope(nodeid) + (lesson[1] if lesson else "")

    return ByFileAndLesson(config, log)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints a line for each exercise whose answers were tried."""
    tried: list[tuple[str, int, int, float]] = sorted(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    )
    if not tried:
        return
    terminalreporter.section("exercises: answers tried on the real server")
    for key, wrong, right, seconds in tried:
        terminalreporter.line(
            f"  {key:44} {wrong:2} wrong ones rejected, {right} right ones accepted  {seconds:5.1f} s"
        )
    wrongs = sum(wrong for _, wrong, _, _ in tried)
    terminalreporter.line(f"  {len(tried)} exercises, {wrongs} wrong answers rejected")
