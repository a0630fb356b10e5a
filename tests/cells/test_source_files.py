"""Which code is the learner's, and which a library's: one answer for the tracer and for errors."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib import settings
from tutorial_lib.cells.failures.log import place_of
from tutorial_lib.cells.source_files import is_own


@pytest.mark.parametrize(
    "filename",
    [
        asyncio.__file__,
        pytest.__file__,
        str(settings.PACKAGE / "lab.py"),
        "<frozen importlib._bootstrap>",
        "<string>",
        "<attrs generated init shop.Order>",
        "<__array_function__ internals>",
    ],
)
def test_a_librarys_code_is_not_the_learners(filename: str):
    assert not is_own(filename)


@pytest.mark.parametrize(
    "filename",
    [
        __file__,
        f"{settings.PACKAGE}_of_mine/shop.py",  # begins as the package's folder does
        f"{sysconfig.get_path('stdlib')}-notes/shop.py",
    ],
)
def test_a_file_beside_the_libraries_is_the_learners(filename: str):
    assert is_own(filename)


def test_a_folder_that_is_named_as_a_librarys_begins_is_told_of_in_an_error():
    filename = f"{settings.PACKAGE}_of_mine/shop.py"
    with pytest.raises(ZeroDivisionError) as raised:
        exec(compile("\n1 / 0\n", filename, "exec"), {})  # noqa: S102 - a file that need not be there
    raised.value.__traceback__ = raised.value.__traceback__ and raised.value.__traceback__.tb_next
    assert place_of(raised.value) == "shop.py, line 2: "


def test_a_package_behind_a_link_is_a_librarys(tmp_path: Path):
    """Python may be installed behind a link, and the names of its files go either way."""
    (tmp_path / "link").symlink_to(sysconfig.get_path("purelib"), target_is_directory=True)
    program = (
        "import sysconfig; real = sysconfig.get_paths;"
        f"sysconfig.get_paths = lambda *given: {{**real(*given), 'purelib': {str(tmp_path / 'link')!r}}};"
        "import pytest; from tutorial_lib.cells.source_files import is_own; print(is_own(pytest.__file__))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=settings.CHECKOUT,
    )
    assert done.stdout == "False\n"


def test_a_cell_is_the_learners_and_what_is_made_by_exec_in_it_is_not(kernel: Kernel) -> None:
    kernel.good("""
        from tutorial_lib.cells.source_files import is_own
        def here(): ...
        made = {}
        exec("def there(): ...", made)
    """)
    assert (
        kernel.run("is_own(here.__code__.co_filename), is_own(made['there'].__code__.co_filename)").text
        == "(True, False)\n"
    )
