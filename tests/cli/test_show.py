"""`tutorial show`: a history as a page, with the replay of its code."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path

import pytest
from temporalio.converter import DataConverter

from tests.cli.conftest import Tutorial
from tests.support.histories import DATA
from tests.support.html_page import Page, elsewhere

# What family.json is the history of, less what leaves no event.
CODE = """
from temporalio import workflow


@workflow.defn
class Kid:
    @workflow.run
    async def run(self, n: int) -> int:
        return n


@workflow.defn
class Family:
    @workflow.run
    async def run(self) -> int:
        return 0
"""


@pytest.fixture
def family(course: Path) -> Path:
    """A recorded history in the folder where the command runs."""
    return Path(shutil.copy(DATA / "family.json", course / "family.json"))


def test_the_page_is_written_beside_and_needs_nothing_else(tutorial: Tutorial, course: Path, family: Path):
    done = tutorial("show", family.name)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"Family, \d+ events, Completed: family\.html\n", done.stdout)
    page = Page((course / "family.html").read_text(encoding="utf-8"))
    assert elsewhere(page) == []
    assert len(page.states) == 2
    assert {"Timeline", "Event history"} <= set(re.split(r"\n+", page.text))


def test_with_code_it_has_the_replay_and_where_it_parts_from_the_history(
    tutorial: Tutorial, course: Path, family: Path
):
    (course / "family_code.py").write_text(CODE, encoding="utf-8")
    done = tutorial("show", family.name, "--code", "family_code.py", "--output", "with code.html")
    assert done.returncode == 0, done.stderr
    text = (course / "with code.html").read_text(encoding="utf-8")
    page = Page(text)
    assert elsewhere(page) == []
    assert len(page.states) == 3
    assert "Replay of workflow `Family`: code and history diverge" in text


def test_two_versions_are_shown_side_by_side(tutorial: Tutorial, course: Path, family: Path):
    for version, result in (("old", "0"), ("new", "1")):
        (course / version).mkdir()
        (course / version / "family_code.py").write_text(CODE.replace("return 0", f"return {result}"))
    done = tutorial("show", family.name, "--code", "old/family_code.py", "--code", "new/family_code.py")
    assert done.returncode == 0, done.stderr
    text = (course / "family.html").read_text(encoding="utf-8")
    assert "return 0" in text
    assert "return 1" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.json"], "cannot read 'nothing.json'"),
        (["cut.json"], "the JSON ends too early"),
        (["family.json", "--code", "nothing.py"], "no file nothing.py"),
        (["family.json", "--code", "broken.py"], "broken.py cannot be imported: SyntaxError"),
        (["family.json", "--code", "empty.py"], "empty.py defines no workflow"),
        (["family.json", "--code", "named/json.py"], "named/json.py has the name of another module"),
        (["family.json", "--code", "other.py"], "the history is of workflow type 'Family'"),
        (["family.json", "--output", "no/such/folder.html"], "cannot write no/such/folder.html"),
        (["family.json", "--code", "a", "--code", "b", "--code", "c"], "3 files were given"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    tutorial: Tutorial, course: Path, family: Path, arguments: list[str], said: str
):
    (course / "cut.json").write_text(family.read_text(encoding="utf-8")[:500], encoding="utf-8")
    (course / "broken.py").write_text("def :", encoding="utf-8")
    (course / "empty.py").write_text("x = 1", encoding="utf-8")
    (course / "named").mkdir()
    (course / "named" / "json.py").write_text(CODE, encoding="utf-8")
    (course / "other.py").write_text(CODE.replace("Family", "Tribe"), encoding="utf-8")
    done = tutorial("show", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (course / "family.html").exists()


def test_a_page_is_renewed_and_what_a_learner_wrote_stays(tutorial: Tutorial, course: Path, family: Path):
    page = course / "family.html"
    assert tutorial("show", "family.json").returncode == 0
    (course / "family_code.py").write_text(CODE, encoding="utf-8")
    done = tutorial("show", "family.json", "--code", "family_code.py")
    assert done.returncode == 0, done.stderr
    assert "code and history diverge" in page.read_text(encoding="utf-8")
    mine = page.read_text(encoding="utf-8").replace("<h2>", "<h2>My notes: ", 1)
    page.write_text(mine, encoding="utf-8")
    done = tutorial("show", "family.json")
    assert done.returncode == 1
    assert "family.html is there already" in done.stderr
    assert page.read_text(encoding="utf-8") == mine
    assert tutorial("show", "family.json", "--force").returncode == 0
    assert "My notes" not in page.read_text(encoding="utf-8")


def test_a_link_is_not_written_through(tutorial: Tutorial, course: Path, family: Path):
    (course / "notes.txt").write_text("mine")
    (course / "page.html").symlink_to(course / "notes.txt")
    done = tutorial("show", "family.json", "-o", "page.html")
    assert done.returncode == 1
    assert "page.html is a link to " in done.stderr
    assert tutorial("show", "family.json", "-o", "page.html", "--force").returncode == 0
    assert (course / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("target", ["family.json", "link.html", "hard.html", "family_code.py"])
def test_the_history_and_the_code_are_never_replaced(
    tutorial: Tutorial, course: Path, family: Path, target: str
):
    (course / "family_code.py").write_text(CODE, encoding="utf-8")
    (course / "link.html").symlink_to(family)
    (course / "hard.html").hardlink_to(family)
    before = (course / target).read_bytes()
    done = tutorial("show", "family.json", "--code", "family_code.py", "-o", target, "--force")
    assert done.returncode == 1
    assert f"{target} is what this is made of, and would be lost" in done.stderr
    assert (course / target).read_bytes() == before


def test_a_pipe_can_take_the_page(tutorial: Tutorial, family: Path):
    done = tutorial("show", "family.json", "-o", "/dev/stdout")
    assert done.returncode == 0, done.stderr
    assert done.stdout.lstrip().lower().startswith("<!doctype html>")


CONVERTERS = """
from collections.abc import Sequence
import dataclasses

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec


