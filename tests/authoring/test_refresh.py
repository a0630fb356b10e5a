"""Committed outputs are renewed, and change only on purpose."""

import uuid

import pytest

from tutorial_lib.authoring import committed_form

TEXT = """\
# %%
import random, uuid
# %%
print("run", uuid.uuid4(), f"at 127.0.0.1:{random.randint(7000, 9000)}")
# %%
print("answer", 42)
# %% tags=["nbval-ignore-output"] nbval={"reason": "random by nature"}
random.random()
"""


@pytest.fixture
def lesson(executed):
    return executed(TEXT)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path.read_bytes()


def test_without_news_no_file_changes(lesson, author):
    before = lesson.read_bytes()
    told = author("refresh", lesson)
    assert lesson.read_bytes() == before
    assert "unchanged" in told


def test_cosmetic_differences_are_renewed_without_being_asked(lesson, author):
    before = lesson.read_bytes()
    edit(lesson, '"execution_count": 3', '"execution_count": 33')
    edit(lesson, '"id": "cell-02"', '"id": "c0ffee"')
    told = author("refresh", lesson)
    assert lesson.read_bytes() == before
    assert "renewed" in told


def test_another_output_is_refused_and_shown(lesson, author):
    before = edit(lesson, "answer 42", "answer 41")
    told = author("refresh", lesson, fails=True)
    assert lesson.read_bytes() == before
    assert "1 cell(s) print something else, nothing written; --accept" in told
    assert "cell [3]" in told
    assert "-answer 41" in told
    assert "+answer 42" in told


def test_another_output_is_written_when_it_is_meant(lesson, author):
    run_line = committed_form.code_cells(committed_form.read(lesson))[1].outputs
    edit(lesson, "answer 42", "answer 41")
    author("refresh", "--accept", lesson)
    _, kept, changed, _ = committed_form.code_cells(committed_form.read(lesson))
    assert changed.outputs[0].text == "answer 42\n"
    assert kept.outputs == run_line, "an output that differs in a run id only keeps its committed text"


def test_new_cells_need_no_leave(lesson, author):
    notebook = committed_form.read(lesson)
    notebook.cells.append(committed_form.new_cell("code", "print('new')"))
    committed_form.write(committed_form.normalise(notebook), lesson)
    author("refresh", lesson)
    assert committed_form.code_cells(committed_form.read(lesson))[-1].outputs[0].text == "new\n"


def test_a_run_that_fails_writes_nothing(lesson, author):
    before = edit(lesson, r"print(\"answer\", 42)", r"raise ValueError(\"no answer\")")
    told = author("refresh", "--accept", lesson, fails=True)
    assert lesson.read_bytes() == before
    assert "cell [3] failed, nothing written: ValueError: no answer" in told


def test_the_probe_really_prints_other_ids_each_time(lesson):
    text = committed_form.code_cells(committed_form.read(lesson))[1].outputs[0].text
    assert uuid.UUID(text.split()[1])
