"""Every `TUTORIAL_` variable is a setting; the README tells it as settings.py does; none fails wordless."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from tutorial_lib import settings
from tutorial_lib.errors import SettingError
from tutorial_lib.settings import VARIABLES, Variable
from tutorial_lib.stage.wait_for_learner import wait_for_start

_NAME = re.compile(r"\bTUTORIAL_[A-Z][A-Z_]*[A-Z]\b")
PLACES = ("tutorial_lib", "tests", "notebooks", ".ci", "Makefile", "README.md", "pyproject.toml")


def sources() -> Iterator[Path]:
    """The files of the checkout in which a variable may be named."""
    for place in PLACES:
        path = settings.CHECKOUT / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            hidden = any(part.startswith((".", "__pycache__")) for part in file.relative_to(path).parts)
            if file.is_file() and not hidden and file.suffix != ".png":
                yield file


def named() -> dict[str, set[Path]]:
    """Which variables are named, and in which files."""
    found: dict[str, set[Path]] = {}
    for file in sources():
        for name in _NAME.findall(file.read_text(encoding="utf-8", errors="replace")):
            found.setdefault(name, set()).add(file)
    return found


def test_every_variable_that_is_named_anywhere_is_a_setting() -> None:
    known = {variable.name for variable in VARIABLES}
    found = named()
    assert len(found) == len(VARIABLES)
    assert {name: sorted(files) for name, files in found.items() if name not in known} == {}


def test_every_setting_is_read_somewhere() -> None:
    constants = {value: name for name, value in vars(settings).items() if isinstance(value, Variable)}
    assert set(constants) == set(VARIABLES)
    texts = {
        file: file.read_text(encoding="utf-8", errors="replace")
        for file in sources()
        if file.suffix == ".py" and file.name not in {"settings.py", Path(__file__).name}
    }
    for variable, constant in constants.items():
        told = re.compile(rf"\bsettings\.{constant}\b|\"{variable}\"")
        assert any(told.search(text) for text in texts.values()), variable


def test_the_readme_tells_them_as_they_are() -> None:
    text = (settings.CHECKOUT / "README.md").read_text(encoding="utf-8")
    table = text.partition("| variable | what it decides | if it is not set |\n|---|---|---|\n")[2]
    rows = [line.strip("| ").split(" | ") for line in table.partition("\n\n")[0].splitlines()]
    assert rows == [[f"`{each}`", each.meaning, each.default] for each in VARIABLES if not each.internal]


def test_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(settings.PATIENCE.name, raising=False)
    assert settings.PATIENCE.seconds() == 600
    for text, seconds in (("300", 300), ("0.5", 0.5), ("0", 0), ("", 600)):
        monkeypatch.setenv(settings.PATIENCE.name, text)
        assert settings.PATIENCE.seconds() == seconds


@pytest.mark.parametrize("text", ["abc", "5 min", "-1", "nan", "inf", "1,5"])
async def test_a_patience_that_is_no_number_is_told_in_words(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PATIENCE.name, text)
    nothing = Mock()
    with pytest.raises(SettingError) as told:
        await wait_for_start(nothing, "", what="", stand_in=nothing, check_server=nothing)
    assert str(told.value) == (
        f"TUTORIAL_PATIENCE is {text!r}, which is no number of seconds\n"
        "  → set it to a number such as 300, or unset it (600 then), and start JupyterLab again"
    )
    assert nothing.mock_calls == []
