"""What `make lint` finds in the views' JavaScript, without node."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from tutorial_lib.views.kit.view import script

ROOT = Path(__file__).parents[2]
VIEWS = ROOT / "tutorial_lib" / "views"
OXLINT = Path(sysconfig.get_path("scripts")) / "oxlint"

KIT = "export const h = (name) => document.createElement(name);\n"
GOOD = 'import { h } from "./kit.js";\nexport default { render: ({ el }) => el.append(h("p")) };\n'


def findings(folder: Path) -> str:
    """What oxlint says of a folder, with the course's rules; "" if nothing."""
    config = ROOT / ".oxlintrc.json"
    command = [OXLINT, "--config", config, "--deny-warnings", "--format", "unix", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == (1 if "view.js" in done.stdout else 0), done.stdout + done.stderr
    return done.stdout if done.returncode else ""


def test_the_views_scripts_have_no_finding() -> None:
    assert findings(VIEWS) == ""


@pytest.mark.parametrize("name", sorted(path.parts[-3] for path in VIEWS.glob("*/static/view.js")))
def test_a_views_files_joined_to_one_module_are_one_module(tmp_path: Path, name: str) -> None:
    (tmp_path / "view.js").write_text(script(name), encoding="utf-8")
    # What the kit has for other views is not used here; names within a function may be those of another file.
    meant = ("eslint(no-unused-vars)", "eslint(no-shadow)")
    lines = [line for line in findings(tmp_path).splitlines() if "view.js:" in line]
    assert [line for line in lines if not any(rule in line for rule in meant)] == []


def test_a_name_that_two_joined_files_give_is_found(tmp_path: Path) -> None:
    (tmp_path / "view.js").write_text(script("quiz") + "\nconst h = 1;\n", encoding="utf-8")
    assert "`h` has already been declared" in findings(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("{ h }", "{ h, duration }", "duration"),  # the kit does not export it
        ('h("p")', 'p("p")', "'p' is not defined"),
        ("export default", "const left = 1;\nexport default", "'left' is declared but never used"),
        ('h("p")', 'h("p") || el.id == NaN', "NaN"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, old: str, new: str, rule: str) -> None:
    (tmp_path / "kit.js").write_text(KIT)
    (tmp_path / "view.js").write_text(GOOD.replace(old, new))
    assert rule in findings(tmp_path)
    (tmp_path / "view.js").write_text(GOOD)
    assert findings(tmp_path) == ""