class Reversing(PayloadCodec):
    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        turned = [payload.SerializeToString()[::-1] for payload in payloads]
        return [Payload(metadata={"encoding": b"reversed"}, data=each) for each in turned]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(payload.data[::-1]) for payload in payloads]


reversing = dataclasses.replace(DataConverter.default, payload_codec=Reversing())
number = 7
"""
ADDING = """
from temporalio import workflow


@workflow.defn
class Family:
    @workflow.run
    async def run(self, amount: int) -> int:
        return amount + 1
"""


@pytest.fixture
def reversed_family(course: Path) -> Path:
    """The history of a workflow that adds 1 to 41, with payloads that a codec wrote."""

    def hidden(value: object) -> dict[str, object]:
        [payload] = DataConverter.default.payload_converter.to_payloads([value])
        data = base64.b64encode(payload.SerializeToString()[::-1]).decode()
        return {
            "payloads": [{"metadata": {"encoding": base64.b64encode(b"reversed").decode()}, "data": data}]
        }

    events = json.loads((DATA / "family.json").read_text())["events"]
    short = [*events[:4], events[-1]]
    short[0]["workflowExecutionStartedEventAttributes"]["input"] = hidden(41)
    short[4]["eventId"] = "5"
    short[4]["workflowExecutionCompletedEventAttributes"] = {
        "result": hidden(42),
        "workflowTaskCompletedEventId": "4",
    }
    path = course / "family.json"
    path.write_text(json.dumps({"events": short}))
    (course / "family_code.py").write_text(ADDING)
    (course / "converters.py").write_text(CONVERTERS)
    return path


def test_payloads_of_a_codec_are_read_and_replayed_with_the_projects_data_converter(
    tutorial: Tutorial, course: Path, reversed_family: Path
):
    options = ["--code", "family_code.py"]
    done = tutorial("show", "family.json", *options)
    assert done.returncode == 0, done.stderr
    assert "2 payloads cannot be read (2 of reversed): their values, and a replay with them, " in done.stdout
    assert "--data-converter MODULE:NAME" in done.stdout
    done = tutorial("show", "family.json", *options, "--data-converter", "converters:reversing")
    assert done.returncode == 0, done.stderr
    assert "cannot be read" not in done.stdout
    text = (course / "family.html").read_text(encoding="utf-8")
    assert "The workflow returned 42" in text
    assert "code and history diverge" not in text
    assert "The workflow task fails" not in text


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("converters", "--data-converter takes a module and a name in it, not 'converters'"),
        ("nowhere:reversing", "nowhere cannot be imported: ModuleNotFoundError"),
        ("converters:nothing", "module converters has no nothing; a DataConverter is needed"),
        ("converters:number", "module converters has number, a int; a DataConverter is needed"),
    ],
)
def test_a_data_converter_that_is_none_is_told(
    tutorial: Tutorial, reversed_family: Path, named: str, said: str
):
    done = tutorial("show", "family.json", "--data-converter", named)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_of_a_file_with_several_histories_one_is_chosen(tutorial: Tutorial, course: Path, family: Path):
    one = json.loads(family.read_text(encoding="utf-8"))
    other = json.loads((DATA / "cart.json").read_text(encoding="utf-8"))
    (course / "several.json").write_text(json.dumps([one, other]), encoding="utf-8")
    done = tutorial("show", "several.json")
    assert done.returncode == 1
    assert "2 histories are in one file: 1 (Family " in done.stderr
    assert "--which 1" in done.stderr
    done = tutorial("show", "several.json", "--which", "2")
    assert done.stdout.startswith("Cart, "), done.stderr
    started = one["events"][0]["workflowExecutionStartedEventAttributes"]
    assert tutorial("show", "several.json", "--which", started["workflowId"]).stdout.startswith("Family, ")


@pytest.mark.parametrize("name", sorted(path.name for path in (DATA / "field").glob("*.json")))
def test_a_history_from_the_field_becomes_a_page(tutorial: Tutorial, course: Path, name: str):
    shutil.copy(DATA / "field" / name, course / "h.json")
    done = tutorial("show", "h.json")
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[\w.]+, \d+ events, \w+: h\.html\n", done.stdout)
    page = Page((course / "h.html").read_text(encoding="utf-8"))
    assert elsewhere(page) == []


def test_a_first_page_of_the_servers_answer_is_told_from_a_run_that_goes_on(
    tutorial: Tutorial, course: Path, family: Path
):
    whole = json.loads(family.read_text(encoding="utf-8"))
    page = {"history": {"events": whole["events"][:9]}, "nextPageToken": "CiQw"}
    (course / "first.json").write_text(json.dumps(page), encoding="utf-8")
    done = tutorial("show", "first.json")
    assert done.stdout.startswith("Family, the first 9 events: first.html\nmore events follow: "), done.stderr
    assert "→ have them all: temporal workflow show" in done.stdout
    assert "Running" not in done.stdout
    text = Page((course / "first.html").read_text(encoding="utf-8")).text
    for what in ("Timeline", "Event history"):
        assert f"{what} of events 1 to 9: more follow, which the file does not have" in text
    (course / "open.json").write_text(json.dumps(page["history"]), encoding="utf-8")
    assert tutorial("show", "open.json").stdout == "Family, 9 events, Running: open.html\n"


def test_a_workflow_id_of_digits_is_chosen_by_it(tutorial: Tutorial, course: Path, family: Path):
    one = json.loads(family.read_text(encoding="utf-8"))
    other = json.loads((DATA / "cart.json").read_text(encoding="utf-8"))
    other["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "12345"
    (course / "several.json").write_text(json.dumps([one, other]), encoding="utf-8")
    assert tutorial("show", "several.json", "--which", "12345").stdout.startswith("Cart, ")
    assert tutorial("show", "several.json", "--which", "1", "--force").stdout.startswith("Family, ")
