"""The house rules for lessons: each is broken once here, and kept by every lesson."""

from pathlib import Path

import nbformat
import pytest

from tutorial_lib.authoring import committed_form, text_form
from tutorial_lib.authoring.committed_form import WIDGET_VIEW, node
from tutorial_lib.authoring.exercise_cells import exercise_cells
from tutorial_lib.authoring.lesson_files import course_notebooks
from tutorial_lib.authoring.style.notes import note_findings
from tutorial_lib.authoring.style.predictions import prediction_findings
from tutorial_lib.authoring.style.rules import MAX_IGNORED_SHARE, check, count_ignored
from tutorial_lib.authoring.style.text import text_findings
from tutorial_lib.course import lesson_01

PNG = "iVBORw0KGgo="


def test_a_good_lesson_breaks_no_rule(good_lesson, save):
    assert check(save(good_lesson)) == []


@pytest.mark.parametrize(
    ("rule", "cell", "old", "new"),
    [
        ("one-h1", 3, "## A scene", "# A scene"),
        ("levels", 3, "## A scene", "### A scene"),
        ("emoji", 3, "## A scene", "## A scene \N{ROCKET}"),
        ("opening", 1, "What you will do", "You do"),
        ("opening", 1, "What you will know", "You know"),
        ("opening", 1, "**Needs** nothing", "Nothing else"),
        ("unfinished", 3, "One sentence of question.", "TODO: ask."),
        ("links", 3, "One sentence of question.", "[Then](08_gone.ipynb#there)."),
        ("alt", 3, "One sentence of question.", "![](data:image/png;base64,AA==)"),
        ("recap", 6, "## Recap", "## The end"),
        ("recap", 6, "- What was seen.\n", "- What was seen.\n" * 5),
        ("ending", 6, "(https://docs.temporal.io/workflows)", "(https://example.com)"),
        ("ending", 6, "The next lesson does more.", "That is all."),
        ("notes", 0, '# %% [markdown] slideshow={"slide_type": "notes"}', "# %% [markdown]"),
        ("notes", 5, "**Say.** Draw", "Draw"),
        ("notes", 5, "<details><summary>For instructors</summary>", "For instructors"),
        (
            "notes",
            5,
            '# %% [markdown] slideshow={"slide_type": "notes"}',
            '# %% slideshow={"slide_type": "notes"}',
        ),
        ("notes", 3, 'print("seen")', "worker.kill()"),
        ("setup", 2, "lesson-07", "lesson-08"),
        ("setup", 2, "# %load_ext tutorial_lib\n", ""),
        ("setup", 2, "from tutorial_lib.exercises import ____\n", ""),
        ("time", 1, "1 minute", "5 minutes"),
        ("time", 1, "**Time.** 1 minute", "**Takes** 1 minute"),
        ("length", 4, 'print("seen")', "x = 1\n" * 21),
        ("width", 4, 'print("seen")', f'print("{"x" * 65}")'),
        ("semicolon", 4, 'print("seen")', 'print("seen");'),
        ("python", 4, 'print("seen")', "print('seen'"),
        ("python", 4, 'print("seen")', r"print('\d')"),
        ("predict", 4, 'print("seen")', 'lab.predict("Who?", "both", "none")'),
        ("predict", 4, 'print("seen")', 'a = lab.predict("Who?", "both", "none")\na.was("none")'),
        ("sandbox", 4, 'print("seen")', "Worker(workflow_runner=UnsandboxedWorkflowRunner())"),
        ("rooms", 4, 'print("seen")', "from tutorial_lib.stage.server import shared"),
        ("rooms", 4, 'print("seen")', "def f():\n    import tutorial_lib.views"),
        ("sandbox", 4, 'print("seen")', "@workflow.defn(sandboxed=False)\nclass W: ..."),
        ("sleep", 4, 'print("seen")', "import time\ntime.sleep(1)"),
        ("sleep", 4, 'print("seen")', "await asyncio.sleep(0.5)"),
        ("sleep", 4, 'print("seen")', "def wait():\n    sleep(1)"),
        ("unseen", 4, 'print("seen")', 'lab.cli("workflow list")\nprint("seen")'),
        ("unseen", 4, 'print("seen")', 'for n in "ab":\n    lab.cli(f"workflow terminate -w {n}")'),
        ("paths", 4, 'print("seen")', 'open("/home/ada/notes")'),
        ("paths", 3, "One sentence of question.", r"See C:\Users\ada."),
        ("ignored", 4, '["claim:engine"]', '["nbval-ignore-output"]'),
        ("ignored", 4, 'print("seen")', "# NBVAL_IGNORE_OUTPUT\n1"),
        ("ignored", 4, 'print("seen")', "# NBVAL_IGNORE_OUTPUT: a reason nbval cannot see\n1"),
        ("skipped", 4, '["claim:engine"]', '["nbval-skip"]'),
        ("skipped", 4, 'print("seen")', "# NBVAL_SKIP\n1"),
    ],
)
def test_a_breach_in_the_source_is_found(good_text, save, rule, cell, old, new):
    assert old in good_text
    findings = check(save(run_in_name(text_form.text_to_notebook(good_text.replace(old, new, 1)))))
    assert (rule, cell) in [(finding.rule, finding.cell) for finding in findings], findings
    # To think takes half a minute; a lesson without its time states none of its scenes either.
    also = {"predict": {"time"}, "time": {"scenes"}}.get(rule, set())
    assert {finding.rule for finding in findings} - also == {rule}


