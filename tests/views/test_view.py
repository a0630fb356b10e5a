"""The base of all views: what is displayed, how files are joined, and the colours that all share."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys

import pytest
import traitlets

from tests.support.contrast import contrast
from tutorial_lib import settings
from tutorial_lib.views.kit import svg
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View, own_style, script, theme

VIEWS = settings.PACKAGE / "views"
NAMES = sorted(path.parents[1].name for path in VIEWS.glob("*/static/view.js"))


class Probe(View):
    script = "table"
    rows = traitlets.List([1, 2]).tag(sync=True)

    def picture(self) -> Picture:
        return Picture(svg.document(40, 20, svg.text(4, 14, "a < b")), 'Two rows of "a < b".')


def test_a_view_is_displayed_as_widget_picture_and_sentence():
    bundle, _ = Probe()._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"] == 'Two rows of "a < b".'
    assert bundle["text/html"].startswith('<img alt="Two rows of &quot;a &lt; b&quot;."')
    assert repr(Probe()) == 'Two rows of "a < b".'


def test_a_page_gets_the_views_own_traits_and_nothing_of_the_widget_machinery():
    assert Probe().page_state() == {"rows": [1, 2]}
    assert json.dumps(Probe(rows=[3]).page_state()) == '{"rows": [3]}'


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_a_view_are_joined_into_one_module(name: str):
    joined = script(name)
    assert len(re.findall(r"^export default", joined, re.MULTILINE)) == 1
    assert not re.search(r"^(import\b|export (?!default))", joined, re.MULTILINE)
    top = re.findall(r"^(?:async )?(?:const|let|function|class) (\w+)", joined, re.MULTILINE)
    assert len(top) == len(set(top)), f"two files give a name to different things: {sorted(top)}"


@pytest.mark.parametrize(
    "path", sorted(VIEWS.glob("*/static/*")), ids=lambda path: str(path.relative_to(VIEWS))
)
def test_no_file_refers_to_an_address(path):
    source = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?:|url\((?!#|\$|`#)|@import|//\w+\.\w+/", source)


def halves() -> dict[str, dict[str, str]]:
    """The colours of theme.css by name, light and dark."""
    pairs = re.findall(r"--tt-([\w-]+):[^;]*?light-dark\((#\w{6}), (#\w{6})\)", theme())
    return {"light": {n: a for n, a, _ in pairs}, "dark": {n: b for n, _, b in pairs}}


def test_static_pictures_have_the_light_colours_of_the_theme():
    light = halves()["light"]
    assert {name: light.get(name) for name in svg.COLOURS} == svg.COLOURS


def test_static_pictures_have_the_dark_colours_of_the_theme():
    dark = halves()["dark"]
    assert {name: dark.get(name) for name in svg.DARK} == svg.DARK
    assert set(svg.DARK) == set(svg.COLOURS)


def test_a_static_picture_has_a_dark_colour_for_each_of_its_own():
    """In an image, the page's theme is known only by `prefers-color-scheme`."""
    picture = Probe().picture().svg
    rules = re.search(r"<style>@media \(prefers-color-scheme:dark\)\{(.*)\}</style>", picture)
    assert rules
    replaced = re.findall(r'\[(fill|stroke)="(#\w{6})"\]\{\1:(#\w{6})\}', rules[1])
    assert {(a, light) for a, light, _ in replaced} == set(re.findall(r' (fill|stroke)="(#\w{6})"', picture))
    assert {dark for _, _, dark in replaced} <= set(svg.DARK.values())


@pytest.mark.parametrize("half", ["light", "dark"])
def test_every_colour_that_means_something_can_be_read_on_every_surface(half: str):
    colours = halves()[half]
    surfaces = {name: colours[name] for name in ("surface", "raised", "hover", "selected")}
    surfaces |= {"jupyterlab": {"light": "#ffffff", "dark": "#212121"}[half]}
    ground = {"surface", "raised", "hover", "selected", "line"}
    weak = {
        (name, below): round(contrast(colour, surface), 2)
        for name, colour in colours.items()
        for below, surface in surfaces.items()
        if name not in ground and contrast(colour, surface) < 4.5
    }
    # On a selected or hovered row only text must be read at 4.5:1; bars are shapes, for which 3:1 is enough.
    text = {"ink", "muted", "accent", "failed", "done", "warning"}
    assert {k: v for k, v in weak.items() if k[0] in text or k[1] not in {"hover", "selected"} or v < 3} == {}


def test_a_text_of_any_length_is_cut_in_one_go():
    """A loop that measured what is left at each character took hours for these."""
    for words in ("W" * 1_000_000, "i" * 1_000_000, "é漢 " * 300_000):
        cut = svg.fit(words, 400)
        assert len(cut) < 120
        assert svg.width_of(cut) <= 400


def test_text_is_cut_where_it_does_not_fit():
    assert svg.fit("short", 100) == "short"
    cut = svg.fit("a long name of an activity", 80)
    assert cut.endswith("…")
    assert svg.width_of(cut) <= 80


def test_a_picture_cannot_break_out_of_its_attribute():
    img = Picture("<svg/>", '"><script>alert(1)</script>').img()
    assert html.escape('"><script>') in img
    assert "<script>" not in img


def test_the_package_imports_nothing_before_it_is_used():
    code = "import sys, tutorial_lib.views; print('temporalio' in sys.modules, 'anywidget' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]


def test_styles_of_a_view_stay_in_it():
    for name in NAMES:
        for selector in re.findall(r"^([^@{}/\n][^{}]*)\{", own_style(name), re.MULTILINE):
            assert "." in selector, selector


async def test_each_view_can_be_awaited() -> None:
    """One rule for all of the lab's pictures, also for those that ask no server."""
    probe = Probe()
    assert await probe is probe
