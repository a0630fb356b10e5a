"""Each Try it shows what its answer says, and breaks nothing behind it: those of the lessons, and probes."""

from __future__ import annotations

import functools
import json

import pytest

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import course_notebooks, lesson_files
from tutorial_lib.authoring.style.try_its import try_it_findings
from tutorial_lib.authoring.text_form import notebook_to_text, text_to_notebook
from tutorial_lib.authoring.try_its.invitation import invitations
from tutorial_lib.authoring.try_its.trial import try_all

MOST_BY_HAND = 8  # of the course: one in three lessons


def committed_try_its():
    for path in course_notebooks():
        for each in invitations(committed_form.read(path)):
            if not each.by_hand:
                yield f"lesson-{path.name[:2]}/cell-{each.number:02}"


@functools.cache
def tried(number):
    return try_all(lesson_files(number).notebook)


@pytest.mark.parametrize("try_it", [*committed_try_its()])
def test_it_shows_what_its_answer_says(try_it):
    lesson, _, cell = try_it.partition("/cell-")
    assert [str(finding) for finding in tried(lesson[-2:])[int(cell)]] == []


def test_few_are_done_by_hand():
    of_the_course = [each for path in course_notebooks() for each in invitations(committed_form.read(path))]
    assert sum(each.by_hand for each in of_the_course) <= MOST_BY_HAND


# ---- probes ------------------------------------------------------------------------------------------

CODE = """\
# %%
attempts = 1
limit = 10
# %%
print("attempts:", attempts)
"""
AFTER = """\
# %%
assert attempts < 5, "too many"
print("all is well, with", limit)
"""


def try_it(words, answer, **marks):
    """A Try it as authors write it in the text."""
    folded = f"<details><summary>What you should see</summary>\n\n{answer}\n\n</details>"
    course = json.dumps({"try_it": marks})
    return f'# %% [markdown] course={course}\n"""\n**Try it.** {words}\n\n{folded}\n"""\n'


GOOD = try_it(
    "Write `attempts = 3`, and run on from there.",
    "The cell prints `attempts: 3`.",
    find="attempts = 1",
    put="attempts = 3",
    through=True,
    shows=["attempts: 3"],
)


def messages(path):
    """What is wrong with each Try it of a probe, in the order of its cells."""
    return [[finding.message for finding in findings] for findings in try_all(path).values()]


def told(text):
    """What the style check finds in a probe's cells."""
    return [finding.message for finding in try_it_findings(text_to_notebook(text))]


def test_a_good_one(save):
    assert messages(save(CODE + GOOD + AFTER)) == [[]]
    assert told(CODE + GOOD + AFTER) == []


def test_its_form_survives_text_and_back():
    notebook = text_to_notebook(CODE + GOOD + AFTER)
    again = text_to_notebook(notebook_to_text(notebook))
    [before], [after] = [*invitations(notebook)], [*invitations(again)]
    assert before == after
    assert after.marks["through"] is True


def test_a_wrong_answer(save):
    wrong = GOOD.replace("attempts: 3", "attempts: 4")
    assert messages(save(CODE + wrong + AFTER)) == [["it does not show 'attempts: 4'; it shows: attempts: 3"]]


def test_an_answer_that_shows_only_further_down(save):
    """The cell that was edited is run again; without `through` nothing else is."""
    [[missing]] = messages(save(CODE + GOOD.replace('"through": true, ', "") + AFTER))
    assert missing == "it does not show 'attempts: 3'; it shows: nothing"


def test_one_that_breaks_a_later_scene_does_not_hide_the_others(save):
    breaks = GOOD.replace("attempts = 3", "attempts = 7").replace("attempts: 3", "attempts: 7")
    wrong = try_it(
        "Set `limit = 20`.", "Nothing but 21.", find="limit = 10", put="limit = 20", shows=["21"],
        back=True, changes=["all is well"],
    )  # fmt: skip
    [[broken], [missing]] = messages(save(CODE + breaks + wrong + AFTER))
    assert broken == "after it, cell-05 ends with AssertionError: too many"
    assert missing == "it does not show '21'; it shows: nothing"


