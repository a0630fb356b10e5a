"""A name that becomes part of a path is a name, and never a way to another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorial_lib import open_lab
from tutorial_lib.cells.export.worker_module import write_worker_module
from tutorial_lib.cli.lab_server import _namespace_of
from tutorial_lib.disk.names import check_name, file_stem
from tutorial_lib.errors import UnusableNameError
from tutorial_lib.stage.server.shared import find_server

WRONG = [
    "..",
    ".",
    "",
    "a/b",
    "a\\b",
    "/etc",
    "../progress",
    ".hidden",
    "a.",
    "-rf",
    "a b",
    "a\n",
    "~",
    "a\0b",
    "nul",
]


@pytest.mark.parametrize("name", ["lesson-03", "my.lab", "Ümit_2", "a", "李", "a--b"])
def test_names_are_names(name: str):
    assert check_name(name, "a lab") == name


@pytest.mark.parametrize("name", [*WRONG, "CON.txt", "a" * 121])
def test_what_is_no_name_is_refused_in_words(name: str):
    with pytest.raises(UnusableNameError, match=r"the name of a lab.*\n  → "):
        check_name(name, "a lab")


@pytest.mark.parametrize("name", ["..", "labs/../..", "absolute"])
async def test_a_lab_empties_no_folder_but_its_own(own_state: Path, tmp_path: Path, name: str):
    victim = tmp_path / "thesis"
    victim.mkdir()
    (victim / "chapter.txt").write_text("years of work")
    (own_state / "progress").mkdir(parents=True)
    (own_state / "progress" / "ada.json").write_text("{}")
    with pytest.raises(UnusableNameError, match=r"letters and digits, with `-`, `_` and `\.` inside"):
        await open_lab(str(victim) if name == "absolute" else name)
    assert (victim / "chapter.txt").read_text() == "years of work"
    assert (own_state / "progress" / "ada.json").exists()
    assert find_server(own_state) is None


def test_a_module_has_a_modules_name(tmp_path: Path):
    for name in ("../shop", "my-shop", ""):
        with pytest.raises(UnusableNameError, match="the name of a module"):
            write_worker_module([], tmp_path / "out", name=name)
    assert list(tmp_path.iterdir()) == []


def test_any_text_has_a_file_of_its_own():
    texts = ["ada", "a/b", "a%2Fb", "..", "\udcff", "\ud800", "a\0b", "李"]
    stems = [file_stem(text) for text in texts]
    assert len(set(stems)) == len(texts)
    assert not any("/" in stem or "\0" in stem for stem in stems)


def test_the_web_ui_shows_the_namespace_that_the_lesson_names(tmp_path: Path):
    notebook = tmp_path / "mine.ipynb"
    notebook.write_bytes(b'"lab = await open_lab(\\"my.lab-2\\")" \xff')
    assert _namespace_of(notebook) == "my.lab-2"
    notebook.write_text("open_lab('../../etc')")
    assert _namespace_of(notebook) == "default"
