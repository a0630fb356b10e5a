"""Lesson 05 waits for a person who starts a workflow in the Web UI's form; here one does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.lab_page import LabPage
from tests.support.running_lab import running_lab

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

LESSON = "05_starting_workflows.ipynb"


def start_in_the_form(form: Page, payload: str) -> dict[str, str]:
    """Type an input into the form and press Start Workflow. Returns what the form had filled in already."""
    form.locator(".cm-content").first.wait_for()
    names = ("workflowId", "taskQueue", "workflowType")
    filled = {name: form.locator(f"#{name}").input_value() for name in names}
    form.locator(".cm-content").first.click()  # CodeMirror takes keys, not `fill`
    form.keyboard.type(payload)
    with form.expect_response(lambda answer: answer.request.method == "POST") as started:
        form.get_by_test_id("start-workflow-button").click()
    assert started.value.ok
    return filled


def looks_for_an_input(request: Request) -> bool:
    """Whether the form asks for an earlier run of that id, to have its input in place of what it has."""
    return "WorkflowId" in request.url and "pageSize=1" in request.url


def test_whoever_is_in_a_hurry_has_it_started(course: Path, browser: Browser, tmp_path: Path):
    with (
        running_lab(course, tmp_path, TUTORIAL_PATIENCE="") as lab,
        LabPage(lab, browser, LESSON) as opened,
    ):
        opened.run_all()
        opened.notebook.get_by_role("button", name="Start it for me").click()
        opened.notebook.get_by_text("This was greet-from-the-stand-in.").wait_for()
        opened.wait_done()


def test_the_notebook_greets_who_filled_in_the_form(course: Path, browser: Browser, tmp_path: Path):
    with (
        running_lab(course, tmp_path, TUTORIAL_PATIENCE="") as lab,  # as learners have it: minutes
        LabPage(lab, browser, LESSON) as opened,
    ):
        opened.run_all()
        opened.notebook.get_by_text(re.compile(r"no hurry: \d+ minutes left")).wait_for()
        link = opened.notebook.locator('a[href*="/start-workflow"]').first
        # Its answer empties the input: nobody types so fast, unless the machine is slow.
        with opened.context.expect_event("requestfinished", looks_for_an_input):
            with opened.context.expect_page() as tab:
                link.click(modifiers=["Control"])  # else it opens beside the notebook
            form = tab.value
        assert form.url.startswith(f"{lab.base}/temporal-ui/namespaces/lesson-05/")  # JupyterLab's own origin
        filled = start_in_the_form(form, '"Grace"')
        assert filled["workflowType"] == "Greeting"
        form.close()
        opened.notebook.get_by_text(f"Hello, Grace! This was {filled['workflowId']}.").wait_for()
        opened.wait_done()
        assert opened.notebook.get_by_text("The stand-in started one").count() == 0