ASK = 'who = lab.predict("Who?", "both", "none")'


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([ASK, 'who.was("both")'], []),
        ([ASK, 'print("turn")', 'if True:\n    who.was("none")'], []),
        ([ASK, 'who.was("all")'], ["`who.was(...)` wants one of the choices"]),
        ([ASK, "who.was(found)"], ["`who.was(...)` wants one of the choices"]),
        (['who.was("both")', ASK], ["no later cell has `who.was(...)`"]),
        ([ASK, ASK, 'who.was("both")'], ["no later cell has `who.was(...)`", "'Who?' is asked twice"]),
    ],
)
def test_a_prediction_is_shown_beside_what_happened(cells, says):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(each) for each in cells])
    found = sorted(finding.message for finding in prediction_findings(notebook))
    assert len(found) == len(says)
    for message, part in zip(found, sorted(says), strict=True):
        assert part in message


def note(text):
    framed = f"<details><summary>For instructors</summary>\n\n{text}\n\n</details>"
    return nbformat.v4.new_markdown_cell(framed, metadata={"slideshow": {"slide_type": "notes"}})


ALONE = "## Kill it"
KILLS = "worker.kill()"
STUCK = "**Stuck?** They ask who noticed: nobody has yet."


@pytest.mark.parametrize(
    ("code", "notes", "says"),
    [
        ("print(1)", "", []),
        (ASK, '**Ask.** "Who?" Expected: both.', []),
        (ASK, STUCK, ["'Kill it' has a prediction, and no **Ask.**"]),
        (KILLS, STUCK, []),
        (KILLS, "**Say.** Now.", ["'Kill it' has a kill, and no **Stuck?**"]),
        (f"{ASK}\n{KILLS}", "", ["has a kill, and no **Stuck?**", "has a prediction, and no **Ask.**"]),
        ("worker.stop()", "", []),
    ],
)
def test_notes_lead_an_instructor_where_a_class_needs_it(code, notes, says):
    cells = [note("**Say.** Hello."), nbformat.v4.new_markdown_cell(ALONE), nbformat.v4.new_code_cell(code)]
    if notes:
        cells.append(note(notes))
    found = sorted(finding.message for finding in note_findings(nbformat.v4.new_notebook(cells=cells)))
    assert len(found) == len(says)
    for message, part in zip(found, says, strict=True):
        assert part in message
    folded = nbformat.v4.new_notebook(cells=cells)  # an extra takes no time of the class
    folded.cells[1].metadata["jp-MarkdownHeadingCollapsed"] = True
    assert not list(note_findings(folded))


@pytest.mark.parametrize(
    ("between", "below", "found"),
    [
        ([], "## On", []),
        ([], "What it means.", [5]),
        ([note("**Say.** Now.")], "## On", []),
        ([note("**Say.** Now.")], "What it means.", [6]),
    ],
)
def test_nothing_is_folded_away_with_hints(between, below, found):
    exercise = lesson_01.greeting
    cells = [*exercise_cells(exercise), *between, nbformat.v4.new_markdown_cell(below)]
    for number, cell in enumerate(cells, start=1):
        cell.id = f"cell-{number:02}"
    findings = text_findings(nbformat.v4.new_notebook(cells=cells), Path())
    assert [each.cell for each in findings if each.rule == "hidden"] == found


def test_a_lesson_without_a_title_is_found(good_text, save):
    untitled = good_text.replace("# A probe", "A probe")
    rules = {finding.rule for finding in check(save(run_in_name(text_form.text_to_notebook(untitled))))}
    assert rules == {"one-h1", "opening", "levels"}


def run_in_name(notebook):
    for count, cell in enumerate(committed_form.code_cells(notebook), start=1):
        cell.execution_count = count
        cell.outputs = [node({"output_type": "stream", "name": "stdout", "text": "seen\n"})]
    return notebook


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(**data):
    mimes = {"text_html": "text/html", "png": "image/png", "plain": "text/plain", "view": WIDGET_VIEW}
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {mimes[key]: value for key, value in data.items()},
    }


@pytest.mark.parametrize(
    ("rules", "output"),
    [
        ({"volatile"}, stream("worker pid 4711 polls")),
        ({"volatile"}, stream("WorkerProcess(pid=4711)")),
        ({"volatile"}, stream("on 0.0.0.0:7233")),
        ({"volatile"}, shown(plain="<C object at 0x7f11a5c0>")),
        ({"volatile"}, shown(plain="started 2026-11-22T20:33:18Z")),
        ({"volatile"}, shown(text_html="<b>pid 4711</b>")),
        ({"paths"}, stream("log in /tmp/tutorial-x/server.log")),
        ({"paths"}, {"output_type": "stream", "name": "stderr", "text": "/root/x.py:3: Warning"}),
        ({"errors"}, {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}),
        ({"widgets", "normal"}, shown(view={"model_id": "1"}, plain="Slider(3)")),
        ({"alt"}, shown(png=PNG, plain="a dot")),
        ({"alt"}, shown(text_html=f'<img src="data:image/png;base64,{PNG}">', plain="a dot")),
        ({"svg"}, shown(text_html="<svg><title>t</title></svg>", plain="a dot")),
    ],
)
def test_a_breach_in_an_output_is_found(good_lesson, save, rules, output):
    committed_form.code_cells(good_lesson)[1].outputs = [node(output)]
    assert {finding.rule for finding in check(save(good_lesson))} == rules


