"""What `make lint` finds in the views' JavaScript, without node."""

from __future__ import annotations

import re
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


@pytest.mark.parametrize("name", sorted(path.parts[-3] for path in VIEWS.glob("*/static/view.js")))
def test_each_view_shares_the_keyboard_with_the_notebook(name: str) -> None:
    assert re.search(r"(?<!function )\bkeyboard\(\w", script(name))
    assert "suppress-shortcuts" not in script(name)  # takes Shift+Enter and Ctrl+S away, too


def test_a_name_that_two_joined_files_give_is_found(tmp_path: Path) -> None:
    (tmp_path / "view.js").write_text(script("quiz") + "\nconst h = 1;\n", encoding="utf-8")
    assert "`h` has already been declared" in findings(tmp_path)


@pytest.fixture
def badge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script of a view, in a folder of its own, with a kit beside it."""
    for name in ("badge", "kit"):
        (tmp_path / name / "static").mkdir(parents=True)
    (tmp_path / "kit" / "static" / "common.js").write_text(KIT)
    monkeypatch.setattr("tutorial_lib.views.kit.view._VIEWS", tmp_path)
    script.cache_clear()
    return tmp_path / "badge" / "static" / "view.js"


@pytest.mark.parametrize(
    "line",
    [
        'import { h } from "../../kit/static/common.js";',
        'import { h } from "../../kit/static/common.js"',
        "import { h } from '../../kit/static/common.js';",
        "import {h} from '../../kit/static/common.js'  // elements",
        'import {\n  h,\n} from "../../kit/static/common.js";',
    ],
)
def test_an_import_is_joined_however_it_is_written(badge: Path, line: str) -> None:
    badge.write_text(f"{line}\nexport default {{ render: h }};\n")
    joined = script("badge")
    assert "const h =" in joined
    assert "import" not in joined
    assert "common.js" not in joined


@pytest.mark.parametrize(
    "line",
    [
        'import * as kit from "../../kit/static/common.js";',
        'import h from "../../kit/static/common.js";',
        'import "../../kit/static/common.js";',
        '  import { h } from "../../kit/static/common.js";',
        'import { h } from "common";',
    ],
)
def test_an_import_that_cannot_be_joined_is_refused(badge: Path, line: str) -> None:
    badge.write_text(f"{line}\nexport default {{ render: h }};\n")
    with pytest.raises(
        ValueError, match=r"badge/static/view\.js: 'import .* cannot be joined; write `import \{"
    ):
        script("badge")


def test_files_that_comments_name_are_there() -> None:
    """Of JavaScript and CSS: in a comment, a docstring or a text of the views."""
    named = re.compile(r"[\w./]+\.(?:js|css)\b")
    missing = []
    for path in sorted(each for each in VIEWS.rglob("*") if each.suffix in {".py", ".js", ".css"}):
        view = path.relative_to(VIEWS).parts[0]
        if (view, path.name) == ("kit", "view.py"):  # of any view
            continue
        places = (path.parent, VIEWS / view, VIEWS / view / "static", VIEWS, VIEWS / "kit" / "static")
        names = named.findall(path.read_text(encoding="utf-8"))
        gone = [name for name in names if not any((place / name).exists() for place in places)]
        missing += [f"{path.relative_to(VIEWS)}: {name}" for name in gone]
    assert missing == []


def test_the_classes_of_a_view_begin_with_a_word_that_no_other_view_has() -> None:
    whose: dict[str, set[str]] = {}
    for path in VIEWS.glob("*/static/view.css"):
        rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for word in re.findall(r"\.([a-z]+)", rules):
            whose.setdefault(word, set()).add(path.parts[-3])
    del whose["tt"]  # the theme's
    assert {word: views for word, views in whose.items() if len(views) > 1} == {}


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
