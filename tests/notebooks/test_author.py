"""Lessons as text and back."""

from pathlib import Path

import pytest

from tutorial_lib.authoring import committed_form, text_form
from tutorial_lib.authoring.refresh import course_notebooks

ALL_FORMS = r"""# %% [metadata]
{
 "course": "probe"
}

# %% [markdown]
# Title

```python
\# %% in a block
```

# %% tags=claim:ns-one,claim:tq-one
\# %% not a cell
\\# %% nor this, which had a backslash of its own
!temporal --version

# %% ignore="prints \"its\" version, C:\\like this"
1

# %% tags=raises-exception slide=subslide hidden
1 / 0

# %% [markdown] slide=notes
Say it's so.

# %% [markdown] collapsed
### Solution

# %% [raw] slide=-
raw

# %% meta='{"a": {"b": [1, "it'"'"'s"]}}'
2
"""


def test_text_survives_a_round_trip():
    assert text_form.notebook_to_text(text_form.text_to_notebook(ALL_FORMS)).strip() == ALL_FORMS.strip()


def test_each_form_means_what_the_docstring_says():
    notebook = text_form.text_to_notebook(ALL_FORMS)
    title, plain, ignored, raising, notes, solution, raw, last = notebook.cells
    assert notebook.metadata.course == "probe"
    assert [cell.cell_type for cell in notebook.cells] == [
        *("markdown", "code", "code", "code", "markdown", "markdown", "raw", "code")
    ]
    assert [cell.metadata.slideshow.slide_type for cell in notebook.cells] == [
        *("slide", "fragment", "fragment", "subslide", "notes", "subslide", "-", "fragment")
    ]
    assert "\n# %% in a block\n" in title.source
    assert plain.source.splitlines()[:2] == [
        "# %% not a cell",
        "\\# %% nor this, which had a backslash of its own",
    ]
    assert plain.metadata.tags == ["claim:ns-one", "claim:tq-one"]
    assert ignored.metadata.tags == ["nbval-ignore-output"]
    assert ignored.metadata.nbval.reason == 'prints "its" version, C:\\like this'
    assert raising.metadata.jupyter.source_hidden is True
    assert notes.source == "Say it's so."
    assert solution.metadata["jp-MarkdownHeadingCollapsed"] is True
    assert raw.source == "raw"
    assert last.metadata.a.b == [1, "it's"]


def test_a_notebook_survives_a_round_trip(good_lesson):
    again = text_form.keep_outputs(
        text_form.text_to_notebook(text_form.notebook_to_text(good_lesson)), good_lesson
    )
    assert committed_form.dump(again) == committed_form.dump(good_lesson)


@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_every_lesson_survives_a_round_trip(path):
    lesson = committed_form.read(path)
    again = text_form.keep_outputs(text_form.text_to_notebook(text_form.notebook_to_text(lesson)), lesson)
    assert committed_form.dump(again) == path.read_text(encoding="utf-8")


def test_building_again_keeps_outputs_of_unchanged_cells(good_lesson, good_text, save, tmp_path, capsys):
    notebook = save(good_lesson)
    text = tmp_path / "probe.nbtxt"
    text.write_text(good_text.replace('print("seen")', 'print("changed")'))
    assert text_form.main(["build", str(text), str(notebook)]) == 0
    setup, changed = committed_form.code_cells(committed_form.read(notebook))
    assert setup.outputs[0].text == "the lab"
    assert (changed.execution_count, changed.outputs) == (None, [])
    assert "written, 2 code cells, 1 to be run" in capsys.readouterr().out
    assert text_form.main(["build", str(text), str(notebook)]) == 0
    assert "unchanged" in capsys.readouterr().out


def test_prints_a_notebook_as_text(good_lesson, save, capsys):
    assert text_form.main(["text", str(save(good_lesson))]) == 0
    assert text_form.text_to_notebook(capsys.readouterr().out).cells[3].source == 'print("seen")'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("words\n# %%\n", "line 1: expected '# %%' before the first text, not 'words'"),
        ("# %%\n1\n# %% [markdwon]\n", "line 3: expected [markdown], slide=, tags="),
        ("# %% slide=slidee\n", "line 1: expected one of slide, subslide"),
        ('# %% ignore="open\n', "line 1: No closing quotation"),
        ("# %% meta=[1]\n", "line 1: expected a JSON object"),
        ("# %% meta={a\n", "line 1: Expecting property name"),
    ],
)
def test_says_which_line_is_wrong(text, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is what is tested
        text_form.text_to_notebook(text)
    assert str(caught.value).startswith(message)


def test_the_command_says_which_file_is_wrong(tmp_path, capsys):
    text = tmp_path / "bad.nbtxt"
    text.write_text("words")
    assert text_form.main(["build", str(text), str(tmp_path / "bad.ipynb")]) == 1
    assert capsys.readouterr().err.startswith(f"{text}: line 1: expected")
    assert not (tmp_path / "bad.ipynb").exists()


@pytest.mark.parametrize("target", ["lesson.txt", "thesis.md", "link.ipynb"])
def test_what_is_no_notebook_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str
):
    text = tmp_path / "lesson.txt"
    text.write_text("# %%\n1 + 1\n")
    (tmp_path / "thesis.md").write_text("years of work")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "thesis.md")
    before = (tmp_path / target).read_text()
    assert text_form.main(["build", str(text), str(tmp_path / target)]) == 1
    assert f"{target} is not a notebook that can be read" in capsys.readouterr().err
    assert (tmp_path / target).read_text() == before
    assert text_form.main(["build", str(tmp_path / "nowhere"), str(tmp_path / "new.ipynb")]) == 1
    assert text_form.main(["text", str(tmp_path / "thesis.md")]) == 1
