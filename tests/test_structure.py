"""How the house is laid: who imports whom among the tests, how folders and names look in the library."""

from __future__ import annotations

import ast
import collections
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorial_lib import settings

TESTS = settings.CHECKOUT / "tests"
SHARED = "support"
# What is tested across rooms; and `data`, which several folders read.
NO_ROOMS = {SHARED, "bench", "browser", "data", "faults"}


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each module below `tests` that a file imports, plugins of pytest among them.

    Args:
        path: A Python file.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively: write the whole name"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytest_plugins":
            names = list(ast.literal_eval(node.value))
        yield from ((node.lineno, name) for name in names if name.startswith("tests."))


def strangers(tests: Path) -> list[str]:
    """Imports of what belongs to another folder of tests, or to a test module.

    Args:
        tests: The folder of all tests.

    Returns:
        File, line and name.
    """
    found = []
    for path in sorted(tests.rglob("*.py")):
        own = ".".join(["tests", *path.relative_to(tests).parts[:-1]])
        for line, name in imported(path):
            module = name.removeprefix(f"{own}.") if name.startswith(f"{own}.") else None
            is_shared = name.startswith(f"tests.{SHARED}.") or name == f"tests.{SHARED}"
            is_own = module is not None and not module.startswith("test_") and own != "tests"
            if not is_shared and not is_own:
                found.append(f"{path.relative_to(tests)}:{line} {name}")
    return found


def test_a_folder_of_tests_imports_itself_and_what_is_shared() -> None:
    assert strangers(TESTS) == []


@pytest.mark.parametrize(
    "line",
    [
        "from tests.views.test_fleet import wait_for",
        "from tests.stage.conftest import lab",
        "from tests.stage import workflows",
        "import tests.stage.workflows",
        "from tests.cells.test_errors import told",
        'pytest_plugins = ["tests.stage.labs"]',
    ],
)
def test_an_import_from_another_folder_is_found(line: str, tmp_path: Path) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    (folder / "conftest.py").write_text(f"{line}\n")
    assert [told.split(" ")[0] for told in strangers(tmp_path)] == ["cells/conftest.py:1"]


@pytest.mark.parametrize(
    "line",
    [
        "from tests.support.waiting import wait_for",
        "from tests.support import orders",
        "from tests.cells.projects import notebook",
        "from tests.cells.conftest import PRELUDE",
    ],
)
def test_an_import_of_what_is_shared_or_ones_own_is_none(line: str, tmp_path: Path) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    (folder / "test_one.py").write_text(f"{line}\n")
    assert strangers(tmp_path) == []


def test_what_is_shared_holds_no_tests() -> None:
    assert not [*(TESTS / SHARED).rglob("test_*.py"), *(TESTS / SHARED).rglob("conftest.py")]


def test_folders_of_tests_are_named_after_rooms() -> None:
    rooms = {path.parent.name for path in settings.PACKAGE.glob("*/__init__.py")}
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/*.py")}
    assert folders - NO_ROOMS <= rooms


HOMELY = re.compile(r"\b(tells?|told|says?|said|stands?|stood|comes?|came|goes|went)\b", re.IGNORECASE)
FEW = 1.0  # per 1,000 words: sdk-python has 0.2, this package had 11


def docstrings() -> list[str]:
    """All docstrings of the package."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in settings.PACKAGE.rglob("*.py")]
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]
    return [text for node in nodes if (text := ast.get_docstring(node))]


def test_docstrings_have_the_words_of_the_field():
    text = " ".join(docstrings())
    share = 1000 * len(HOMELY.findall(text)) / len(text.split())
    assert share <= FEW, "write returns, raises, indicates: not tells, says, stands, comes"


MOST = 15  # modules that a folder shows at one level, its `__init__` not counted


def modules() -> list[Path]:
    """Every module of the library."""
    return sorted(settings.PACKAGE.rglob("*.py"))


def test_a_folder_of_the_library_is_seen_at_a_glance() -> None:
    counted = collections.Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder): count for folder, count in counted.items() if count > MOST} == {}


def test_no_module_or_package_of_the_library_begins_with_an_underscore() -> None:
    parts = {part for path in modules() for part in path.relative_to(settings.PACKAGE).parts}
    assert {part for part in parts if part.startswith("_")} <= {"__init__.py", "__main__.py"}


def test_a_public_class_of_the_library_has_its_name_alone() -> None:
    places: dict[str, list[str]] = {}
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(settings.PACKAGE)))
    assert {n: at for n, at in places.items() if len(at) > 1} == {}
