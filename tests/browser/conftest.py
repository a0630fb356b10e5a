"""What browser tests share: one Chromium, and one `tutorial lab` over a copy of the lessons."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # playwright is imported where a test needs it
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

CHECKOUT = Path(__file__).resolve().parents[2]
OPT_OUT = "TUTORIAL_NO_BROWSER"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests here; the variable leaves them out, nothing else does."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))
            if os.environ.get(OPT_OUT):
                item.add_marker(pytest.mark.skip(reason=f"{OPT_OUT} is set"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A failure says what the pages of fixtures show; those of a `with` have said it, and are closed."""
    try:
        yield
    except Exception as error:
        from tests.support.lab_page import LabPage

        for page in LabPage.opened:
            error.add_note(page.seen())
        raise


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each module's Chromium keeps for the next one."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def browser(cache: Path) -> Iterator[Browser]:
    """A headless Chromium."""
    from tests.support.lab_page import chromium

    with chromium(cache) as launched:
        yield launched


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout's lessons, and a learner's folder in it where tests put notebooks of their own."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(
        CHECKOUT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    (folder / "my-course").mkdir()
    return folder


@pytest.fixture(scope="session")
def lab(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """A running `tutorial lab`."""
    from tests.support.running_lab import running_lab

    # Nobody is there to do what lesson 05 waits for: its stand-in need not wait long.
    with running_lab(course, tmp_path_factory.mktemp("lab"), TUTORIAL_PATIENCE="1") as running:
        yield running
