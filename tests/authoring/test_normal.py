"""The committed form of a notebook."""

import json
import sys
from pathlib import Path

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.committed_form import WIDGET_VIEW, node


def stream(text, name="stdout"):
    return node({"output_type": "stream", "name": name, "text": text})


def test_drops_what_jupyter_adds(good_lesson):
    noisy = node(json.loads(json.dumps(good_lesson)))
    noisy.metadata.widgets = {"state": {}}
    noisy.metadata.kernelspec = {"name": "my-env", "display_name": "Mine"}
    noisy.metadata.language_info.version = "3.13.1"
    for number, cell in enumerate(noisy.cells):
        cell.id = f"random{number}"
        cell.source += "  \n\n"
        cell.metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
        cell.metadata.editable = True
        cell.metadata.scrolled = False
    for cell in committed_form.code_cells(noisy):
        cell.execution_count += 40
    noisy.cells.append(committed_form.new_cell("code", ""))
    assert committed_form.dump(committed_form.normalise(noisy)) == committed_form.dump(good_lesson)


def test_is_stable(good_lesson):
    once = committed_form.normalise(good_lesson)
    assert committed_form.dump(committed_form.normalise(once)) == committed_form.dump(once)


def test_leaves_its_argument_alone(good_lesson):
    good_lesson.cells[0].source += "\n\n"
    before = committed_form.dump(good_lesson)
    committed_form.normalise(good_lesson)
    assert committed_form.dump(good_lesson) == before


def test_merges_flushes_of_one_stream_that_follow_each_other(good_lesson):
    cell = committed_form.code_cells(good_lesson)[1]
    cell.outputs = [stream("a\n"), stream("b\n"), stream("e\n", "stderr"), stream("c\n")]
    merged = committed_form.code_cells(committed_form.normalise(good_lesson))[1].outputs
    assert [(output.name, output.text) for output in merged] == [
        ("stdout", "a\nb\n"),
        ("stderr", "e\n"),
        ("stdout", "c\n"),
    ]


def test_keeps_a_widgets_fallback_and_drops_its_view(good_lesson):
    data = {WIDGET_VIEW: {"model_id": "1"}, "text/plain": "Slider(3)", "text/html": "<b>3</b>"}
    result = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 77}
    alone = {"output_type": "display_data", "data": {WIDGET_VIEW: {"model_id": "2"}}, "metadata": {}}
    committed_form.code_cells(good_lesson)[1].outputs = [node(result), node(alone)]
    (output,) = committed_form.code_cells(committed_form.normalise(good_lesson))[1].outputs
    assert set(output.data) == {"text/plain", "text/html"}
    assert output.execution_count == 2


def test_an_unexecuted_cell_does_not_count(good_lesson):
    first, second = committed_form.code_cells(good_lesson)
    first.execution_count, second.execution_count = None, 9
    counts = [
        cell.execution_count for cell in committed_form.code_cells(committed_form.normalise(good_lesson))
    ]
    assert counts == [None, 1]


def test_tracebacks_name_no_place_on_this_machine(good_lesson):
    checkout = Path(committed_form.__file__).parents[2]
    lines = [
        f"\x1b[36mFile {checkout}/tutorial_lib/stage/lab.py:12\x1b[0m",
        f'File "{sys.prefix}/lib/python3.11/site-packages/temporalio/client.py", line 3',
        f'File "{sys.base_prefix}/lib/python3.11/asyncio/runners.py", line 3',
        f"see {Path.home()}/notes.txt",
    ]
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": lines}
    committed_form.code_cells(good_lesson)[1].outputs = [node(error)]
    (output,) = committed_form.code_cells(committed_form.normalise(good_lesson))[1].outputs
    assert output.traceback == [
        "\x1b[36mFile tutorial_lib/stage/lab.py:12\x1b[0m",
        'File "site-packages/temporalio/client.py", line 3',
        'File "python/asyncio/runners.py", line 3',
        "see ~/notes.txt",
    ]


def test_files_are_as_jupyter_writes_them(good_lesson, tmp_path):
    path = tmp_path / "a.ipynb"
    assert committed_form.write(good_lesson, path)
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert not committed_form.write(good_lesson, path), "an unchanged file is not written again"


def test_the_command_writes_the_committed_form(good_lesson, save, author):
    committed = committed_form.dump(good_lesson)
    path = save(good_lesson)
    assert author("normalise", "--check", path) == "07_probe.ipynb: in its committed form\n"
    good_lesson.cells[1].metadata.scrolled = False
    good_lesson.metadata.widgets = {"state": {}}
    noisy = committed_form.dump(good_lesson)
    save(good_lesson)
    said = author("normalise", "--check", path, fails=True)
    assert said == "07_probe.ipynb: not in its committed form\n`tutorial author normalise` writes them so\n"
    assert path.read_text("utf-8") == noisy
    assert author("normalise", path) == "07_probe.ipynb: written anew\n"
    assert path.read_text("utf-8") == committed


def test_every_lesson_is_in_its_committed_form(author):
    assert "not in its" not in author("normalise", "--check")
