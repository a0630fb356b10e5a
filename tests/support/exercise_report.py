"""For pytest: how many answers of each exercise were tried and told what they should be told."""

from __future__ import annotations

from typing import Any

import pytest

PROPERTY = "exercise"


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
