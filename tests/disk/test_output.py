"""Files at a place that a learner named: the course's own are renewed, all else stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tutorial_lib.disk.output import LIST, replace_file, sealed, write_files, write_sealed
from tutorial_lib.errors import OverwriteError, TutorialError


def test_a_seal_breaks_with_any_change(tmp_path: Path):
    page = tmp_path / "page.html"
    write_sealed(page, "<p>one</p>")
    assert sealed(page.read_bytes())
    for changed in (page.read_bytes() + b"more", page.read_bytes().replace(b"one", b"two"), b""):
        assert not sealed(changed)
    write_sealed(page, "<p>two</p>")
    assert b"two" in page.read_bytes()


def test_all_files_or_none(tmp_path: Path):
    (tmp_path / "b.py").write_text("mine")
    with pytest.raises(OverwriteError, match=r"b\.py is there already"):
        write_files(tmp_path, {"a.py": b"1", "b.py": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["b.py"]
    write_files(tmp_path, {"a.py": b"1", "b.py": b"mine"})  # to the letter the same: nothing is lost


@pytest.mark.parametrize("damaged", ["", "[]", "null", '{"a.py": 5}', "[" * 100000, '{"a.py": "0"}'])
def test_a_damaged_list_takes_nothing_for_the_courses(tmp_path: Path, damaged: str):
    write_files(tmp_path, {"a.py": b"1"})
    (tmp_path / LIST).write_text(damaged)
    with pytest.raises(OverwriteError):
        write_files(tmp_path, {"a.py": b"2"})
    write_files(tmp_path, {"a.py": b"2"}, force=True)
    assert "a.py" in json.loads((tmp_path / LIST).read_text())


def test_a_file_keeps_its_mode_and_what_cannot_be_written_is_told(tmp_path: Path):
    path = tmp_path / "run.sh"
    path.touch(0o755)
    path.chmod(0o755)
    replace_file(path, b"new")
    assert (path.stat().st_mode & 0o777, path.read_bytes()) == (0o755, b"new")
    with pytest.raises(TutorialError, match=r"cannot write .*nowhere/file: No such file or directory"):
        replace_file(tmp_path / "nowhere" / "file", b"")
    assert [each.name for each in tmp_path.iterdir()] == ["run.sh"]
