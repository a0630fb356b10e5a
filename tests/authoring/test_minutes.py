"""The minutes of a lesson: computed from what there is to read and do, and as they were where measured."""

import pytest

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import lesson_files
from tutorial_lib.authoring.reading.minutes import (
    SECONDS,
    SceneMinutes,
    lesson_minutes,
    minutes_by_heading,
    minutes_by_scene,
)
from tutorial_lib.authoring.reading.stated import state_minutes, write_minutes
from tutorial_lib.authoring.style.code import code_findings
from tutorial_lib.authoring.style.time import time_findings
from tutorial_lib.authoring.text_form import text_to_notebook

SETUP = '# %% [markdown]\n"""\n# A probe\n"""\n# %%\nlab\n'
# What there was in two lessons as they were when a newcomer walked them with a clock.
MEASURED = {
    "00, 25 to 30 minutes": (25, 30, 1155, [120, 21, 26, 32, 3, 0, 3, 2, 0]),
    "02, 45 to 50 minutes": (45, 50, 1736, [193, 40, 34, 59, 3, 0, 3, 3, 0]),
}


def scene(text, title="A scene"):
    """What there is in the scene of a probe."""
    cells = f'{SETUP}# %% [markdown]\n"""\n## {title}\n"""\n{text}'
    [_, found] = minutes_by_scene(text_to_notebook(cells))
    return found


def markdown(text, metadata=""):
    return f'# %% [markdown] {metadata}\n"""\n{text}\n"""\n'


def test_a_scene_takes_its_words_and_its_cells():
    found = scene(markdown(" ".join(["word"] * 358)))
    assert (found.title, found.words) == ("A scene", 360)
    assert found.minutes == pytest.approx(2)


def test_where_a_lesson_leads_on_takes_none_of_its_minutes():
    """Else a lesson at its limit is too long as soon as there is a next one."""
    found = scene(markdown("One word.\n\nNext: [02 Another lesson](02_another.ipynb), where it goes on."))
    assert found.words == 4


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("# %%\nx = f(\n    1,\n)\n\nx = f(\n    2,\n)\n", {"cells": 1, "lines": 3}),
        ("# %%\nx = 1\n# %%\nx = 1\n", {"cells": 2, "lines": 1}),
        ('# %%\nheals = lab.predict("Which?", "one", "two")\n', {"cells": 1, "lines": 1, "predictions": 1}),
        ("# %%\nex.quiz\n", {"cells": 1, "lines": 1, "quiz questions": 3}),
        ('# %% course={"wait": 12}\nx = 1\n', {"cells": 1, "lines": 1, "waits": 12}),
        ('# %% jupyter={"source_hidden": true}\nx = 1\n', {"cells": 1}),
        (markdown("**Try it.** Do so."), {"try its": 1}),
        ('# %% course={"exercise": "e", "part": "starter"}\nx = 1\n',
         {"cells": 1, "starter lines": 1, "exercises": 1}),
        (markdown("word " * 99, 'slideshow={"slide_type": "notes"}'), {}),
        (markdown("### An extra", "jp-MarkdownHeadingCollapsed=true") + "# %%\nx = 1\n", {}),
        (markdown("```python\n## no scene\n```"), {}),
    ],
)  # fmt: skip
def test_each_thing_to_do_is_counted(text, counts):
    assert {kind: count for kind, count in scene(text).counts.items() if count} == counts


def test_what_is_printed_is_read():
    notebook = text_to_notebook(f"{SETUP}# %%\nx = 1\n")
    before = minutes_by_scene(notebook)[-1].minutes
    output = {"output_type": "stream", "name": "stdout", "text": "one\n\ntwo\n"}
    notebook.cells[-1].outputs = [committed_form.node(output)]
    assert minutes_by_scene(notebook)[-1].minutes - before == pytest.approx(2 * SECONDS["printed"] / 60)


def test_a_heading_within_a_cell_begins_a_scene():
    text = SETUP + markdown("One two.\n\n## Next\n\nThree.")
    assert [(each.title, each.words) for each in minutes_by_scene(text_to_notebook(text))] == [
        ("", 4),
        ("Next", 2),
    ]