def test_one_that_changes_a_later_output(executed):
    changes = try_it(
        "Set `limit = 20`.", "It is 20.", find="limit = 10", put="limit = 20\nprint(limit)", shows=["20"]
    )
    [[finding]] = messages(executed(CODE + changes + AFTER))
    assert finding.startswith("after it, cell-04 prints")
    assert "+all is well, with 20" in finding
    listed = changes.replace('"shows"', '"changes": ["all is well"], "shows"')
    assert messages(executed(CODE + listed + AFTER)) == [[]]
    undone = changes.replace('"shows"', '"back": true, "shows"')
    assert messages(executed(CODE + undone + AFTER)) == [[]]


def test_what_differs_is_shown_however_much_stands_before_it(executed):
    long = AFTER.replace('print("all', 'print(*"abcdefgh", sep="\\n")\nprint("all')
    changes = try_it("Set `limit = 20`.", "20.", find="limit = 10", put="limit = 20\nprint(20)", shows=["20"])
    [[finding]] = messages(executed(CODE + changes + long))
    assert finding.startswith("after it, cell-04 prints")
    assert finding.splitlines()[-2:] == ["  -all is well, with 10", "  +all is well, with 20"]


def test_one_that_ends_with_an_error(save):
    code = CODE + try_it("Do it.", "no", find="attempts = 1", put="attempts = 1 / 0", shows=["division"])
    assert messages(save(code)) == [["it ends with ZeroDivisionError: division by zero"]]
    meant = code.replace('"shows"', '"raises": "ZeroDivisionError", "shows"')
    assert messages(save(meant)) == [[]]
    other = code.replace('"shows"', '"raises": "ValueError", "shows"')
    assert messages(save(other)) == [["no run of it ends with ValueError, but with ZeroDivisionError"]]


def test_a_cell_of_the_learners_own_and_several_edits(save):
    several = try_it(
        "Set both.", "5",
        edits=[{"find": "attempts = 1", "put": "attempts = 2"}, {"find": "limit = 10", "put": "limit = 3"}],
        add="print(attempts + limit)", shows=["5"], back=True,
    )  # fmt: skip
    assert messages(save(CODE + several + AFTER)) == [[]]


def test_a_find_that_an_earlier_one_took_away(save):
    [first, [second]] = messages(save(CODE + GOOD + GOOD + AFTER))
    assert first == []
    assert second == "`find` 'attempts = 1' occurs 0 times in the code above; once is wanted"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CODE.replace("limit = 10", "attempts = 1") + GOOD,
         "`find` 'attempts = 1' occurs 2 times in the code above; once is wanted"),
        (GOOD + CODE, "`find` 'attempts = 1' occurs 0 times in the code above; once is wanted"),
        (CODE + GOOD.replace('"find"', '"cell": "attempts", "find"'),
         "2 code cells above have 'attempts'; `cell` is to name one"),
        (CODE + GOOD.replace("prints `attempts: 3`", "prints three"),
         "its folded answer does not have 'attempts: 3', which `shows` has"),
        (CODE + GOOD.replace("Write `attempts = 3`", "Write another one"),
         "its words do not have 'attempts = 3', which the test writes"),
        (CODE + GOOD.replace('["attempts: 3"]', "[]"), "it has no `shows`"),
        (CODE + GOOD.replace('"put"', '"replace"'), "it has replace; known are"),
        (CODE + GOOD.replace("<details>", "<p>"), "it has no folded answer"),
        (CODE + GOOD.replace("**Try it.**", "Try it."), "does not begin **Try it.**"),
        (CODE + '# %% [markdown]\n"""\n**Try it.** Do.\n"""\n', "no test can do it"),
        (CODE + '# %% [markdown]\n"""\nSo it is.\n\n**Try it:** do.\n"""\n', "a Try it is a cell of its own"),
        (CODE + try_it("Look.", "So.", by_hand=""), "`by_hand` is the reason why no test can do it"),
        (CODE + try_it("Look.", "So.", shows=["So"]), "it has nothing to do"),
    ],
)  # fmt: skip
def test_what_its_cell_lacks(text, expected):
    assert any(expected in message for message in told(text)), told(text)


def test_one_by_hand_is_not_run():
    text = CODE + try_it("Click on it.", "A page opens.", by_hand="a click in the Web UI")
    assert told(text) == []
    assert [each.by_hand for each in invitations(text_to_notebook(text))] == [True]
