"""A name that is not there: who would have defined it, and that this cell has not run."""

from __future__ import annotations

import ast
import os
import symtable
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.support.lab_page import LabPage
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.lesson_files import course_notebooks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

PICTURES = os.environ.get("TUTORIAL_PICTURES")
RUN, FAILED = "Run since this kernel started", "Run since this kernel started, and it failed"

CELLS = [
    new_markdown_cell("# A lesson"),
    new_markdown_cell("## The `desk`"),
    new_code_cell("FIRST = 1\nasync def begin() -> int:\n    return FIRST", metadata={"collapsed": True}),
    new_markdown_cell("## Two guests"),
    new_code_cell("await begin()"),
    new_code_cell("print(later, nowhere)"),
    new_code_cell("nowhere"),
    new_code_cell("absent", metadata={"tags": ["raises-exception"]}),
    new_markdown_cell("## The end"),
    new_code_cell("later = absent = 3"),
    new_code_cell("1 / 0\nbroken = 3"),
    new_code_cell("print(broken)"),
]


@pytest.fixture
def opened(lab: RunningLab, browser: Browser, course: Path) -> Iterator[LabPage]:
    """A notebook of which nothing has run."""
    path = course / "my-course" / "not_run.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=CELLS, metadata=metadata), path)
    with LabPage(lab, browser, path.name) as page:
        yield page


def run(opened: LabPage, source: str) -> None:
    cell = opened.notebook.locator(".jp-CodeCell", has_text=source).first
    cell.locator(".cm-content").click()
    opened.page.keyboard.press("Control+Enter")
    opened.wait_done()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_it_names_the_cell_and_runs_what_was_left_out(opened: LabPage, theme: str):
    opened.use_theme(theme)
    run(opened, "await begin()")
    opened.notified("begin is defined above, in a cell under “The desk” that has not run in this kernel.")
    toast = opened.page.locator(".Toastify__toast", has_text="begin is defined")
    if PICTURES:
        opened.screenshot(Path(PICTURES) / f"not-run-{theme.lower()}.png")
    toast.get_by_role("button", name="Run what was left out above").click()
    opened.notified("Caught up: 1 cell has run")
    run(opened, "await begin()")
    cell = opened.notebook.locator(".jp-CodeCell", has_text="await begin()")
    cell.locator(f'.course-ran[aria-label="{RUN}"]').wait_for()


def test_a_cell_further_down_is_shown_and_not_run(opened: LabPage):
    run(opened, "print(later")
    opened.notified(
        "later is defined further down, in a cell under “The end” that has not run in this kernel."
    )
    toast = opened.page.locator(".Toastify__toast", has_text="later is defined")
    assert toast.get_by_role("button", name="Run what was left out above").count() == 0
    toast.get_by_role("button", name="Show it").click()
    opened.notebook.locator(".jp-mod-active", has_text="later = absent = 3").wait_for()
    run(opened, "later = absent = 3")
    run(opened, "print(later")  # `nowhere` is missing now, and no cell has it
    run(opened, "nowhere")
    run(opened, "absent")
    run(opened, "1 / 0")
    run(opened, "print(broken")
    opened.notified("broken is defined above, in a cell under “The end” that has failed.")
    assert [each for each in opened.notifications() if "nowhere" in each or "absent" in each] == []


def test_an_error_that_is_meant_is_left_alone(opened: LabPage):
    run(opened, "absent")
    run(opened, "await begin()")
    opened.notified("begin is defined")
    assert [each for each in opened.notifications() if "absent" in each] == []


_DEFINES = """async ([address, asked]) => {
  const { defines } = await import(address);
  return asked.map(([source, name]) => defines(source, name));
}"""
ODD = """\
a, b = 1, 2
c: int = 3
(d, *e) = [4, 5]
f = g = 6
from h import i, j as k
import l
import rr.ss, tt
uu += 1
from m import (
    n,
    o as p,
)
for q, r in []: pass
with open("s") as t: pass
class u:
    v = w = 1
    def x(self, y=1): pass
z = f(aa=1, bb=c == d)
cc[dd] = ee.ff = 1
if gg == 1:
    hh = "ii = 1"  # kk = 1
try:
    jj = [ll := 1]
except mm as nn: pass
oo.pp(
    qq=1,
)
"""
NOT_BOUND = (
    "h",
    "m",
    "o",
    "j",
    "v",
    "w",
    "x",
    "y",
    "aa",
    "bb",
    "cc",
    "dd",
    "ff",
    "gg",
    "ii",
    "kk",
    "mm",
    "oo",
    "pp",
    "qq",
)


class _Without(ast.NodeTransformer):
    """Code without what binds nothing of the cell's, though a symbol table may list it.

    `+=` and the like change what was there before. A comprehension's names are its own; since Python 3.12
    they are listed with those around it (PEP 709), so that each gets a function around it.
    """

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.Expr:
        return ast.Expr(self.visit(node.value))

    def _apart(self, node: ast.expr) -> ast.Call:
        self.generic_visit(node)
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.Call(ast.Lambda(nothing, node), [], [])

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _apart  # noqa: N815


def bound_by(source: str) -> set[str]:
    """Names that a cell's own statements bind, as Python's compiler has it."""
    code = ast.unparse(_Without().visit(ast.parse(source)))
    symbols = symtable.symtable(code, "cell", "exec").get_symbols()
    return {each.get_name() for each in symbols if each.is_imported() or each.is_assigned()}


def names_in(source: str) -> set[str]:
    """All names that a cell has anywhere."""
    return {each.id for each in ast.walk(ast.parse(source)) if isinstance(each, ast.Name)}


def python(source: str) -> str:
    """A cell's Python, without magics and shell commands."""
    return "\n".join(
        "" if line.lstrip().startswith(("%", "!", "?")) else line for line in source.splitlines()
    )


def test_what_defines_a_name_is_as_python_has_it(opened: LabPage):
    module = f"{opened.lab.base}/lab/extensions/temporal-course/static/not_run.js"
    asked, wanted = [], []
    for path in course_notebooks():
        for cell in committed_form.code_cells(committed_form.read(path)):
            source = python(cell.source)
            try:
                bound, used = bound_by(source), names_in(source)
            except SyntaxError:  # a gap in the middle of a line
                continue
            asked += [(source, name) for name in sorted(bound | used)]
            wanted += [name in bound for name in sorted(bound | used)]
    odd = bound_by(ODD)
    asked += [(ODD, name) for name in [*sorted(odd), *NOT_BOUND]]
    wanted += [*[True] * len(odd), *[False] * len(NOT_BOUND)]
    told = opened.page.evaluate(_DEFINES, [module, asked])
    wrong = [
        (each, is_told)
        for each, is_told, is_so in zip(asked, told, wanted, strict=True)
        if is_told is not is_so
    ]
    assert len(asked) > 1000
    assert not wrong, "\n".join(map(str, wrong))
