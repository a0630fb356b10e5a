"""Lessons as text and back."""

import pytest
from typer.testing import CliRunner

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.exercise_cells import marked
from tutorial_lib.authoring.lesson_files import course_notebooks
from tutorial_lib.authoring.reading.stated import state_minutes
from tutorial_lib.authoring.text_form import keep_outputs, notebook_to_text, text_to_notebook
from tutorial_lib.authoring.text_origin import split_origin
from tutorial_lib.cli.author import TextError, app
from tutorial_lib.course import lesson_01
from tutorial_lib.course.overview import exercises_of

FORMS = r'''# %% [markdown]
"""
# Title

`C:\\like this`
"""

# %% tags=["claim:ns-one", "claim:tq-one"]
# !temporal --version

# %% slideshow={"slide_type": "subslide"} tags=["raises-exception"]
1 / 0

# %% [markdown] slideshow={"slide_type": "notes"}
"""
Say it's so.
"""

# %% [markdown] jp-MarkdownHeadingCollapsed=true
"""
### Solution
"""

# %% course={"exercise": "greeting"}

# %% a={"b": [1, "it's"]}
2
'''


def greeting(name):
    return {"greeting": lesson_01.greeting}[name]


def again(notebook, exercises=None):
    """There and back."""
    return keep_outputs(text_to_notebook(notebook_to_text(notebook), exercises), notebook)


def test_text_survives_a_round_trip():
    forms = FORMS.replace('"""\n# Title', 'r"""\n# Title')  # jupytext marks a text with a backslash as raw
    assert notebook_to_text(text_to_notebook(forms, greeting)).strip() == forms.strip()


def test_each_form_means_what_the_docstring_says():
    notebook = text_to_notebook(FORMS, greeting)
    title, plain, raising, notes, solution, starter, check, stuck, helps, last = notebook.cells
    assert [cell.metadata.slideshow.slide_type for cell in notebook.cells] == [
        *("slide", "fragment", "subslide", "notes", "subslide"),
        *("fragment", "fragment", "fragment", "fragment", "fragment"),
    ]
    assert title.source.startswith("# Title\n")
    assert plain.source == "!temporal --version"
    assert plain.metadata.tags == ["claim:ns-one", "claim:tq-one"]
    assert raising.metadata.tags == ["raises-exception"]
    assert notes.source == "Say it's so."
    assert solution.metadata["jp-MarkdownHeadingCollapsed"] is True
    assert starter.source == lesson_01.greeting.starter.strip("\n")
    assert check.source == "await ex.greeting.check(GreetCustomer, write_greeting)"
    assert stuck.metadata["jp-MarkdownHeadingCollapsed"] is True
    assert helps.source == "# ex.greeting.hint()\n# ex.greeting.solution()"
    assert last.metadata.a.b == [1, "it's"]


@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_every_lesson_survives_a_round_trip(path):
    by_name = {each.name: each for each in exercises_of(f"lesson-{path.name[:2]}")}
    notebook = committed_form.read(path)
    code = [cell.source for cell in marked(notebook.cells) if cell.cell_type == "code"]
    assert "____" not in "".join(code).split("import ____")[-1], "starters are made from the exercise"
    built = again(committed_form.read(path), by_name.__getitem__)
    state_minutes(built)  # as build does
    assert committed_form.dump(built) == path.read_text(encoding="utf-8")


def test_what_the_form_cannot_hold_is_refused(good_lesson):
    good_lesson.cells[3].source = "# %%\nprint(1)"
    with pytest.raises(ValueError, match="cell 4 cannot be written as text"):
        notebook_to_text(good_lesson)


def test_an_exercise_that_is_not_there_is_named():
    with pytest.raises(ValueError, match="the lesson has no exercise 'greetnig'"):
        text_to_notebook('# %% course={"exercise": "greetnig"}\n', greeting)


def test_building_again_keeps_outputs_of_unchanged_cells(good_lesson, good_text, save, tmp_path, author):
    notebook = save(good_lesson)
    text = tmp_path / "probe.py"
    text.write_text(author("text", notebook).replace('print("seen")', 'print("changed")'))
    assert "written, 2 code cells, 1 to be run" in author("build", text, notebook)
    setup, changed = committed_form.code_cells(committed_form.read(notebook))
    assert setup.outputs[0].text == "the lab"
    assert (changed.execution_count, changed.outputs) == (None, [])
    assert "unchanged" in author("build", text, notebook)


def refused(*arguments):
    result = CliRunner().invoke(app, ["build", *map(str, arguments)])
    assert isinstance(result.exception, TextError), result.output
    return str(result.exception)


def test_what_was_changed_in_the_notebook_since_is_not_replaced(good_lesson, save, tmp_path, author):
    notebook = save(good_lesson)
    text = tmp_path / "probe.py"
    text.write_text(author("text", notebook))
    good_lesson.cells[3].source = 'print("by hand")'
    save(good_lesson)
    text.write_text(text.read_text().replace("One sentence", "Two sentences"))
    before = notebook.read_text()
    assert "it was changed since" in refused(text, notebook)
    assert notebook.read_text() == before
    assert "written" in author("build", text, notebook, "--force")
    assert "by hand" not in notebook.read_text()
    # What it builds is what it belongs to from then on, and outputs are no change.
    text.write_text(text.read_text().replace("Two sentences", "Three sentences"))
    assert "written" in author("build", text, notebook)
    built = committed_form.read(notebook)
    committed_form.code_cells(built)[0].outputs = []
    save(built)
    text.write_text(text.read_text().replace("Three sentences", "Four sentences"))
    assert "written" in author("build", text, notebook)


def test_a_text_that_names_no_notebook_replaces_none(good_lesson, good_text, save, tmp_path, author):
    notebook = save(good_lesson)
    text = tmp_path / "probe.py"
    text.write_text(good_text)
    assert "unchanged" in author("build", text, notebook)
    text.write_text(good_text.replace("One sentence", "Two sentences"))
    assert "the text names no notebook" in refused(text, notebook)
    piped = author("text", notebook)
    assert piped.startswith("# text of 07_probe.ipynb, ")
    assert "unchanged" in author("build", "-", notebook, says=piped)


def test_the_command_prints_a_notebook_as_text(good_lesson, save, author):
    _, text = split_origin(author("text", save(good_lesson)))
    assert text_to_notebook(text).cells[3].source == 'print("seen")'


def test_the_command_says_which_text_is_wrong(good_lesson, save, tmp_path):
    text = tmp_path / "bad.py"
    text.write_text('# %% course={"exercise": "nothing"}\n')
    result = CliRunner().invoke(app, ["build", str(text), str(save(good_lesson))])
    assert isinstance(result.exception, TextError)
    assert result.exception.seen.endswith("bad.py: the lesson has no exercise 'nothing'")
