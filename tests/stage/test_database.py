"""A file that is to keep a server's state: removed, or handed to a server, only if it is a dev server's."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest
from temporalio.client import Client

from tutorial_lib.disk.state import absolute
from tutorial_lib.errors import DatabaseFileError
from tutorial_lib.exercises.checks.command_lines import namespaces_of
from tutorial_lib.stage import DevServer, hold_server, start_dev_server
from tutorial_lib.stage.namespaces import make_namespace
from tutorial_lib.stage.server.database import remove_database


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder, with what is in them."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of a real dev server, stopped in order."""
    path = tmp_path_factory.mktemp("server") / "course.db"
    DevServer(path).start().close()
    return path.read_bytes()


async def test_what_begins_with_the_databases_name_stays(tmp_path: Path, database: bytes):
    mine = {"shop.py": b"print(1)", "shop.ipynb": b"{}", "shop_notes.txt": b"notes", "shop-wall": b"w"}
    for name, text in mine.items():
        (tmp_path / name).write_bytes(text)
    server = await start_dev_server(db_filename=tmp_path / "shop")
    server.close()
    assert {name: text for name, text in contents(tmp_path).items() if name != "shop"} == mine
    (tmp_path / "shop").write_bytes(database)
    (tmp_path / "shop-wal").write_bytes(b"\x37\x7f\x06\x82rest")
    (tmp_path / "shop-journal").write_bytes(bytes(512))
    remove_database(tmp_path / "shop")
    assert contents(tmp_path) == mine


def other_database(path: Path, statement: str = "CREATE TABLE executions (id)") -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("shop.py", b"print('hello')", "shop.py is no database"),
        ("shop.db", None, "shop.db is a database of something else"),
        ("shop.db", b"SQLite format 3\0 and no more", "shop.db is a database of something else"),
        ("shop.db", b"", "shop.db is an empty file"),
        ("shop-journal", b"Dear diary", "shop-journal is in the way: SQLite would take it"),
        ("shop-wal", b"a wall", "shop-wal is in the way"),
        ("shop-shm", b"a shmup", "shop-shm is in the way"),
    ],
)
async def test_a_file_of_something_else_is_an_error_before_anything_is_touched(
    tmp_path: Path, fresh: bool, name: str, text: bytes | None, said: str
):
    path = tmp_path / name
    if text is None:
        other_database(path)
    else:
        path.write_bytes(text)
    before = contents(tmp_path)
    named = tmp_path / ("shop" if name.startswith("shop-") else name)
    with pytest.raises(DatabaseFileError, match=said):
        await start_dev_server(db_filename=named, fresh=fresh)
    assert contents(tmp_path) == before


async def test_a_learners_table_in_a_servers_database_keeps_it(tmp_path: Path, database: bytes):
    path = tmp_path / "shop.db"
    path.write_bytes(database)
    other_database(path, "CREATE TABLE my_customers (name)")
    with pytest.raises(DatabaseFileError, match=r"tables that no dev server makes \(my_customers\)"):
        await start_dev_server(db_filename=path)
    assert path.exists()
    server = await start_dev_server(db_filename=path, fresh=False)
    server.close()


async def test_what_a_link_leads_to_is_not_removed(tmp_path: Path, database: bytes):
    kept, link = tmp_path / "kept.db", tmp_path / "link.db"
    kept.write_bytes(database)
    link.symlink_to(kept)
    with pytest.raises(DatabaseFileError, match=r"is a link to .*kept.db"):
        await start_dev_server(db_filename=link)
    assert contents(tmp_path) == {"kept.db": database, "link.db": database}


async def test_folders_and_pipes_are_refused_in_words(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").touch()
    with pytest.raises(DatabaseFileError, match="folder is not a file"):
        await start_dev_server(db_filename=tmp_path / "folder")
    with pytest.raises(DatabaseFileError, match=r"there is no folder .*nowhere"):
        await start_dev_server(db_filename=tmp_path / "nowhere" / "course.db")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(DatabaseFileError, match="pipe is not a file"):
            await start_dev_server(db_filename=tmp_path / "pipe")


def test_the_courses_own_server_adds_nothing_to_another_database(own_state: Path, tmp_path: Path):
    path = tmp_path / "customers.db"
    other_database(path)
    before = path.read_bytes()
    with pytest.raises(DatabaseFileError, match="a database of something else"):
        hold_server(who="test", db_filename=path)
    assert path.read_bytes() == before


def test_a_relative_name_means_the_learners_folder_not_the_servers(
    own_state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with hold_server(who="test", db_filename=Path("course.db")) as hold:
        assert hold.info.db_filename == tmp_path / "course.db"
        assert (tmp_path / "course.db").exists()
    with hold_server(who="again", db_filename=Path("course.db")):
        pass
    monkeypatch.setenv("HOME", str(tmp_path))
    assert absolute("~/course.db") == tmp_path / "course.db"


@pytest.mark.parametrize("fresh", [True, False])
async def test_a_cell_that_runs_again_closes_the_server_that_it_has_made(tmp_path: Path, fresh: bool):
    path = tmp_path / "course.db"
    first = await start_dev_server(db_filename=path)
    await make_namespace(await first.connect(), "shop")
    second = await start_dev_server(db_filename=path, fresh=fresh)
    assert not first.alive
    names = await namespaces_of(await second.connect())
    assert ("shop" in names) is not fresh
    with pytest.raises(DatabaseFileError, match=rf"pid {second.pid}\) is running on"):
        first.start()
    second.close()


async def test_a_file_that_another_process_runs_a_server_on_is_left_alone(tmp_path: Path):
    path = tmp_path / "course.db"
    with hold_server(who="another", state_dir=tmp_path / "state", db_filename=path) as hold:
        for fresh in (True, False):
            with pytest.raises(DatabaseFileError, match=rf"a server \(pid {hold.info.pid}\) is running on"):
                await start_dev_server(db_filename=path, fresh=fresh)
        assert await namespaces_of(await Client.connect(hold.info.address))
