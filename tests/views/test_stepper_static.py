"""The stepper without a browser: its picture, its sentence, its steps as text; the colours of both faces."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from tests.support import orders
from tests.support.contrast import contrast
from tests.support.replays import history, line_of, replayed
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.views.kit.view import own_style, script, theme
from tutorial_lib.views.stepper import picture_parts
from tutorial_lib.views.stepper.view import Stepper

SVG = "{http://www.w3.org/2000/svg}"


async def test_the_sentence_of_a_divergence_tells_the_story():
    picture = Stepper.of(await replayed(orders.SlowOrder)).picture()
    line = line_of(orders.SlowOrder, "await asyncio.sleep")
    assert picture.alt == (
        "Replay of workflow `Order`: code and history diverge in workflow task 2. The history delivers the "
        "result of activity `ship`. 5 lines run. Code and history part: in the history event 11 is "
        f"ActivityTaskScheduled `ship`, but the code starts a timer of 5 s in line {line}. The line: "
        "`await asyncio.sleep(5)  # new: a pause between two parcels`."
    )
    shown = texts(picture.svg)
    assert {"≠ Code and history part here", "≠ parts here", "expected here", "not yet known"} <= set(shown)


async def test_without_a_divergence_the_last_step_is_drawn():
    picture = Stepper.of(await replayed(orders.Order)).picture()
    line = line_of(orders.Order, "return self.shipped")
    assert picture.alt == (
        "Replay of workflow `Order`: 4 workflow tasks, and the code agrees with the history to its end. In "
        "workflow task 4 of 4: the history delivers the result of activity `ship`. 4 lines run. The code "
        f"completes the workflow (line {line})."
    )
    shown = texts(picture.svg)
    assert {"delivered now", f"asked in line {line}", "end of the history", "◆ event 23"} <= set(shown)
    assert "customer = 'Ada', shipped = 3" in shown or "shipped = 3, customer = 'Ada'" in shown


async def test_two_versions_are_drawn_where_they_first_differ():
    stepper = Stepper.of(
        await replayed(orders.Order), await replayed(orders.SlowOrder), labels=("before", "after")
    )
    assert stepper.picture().alt == (
        "Two versions of workflow `Order` replayed side by side. They first differ in workflow task 2. "
        "“before” schedules activity `ship`; “after” starts a timer of 5 s."
    )
    shown = texts(stepper.picture().svg)
    assert {"before", "after", "≠ parts here"} <= set(shown)
    assert any("❚❚ waits here" in words for words in shown)
    assert stepper.static_html() == stepper.picture().img()


async def test_a_side_that_has_ended_says_so():
    longer, shorter = await replayed(orders.Order, 2), await replayed(orders.Order, 1)
    stepper = Stepper.of(longer, shorter)
    data = {**stepper.data, "differs": None, "axis": [[2, None]]}
    stepper.data = data
    assert "This side goes no further." in texts(stepper.picture().svg)


async def test_what_still_runs_is_told_without_counts_and_without_a_list():
    stepper = Stepper.of(await record_replay(history(2, closed=False), [orders.Order]))
    assert stepper.picture().alt == "Replay of workflow `Order`, which is still running."
    assert "<details" not in stepper.static_html()


async def test_text_for_notebooks_is_the_same_for_two_runs_of_the_same_workflow():
    first, second = [
        Stepper.of(await record_replay(history(2, run_id=run_id), [orders.Order])) for run_id in ("1", "2")
    ]
    assert repr(first) == repr(second)
    without_picture = [re.sub(r'src="[^"]*"', "", each.static_html()) for each in (first, second)]
    assert without_picture[0] == without_picture[1]
    assert "run-" not in without_picture[0]


async def test_the_steps_stand_in_the_page_as_text_that_folds_out():
    html = Stepper.of(await replayed(orders.Order, 100)).static_html()
    assert html.count("<li>Workflow task") == 60
    assert "<li>and 41 more</li>" in html
    assert "the result of activity <code>ship</code>" in html


@pytest.mark.parametrize("version", [orders.Order, orders.SlowOrder, orders.FailingOrder])
async def test_the_picture_is_well_formed_and_nothing_in_it_is_tiny(version: type):
    root = parsed(Stepper.of(await replayed(version)).picture().svg)
    sizes = [float(each.get("font-size", "99")) for each in root.iter(f"{SVG}text")]
    assert min(sizes) >= 11
    width = float(root.get("width"))
    assert all(0 <= float(each.get("x", "0")) <= width for each in root.iter(f"{SVG}text"))


async def test_a_recording_without_steps_has_a_picture_too():
    stepper = Stepper.of(await replayed(orders.Order))
    stepper.data = {**stepper.data, "axis": []}
    assert stepper.picture().alt == "Replay of workflow Order: no workflow task yet."


async def test_three_recordings_are_refused():
    one = await replayed(orders.Order)
    with pytest.raises(TypeError, match="one recording, or two side by side, not 3"):
        Stepper.of(one, one, one)


def test_the_picture_has_the_colours_of_the_widget():
    light = {name: colours[0] for name, colours in declared(own_style("stepper"), "st").items()}
    assert {name: light[name] for name in picture_parts.TINTS} == picture_parts.TINTS


@pytest.mark.parametrize(("face", "which"), [("light", 0), ("dark", 1)])
def test_every_text_can_be_read_on_every_tint(face: str, which: int):
    own = {name: pair[which] for name, pair in declared(own_style("stepper"), "st").items()}
    shared = {name: pair[which] for name, pair in declared(theme(), "tt").items()}
    surface = {"light": "#ffffff", "dark": "#14171c"}[face]
    syntax = ["keyword", "string", "number", "comment", "defined", "decorator", "builtin"]
    grounds = {name: own[name] for name in ("ran", "will", "waits", "asked", "diverged")}
    grounds |= {"surface": surface, "raised": shared["raised"]}
    inks = {name: own[name] for name in [*syntax, "in-ink", "waits-ink", "asked-ink", "diverged-ink"]}
    inks |= {name: shared[name] for name in ("ink", "muted")}
    low = {
        (ink, ground): round(contrast(inks[ink], grounds[ground]), 2)
        for ink in inks
        for ground in grounds
        if contrast(inks[ink], grounds[ground]) < 4.5
    }
    assert low == {}


def test_the_script_is_one_module_without_imports():
    source = script("stepper")
    assert not re.search(r"^import |^export (?!default)", source, re.MULTILINE)
    assert source.count("export default { render };") == 1
    assert "innerHTML" not in source  # a learner's values never become markup


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def texts(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}text")]


def declared(css: str, prefix: str) -> dict[str, tuple[str, str]]:
    """The light and the dark value of each colour."""
    found = re.findall(rf"--{prefix}-([\w-]+):[^;]*light-dark\((#\w+), (#\w+)\)", css)
    return {name: (light, dark) for name, light, dark in found}
