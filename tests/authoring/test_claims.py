"""Every statement is shown by a cell whose output is compared."""

import pytest

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.claims import VERDICTS, Sighting, find_sightings, load_claims, problems
from tutorial_lib.authoring.lesson_files import course_notebooks

FOUNDATION = {
    "00_start_here",
    "01_core_concepts",
    "02_execution_architecture",
    "03_namespaces_and_task_queues",
    "04_dev_server_and_cli",
    "05_starting_workflows",
}


def test_the_statements_are_told_completely():
    claims = load_claims()
    assert len(claims) >= 36  # of the notes; lessons after them add their own
    for claim in claims.values():
        assert claim.verdict in VERDICTS
        assert claim.statement.endswith(".")
        assert claim.lessons
        assert all(len(lesson) == 2 and lesson.isdigit() for lesson in claim.lessons)
        assert claim.verdict == "holds" or claim.now, f"{claim.id}: what is so instead?"


def test_a_compared_cell_shows_a_statement(good_lesson, save):
    assert find_sightings(save(good_lesson)) == [Sighting("engine", "07", 2)]


@pytest.mark.parametrize(
    ("objection", "change"),
    [
        ("its output is not compared", lambda cell: cell.metadata.tags.append("nbval-ignore-output")),
        ("its output is not compared", lambda cell: cell.update(source="# NBVAL_IGNORE_OUTPUT\n1")),
        ("the cell is skipped", lambda cell: cell.metadata.tags.append("skip-execution")),
        ("it has no committed output", lambda cell: cell.update(outputs=[])),
        ("it has no committed output", lambda cell: cell.update(execution_count=None)),
    ],
)
def test_a_cell_that_proves_nothing_does_not_count(good_lesson, save, objection, change):
    change(committed_form.code_cells(good_lesson)[1])
    (sighting,) = find_sightings(save(good_lesson))
    assert sighting.objection == objection
    assert f"claim:engine does not count: {objection}" in problems(load_claims(), [sighting], [])[0]


def test_a_text_does_not_count(good_lesson, save):
    good_lesson.cells[0].metadata.tags = ["claim:worker"]
    assert find_sightings(save(good_lesson))[0] == Sighting("worker", "07", 0, "a text shows nothing")


def test_unknown_and_missing_statements_are_told():
    claims = {key: claim for key, claim in load_claims().items() if key in ("engine", "stateless")}
    seen = [Sighting("engine", "00", 2), Sighting("enigne", "01", 3)]
    assert problems(claims, seen, ["00", "01"]) == [
        "lesson 01, cell [3]: there is no claim 'enigne'",
        f"lesson 01 has no cell that shows 'engine': {claims['engine'].statement}",
        f"lesson 00 has no cell that shows 'stateless': {claims['stateless'].statement}",
    ]


def test_the_table_names_lesson_and_cell(good_lesson, save, author):
    path = save(good_lesson, "00_probe.ipynb")
    told = author("claims", path)
    assert "00 [2]" in told
    assert f"1 of {len(load_claims())} statements shown" in told
    assert "lesson 00 has no cell that shows 'stateless'" in author("claims", "--check", path, fails=True)


def test_all_foundation_lessons_are_there():
    assert {path.stem for path in course_notebooks()} >= FOUNDATION


def test_every_statement_is_shown_in_each_of_its_lessons():
    paths = course_notebooks()
    sightings = [sighting for path in paths for sighting in find_sightings(path)]
    assert problems(load_claims(), sightings, [path.name[:2] for path in paths]) == []