@pytest.mark.parametrize(
    "output",
    [
        stream("server at 127.0.0.1:50123, run 0b5c1f0e-1111-2222-3333-444455556666\n"),
        stream("worker pid <pid>, gRPC on 7233, took 3:15, /usr/bin and https://temporal.io/home/x\n"),
        shown(text_html=f'<img alt="A dot" src="data:image/png;base64,{PNG}">', png=PNG, plain="a dot"),
        shown(text_html='<div style="z-index:1000">x</div><style>p:1234{}</style>', plain="x"),
    ],
)
def test_what_is_stable_may_stand(good_lesson, save, output):
    committed_form.code_cells(good_lesson)[1].outputs = [node(output)]
    assert check(save(good_lesson)) == []


def test_a_meant_error_may_stand_with_its_traceback(good_lesson, save):
    cell = committed_form.code_cells(good_lesson)[1]
    cell.metadata.tags = ["raises-exception"]
    lines = ["in pid 4711"]
    cell.outputs = [node({"output_type": "error", "ename": "E", "evalue": "v", "traceback": lines})]
    assert check(save(good_lesson)) == []


@pytest.mark.parametrize(
    "code",
    [
        'lab.cli("workflow list", check=True)\nprint("seen")',
        'lab.cli("workflow list", check=False)\nprint("seen")',
        'listed = lab.cli("workflow list")\nprint("seen")',
        'print("seen")\nlab.cli("workflow list")',
    ],
)
def test_a_command_is_looked_at_or_checked(good_text, save, code):
    findings = check(
        save(run_in_name(text_form.text_to_notebook(good_text.replace('print("seen")', code, 1))))
    )
    assert "unseen" not in {finding.rule for finding in findings}


def test_sleep_belongs_to_workflows_and_activities(good_text, save):
    code = """\
@workflow.defn
class W:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(1)
@activity.defn(name="work")
def work() -> None:
    time.sleep(1)
class Activities:
    @activity.defn
    async def more(self) -> None:
        await asyncio.sleep(1)
await asyncio.sleep(0)"""
    lesson = run_in_name(text_form.text_to_notebook(good_text.replace('print("seen")', code)))
    assert [finding for finding in check(save(lesson)) if finding.rule != "time"] == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("executed", lambda lesson: committed_form.code_cells(lesson)[1].update(execution_count=None)),
        ("executed", lambda lesson: committed_form.code_cells(lesson)[1].update(execution_count=7)),
        ("kernelspec", lambda lesson: lesson.metadata.kernelspec.update(name="my-env")),
        ("widgets", lambda lesson: lesson.metadata.update(widgets={"state": {}})),
        ("normal", lambda lesson: lesson.cells[0].update(id="c0ffee")),
        ("slides", lambda lesson: lesson.cells[0].metadata.pop("slideshow")),
        ("slides", lambda lesson: lesson.cells[0].metadata.slideshow.update(slide_type="title")),
        ("notes", lambda lesson: lesson.cells[3].metadata.slideshow.update(slide_type="notes")),
    ],
)
def test_a_breach_in_the_form_is_found(good_lesson, save, rule, change):
    change(good_lesson)
    assert rule in {finding.rule for finding in check(save(good_lesson))}


def test_ignored_outputs_are_few(good_text, save):
    def lesson(ignored, compared):
        cells = (
            '# %% tags=["nbval-ignore-output"] nbval={"reason": "a reason"}\n1\n' * ignored
            + "# %%\n1\n" * compared
        )
        found = check(save(run_in_name(text_form.text_to_notebook(good_text + cells))))
        return [finding for finding in found if finding.rule not in {"time", "long"}]

    assert lesson(2, 16) == []
    messages = [finding.message for finding in lesson(3, 25)]
    assert messages == ["more than 2 cells in a row are not compared"]
    messages = [finding.message for finding in lesson(2, 4)]
    assert messages == ["2 of 8 outputs are not compared; at most 1"]


def test_the_command_tells_and_fails(good_lesson, save, author):
    assert "07_probe.ipynb: no findings" in author("style", save(good_lesson))
    good_lesson.cells[3].source += ";"
    assert "  cell-04 [semicolon] " in author("style", save(good_lesson), fails=True)


@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_every_lesson_keeps_the_rules(path):
    assert [str(finding) for finding in check(path)] == []


def test_few_outputs_of_the_course_are_not_compared():
    ignored, total = count_ignored([committed_form.read(path) for path in course_notebooks()])
    assert ignored <= total * MAX_IGNORED_SHARE
