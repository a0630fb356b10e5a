"""What CONTRIBUTING.md, the hooks and the dev container say is what there is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tests.support.readme import commands
from tutorial_lib import sdk
from tutorial_lib.cli.author import app

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# ---- the rooms ---------------------------------------------------------------------------------------


def contract() -> list[str]:
    """The layers of the import contract, from top to bottom."""
    [rooms] = [each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["id"] == "rooms"]
    layers: list[str] = rooms["layers"]
    return layers


def test_the_picture_of_the_rooms_is_the_import_contract() -> None:
    rows = re.findall(r"^(\w+(?: [|:] \w+)*) {2,}(\S.+)$", PAGE, re.MULTILINE)
    assert [rooms for rooms, _ in rows] == contract()


def test_the_readme_names_the_rooms_in_the_same_order() -> None:
    [paragraph] = re.findall(r"^The rooms of `tutorial_lib`.+?\n\n", README, re.MULTILINE | re.DOTALL)
    chain = " ".join(paragraph.split()).partition(": ")[2].partition(". ")[0]
    assert chain.replace("`", "").split(" → ") == contract()


def test_every_room_is_there_and_no_other() -> None:
    there = {path.stem for path in (ROOT / "tutorial_lib").iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in (ROOT / "tutorial_lib").glob("[a-z]*.py")}
    assert set(re.findall(r"\w+", " ".join(contract()))) == there


# ---- the steps ---------------------------------------------------------------------------------------


def known_words() -> dict[str, set[str]]:
    """What may follow `make` and `tutorial author`."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    group = typer.main.get_command(app)
    return {"make": set(targets), "tutorial author": set(group.commands)}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "command", [each for each in commands(PAGE) if each.startswith(("make ", "tutorial "))]
)
def test_a_command_of_the_page_is_there(command: str) -> None:
    program = "tutorial author" if command.startswith("tutorial author") else command.split(maxsplit=1)[0]
    word = command.removeprefix(program).split()[0]
    assert word in known_words().get(program, {"lab"})


def test_a_file_of_the_page_is_there_unless_its_steps_make_it() -> None:
    made = re.compile(r"badge|late_fee|lesson_90|_NN")
    named = re.findall(r"`((?:tutorial_lib|tests|kit)/[\w./]+)`", PAGE)
    named += [
        word for command in commands(PAGE) for word in re.findall(r"(?:tests|tutorial_lib)/[\w./]+", command)
    ]
    folders = (ROOT, ROOT / "tutorial_lib" / "views")
    missing = [n for n in named if not made.search(n) and not any((each / n).exists() for each in folders)]
    assert named
    assert not missing


@pytest.mark.parametrize("title", ["An exercise", "A lesson"])
def test_a_recipe_for_content_leads_to_all_that_make_test_looks_at(title: str) -> None:
    [recipe] = re.findall(rf"^## {title}\n(.+?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    number = re.findall(r"tutorial author check (\d\d)", recipe)[0]
    for step in ("make lint", f"tutorial author refresh {number}", "git diff", "lesson 00"):
        assert step.lower() in recipe.lower()


def test_a_test_that_the_page_picks_by_name_is_there() -> None:
    picked = re.findall(r"`python -m pytest (\S+) -k (\w+)`", PAGE)
    assert picked
    for path, word in picked:
        assert re.search(rf"^(?:async )?def test_\w*{word}", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_the_search_for_the_sdks_version_finds_every_place() -> None:
    [words] = re.findall(r"`git grep -nF ((?:-e \S+ ?)+)--", PAGE)
    searched = [word.strip("'") for word in words.split() if word != "-e"]
    minor, following = re.findall(r"\d+\.(\d+)", sdk.WANTED)
    assert searched == [f"1.{minor}", f"<1.{following}"]
    escaped = re.compile(rf"1\\+\.(?:{minor}|{following})\b")  # as a regular expression has it
    files = [path for room in ("tests", "tutorial_lib", ".ci") for path in (ROOT / room).rglob("*.*")]
    texts = [path for path in files if path.suffix in {".py", ".toml", ".cfg", ".txt", ".js"}]
    assert [path for path in texts if escaped.search(path.read_text(encoding="utf-8"))] == []


def test_the_changelog_has_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, day = re.findall(r"^## \[([^\]]+)\] - (\S+)$", text, re.MULTILINE)[0]
    assert version == PROJECT["project"]["version"]
    assert re.fullmatch(r"Unreleased|\d{4}-\d\d-\d\d", day)
    kinds = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


# ---- hooks and container -----------------------------------------------------------------------------


def test_the_hooks_download_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {each["repo"] for each in config["repos"]} == {"local"}
    hooks = [hook for each in config["repos"] for hook in each["hooks"]]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["entry"].split()[0] for hook in hooks} <= {".venv/bin/python", ".venv/bin/oxlint", "make"}
    assert not any("additional_dependencies" in hook for hook in hooks)


# No package has the schema of devcontainer.json: this is the part of it that is used here, by its reference,
# https://containers.dev/implementors/json_reference/.
CONTAINER = {
    "name": str,
    "image": str,
    "postCreateCommand": str,
    "forwardPorts": list,
    "portsAttributes": dict,
    "customizations": dict,
}
PORT = {"label": str, "onAutoForward": str}
AUTO_FORWARD = {"notify", "openBrowser", "openBrowserOnce", "openPreview", "silent", "ignore"}


def wrong(value: dict[str, Any], shape: dict[str, type]) -> list[str]:
    """Keys that are unknown, or whose value is of another type."""
    return [key for key, each in value.items() if not isinstance(each, shape.get(key, type(None)))]


def test_the_dev_container_is_one() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    assert wrong(container, CONTAINER) == []
    assert container["forwardPorts"] == [8888]
    assert list(container["portsAttributes"]) == ["8888"]
    assert wrong(container["portsAttributes"]["8888"], PORT) == []
    assert container["portsAttributes"]["8888"]["onAutoForward"] in AUTO_FORWARD
    assert set(container["customizations"]["vscode"]) <= {"extensions", "settings"}
    assert re.fullmatch(r"mcr\.microsoft\.com/devcontainers/python:3\.12(-\w+)?", container["image"])


def test_the_dev_container_installs_what_ci_installs() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    wanted = re.findall(r"packages\+=\(([\w-]+)\)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    installed, _, then = container["postCreateCommand"].rpartition(" && ")
    assert then == "make setup"
    assert sorted(installed.split("--no-install-recommends ")[1].split()) == sorted(wanted)
