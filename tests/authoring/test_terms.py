"""Each of Temporal's words is explained where it is first met; the page and the hover are made of that."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tutorial_lib import settings
from tutorial_lib.authoring.style.terms import term_findings
from tutorial_lib.authoring.terms.explained import explanations
from tutorial_lib.authoring.terms.glossary import HOVER, PAGE, read_lessons, renew_glossary, stale_files
from tutorial_lib.authoring.terms.words import load_terms, sentences_of


def markdown(text, metadata=""):
    return f'# %% [markdown] {metadata}\n"""\n{text}\n"""\n'


OPENING = markdown("# A probe\n\nYou will see a worker.")
EXPLAINS = markdown("## A scene\n\nIt polls. A **worker** runs your code.")


def told(path):
    return [(finding.cell, finding.message) for finding in term_findings(path)]


def test_a_term_that_is_explained_where_it_is_met(save):
    path = save(OPENING + EXPLAINS.replace("It polls. ", "") + markdown("Start the worker. Two workers."))
    assert told(path) == []
    [found] = explanations(read_lessons([path]), load_terms()).values()
    assert (found.term.name, found.cell, found.heading) == ("worker", 2, "A scene")
    assert found.sentence == "A **worker** runs your code."


def test_a_use_before_the_explanation(save):
    path = save(OPENING + markdown("Start the *worker*.") + EXPLAINS)
    assert told(path) == [
        (2, "'worker' is used in 'Start the worker.'; lesson 07, cell-03 explains it"),
        (3, "'poll' is used in 'It polls.'; no lesson explains it"),
    ]


def test_a_term_is_known_from_an_earlier_lesson_and_not_from_a_later_one(save):
    later = save(OPENING + markdown("A worker."), "08_probe.ipynb")
    earlier = save(OPENING + markdown("A worker."), "06_probe.ipynb")
    save(OPENING + EXPLAINS.replace("It polls. ", ""))
    assert told(later) == []
    assert told(earlier) == [(2, "'worker' is used in 'A worker.'; lesson 07, cell-02 explains it")]


@pytest.mark.parametrize(
    "cell",
    [
        markdown("## The worker"),
        markdown("Call `worker.stop()`, and see [all about a worker](https://docs.temporal.io)."),
        markdown("```python\nworker = 1\n```"),
        markdown("| a | b |\n|---|---|\n| the worker | it polls |"),
        markdown("Draw a worker.", 'slideshow={"slide_type": "notes"}'),
        markdown("### More", "jp-MarkdownHeadingCollapsed=true") + markdown("A worker."),
        markdown("A co-worker runs an update of the server."),
        "# %%\nworker = 1\n",
    ],
)
def test_what_is_no_use(save, cell):
    assert told(save(OPENING + cell)) == []


def test_the_opening_of_lesson_00_counts(save):
    assert told(save(OPENING, "00_probe.ipynb")) == [
        (1, "'worker' is used in 'You will see a worker.'; no lesson explains it")
    ]


def test_the_longest_form_is_the_one_that_is_used():
    terms = load_terms()
    used = [term.name for term in terms.used_in("A Workflow Task on the task queue; queries, histories.")]
    assert used == ["workflow task", "task queue", "query", "event history"]


def test_sentences():
    text = "## No\n\nOne, `a. B`. Two\ngoes on! (Three.)\n\n- **Worker.** It polls.\n- Five\n\n| no |\n"
    assert sentences_of(text) == ["One, `a. B`.", "Two goes on!", "(Three.)", "**Worker.** It polls.", "Five"]


def test_forms_are_of_one_term_each():
    terms = load_terms()
    forms = [form for term in terms.terms for form in term.forms]
    assert len(forms) == len(set(forms)) == len(terms.by_form)
    assert all(form == form.lower() for form in forms)


# ---- what is made of them ----------------------------------------------------------------------------


def test_page_and_hover_are_made_of_the_lessons_of_now():
    assert stale_files(settings.CHECKOUT) == [], "`tutorial author glossary` writes them anew"


def test_every_link_of_the_page_leads_to_a_heading():
    page = (settings.CHECKOUT / PAGE).read_text(encoding="utf-8")
    links = re.findall(r"\]\((\d\d_\w+\.ipynb)(?:#[^)]+)?\)\)$", page, re.MULTILINE)
    assert len(links) == page.count("\n- ")
    assert all((settings.CHECKOUT / "notebooks" / name).exists() for name in links)


def test_a_sentence_that_changes_makes_both_anew(tmp_path, save):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / HOVER).parent.mkdir(parents=True)
    shutil.move(save(OPENING + EXPLAINS), tmp_path / "notebooks" / "07_probe.ipynb")
    assert renew_glossary(tmp_path) == [tmp_path / PAGE, tmp_path / HOVER]
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    line = "- *worker*: A **worker** runs your code. ([lesson 07, A scene](07_probe.ipynb#A-scene))"
    assert line in page.splitlines()
    assert json.loads((tmp_path / HOVER).read_text(encoding="utf-8")) == [
        {
            "term": "worker",
            "forms": ["worker", "workers"],
            "sentence": "A worker runs your code.",
            "lesson": "07",
        }
    ]
    assert stale_files(tmp_path) == []
    shutil.move(save(OPENING + EXPLAINS.replace("runs", "does")), tmp_path / "notebooks" / "07_probe.ipynb")
    assert stale_files(tmp_path) == [tmp_path / PAGE, tmp_path / HOVER]


def test_markdown_opens_rendered():
    folder = Path(settings.CHECKOUT, "tutorial_lib", "jupyter", "config", "labconfig")
    overrides = json.loads((folder / "default_setting_overrides.json").read_text("utf-8"))
    manager = overrides["@jupyterlab/docmanager-extension:plugin"]
    assert manager["defaultViewers"] == {"markdown": "Markdown Preview"}