@pytest.mark.parametrize("measured", MEASURED.values(), ids=list(MEASURED))
def test_lessons_that_were_measured_come_out_as_they_were(measured):
    least, most, words, counts = measured
    found = SceneMinutes("", 1, words, dict(zip(SECONDS, counts, strict=True)))
    assert least <= found.minutes <= most


def test_a_long_lesson_is_told_where_its_minutes_go():
    long = markdown("## Short") + markdown("## Long\n\n" + "word " * 180 * 26)
    states_none, *scenes, too_long = time_findings(text_to_notebook(SETUP + long))
    assert [each.message for each in scenes] == [
        "the heading's metadata state None minutes; 0.5 is right",
        "the heading's metadata state None minutes; 0.5 is right",
        "the heading's metadata state None minutes; 26 is right",
        "the scenes state 0 minutes in all; 27 is right",
    ]
    assert states_none.message.startswith("the first cell does not say `**Time.** 27 minutes.`")
    assert too_long.message == (
        "it takes 27 minutes; at most 25; the longest scenes: 'Long' 26.0, 'opening' 0.1, 'Short' 0.0"
    )


def test_a_task_is_no_comment_behind_code():
    cell = "# %% course={0}\nx = ____  # how often is the card charged: once or twice?\n"
    starter = text_to_notebook(SETUP + cell.format('{"exercise": "e", "part": "starter"}'))
    [found] = [each for each in code_findings(starter, "07") if each.rule == "task"]
    assert "how often is the card charged" in found.message
    short = text_to_notebook(SETUP + '# %% course={"exercise": "e", "part": "starter"}\nx = ____  # a word\n')
    assert "task" not in {each.rule for each in code_findings(short, "07")}


def test_headings_state_minutes_that_sum_up_to_the_lessons():
    text = SETUP + markdown("## A\n\n" + "word " * 300) + markdown("### Your turn\n\n" + "word " * 400)
    text += markdown("## Extra", "jp-MarkdownHeadingCollapsed=true") + markdown("word " * 900)
    notebook = text_to_notebook(text)
    found = minutes_by_heading(notebook)
    assert found == {1: 0.5, 3: 1.5, 4: 2.0}  # what is folded takes no time
    assert sum(found.values()) == lesson_minutes(notebook) == 4


def test_a_heading_that_is_half_a_minute_out_of_date_is_found():
    """Else a round trip through the text form, which writes them anew, is the first to tell."""
    lesson = text_to_notebook(SETUP.replace("A probe", "A probe\n\n**Time.** 3 minutes.") + markdown("## A"))
    lesson.cells[2].source += "\n\n" + "word " * 450
    state_minutes(lesson)
    assert [*time_findings(lesson)] == []
    lesson.cells[2].metadata["course"]["minutes"] -= 0.5
    assert [each.message for each in time_findings(lesson)] == [
        "the heading's metadata state 2 minutes; 2.5 is right",
        "the scenes state 2.5 minutes in all; 3 is right",
    ]


def test_a_heading_in_the_middle_of_a_cell_is_found():
    late = text_to_notebook(SETUP + markdown("## A\n\nWords.\n\n### Your turn"))
    [found] = [each for each in time_findings(late) if "middle" in each.message]
    assert "'Your turn'" in found.message


def test_minutes_are_written_into_cell_and_row(tmp_path, author):
    lesson = lesson_files("00")
    root = tmp_path
    (root / "notebooks").mkdir()
    (root / "notebooks" / lesson.notebook.name).write_bytes(lesson.notebook.read_bytes())
    (root / "README.md").write_bytes(lesson.readme.read_bytes())
    copy = lesson_files("00", root)
    minutes = write_minutes(copy)
    assert copy.row().minutes == minutes == lesson_minutes(committed_form.read(copy.notebook))
    assert f"**Time.** {minutes} minutes" in committed_form.read(copy.notebook).cells[0].source
    assert f"{lesson.notebook.name}: {minutes} minutes" in author("minutes", "00")
