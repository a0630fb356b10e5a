"""What JupyterLab leaves out of a file that it saves."""

from __future__ import annotations

from tutorial_lib.jupyter.saving import PICTURE, WIDGET_VIEW, keep_pictures


def saved(*bundles: dict[str, str], kind: str = "notebook"):
    cells = [{"cell_type": "markdown"}, {"outputs": [{"text": "x"}, *({"data": each} for each in bundles)]}]
    model = {"type": kind, "content": {"cells": cells}}
    keep_pictures(model=model, path="a.ipynb", contents_manager=None)
    return bundles


def test_a_picture_stays_and_the_reference_into_the_kernel_goes():
    assert saved({WIDGET_VIEW: "{}", PICTURE: "<img>", "text/plain": "a"}) == (
        {PICTURE: "<img>", "text/plain": "a"},
    )


def test_a_widget_without_a_picture_stays_as_it_is():
    assert saved({WIDGET_VIEW: "{}", "text/plain": "IntSlider()"}) == (
        {WIDGET_VIEW: "{}", "text/plain": "IntSlider()"},
    )


def test_what_is_no_notebook_is_left_alone():
    keep_pictures(model={"type": "file", "content": "text"}, path="a.txt", contents_manager=None)
    keep_pictures(model={"type": "notebook", "content": None}, path="a.ipynb", contents_manager=None)
