"""A lesson's run sheet for people: a table in the terminal, a page to print."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from tutorial_lib.presenting.sheet import PresentedScene, stated_minutes

__all__ = ["EXERCISE", "as_page", "as_table", "behind", "markdown", "summed"]

EXERCISE = "✎ "
"""Precedes the title of a scene with an exercise."""

_STYLE = """
body { font: 11pt/1.4 sans-serif; max-width: 180mm; margin: auto; }
table { border-collapse: collapse; width: 100%; }
td, th { border-top: 1px solid #999; padding: 2mm; text-align: left; vertical-align: top; }
th[scope=row] { width: 45mm; } td:first-child { width: 12mm; text-align: right; }
tr { break-inside: avoid; } thead { display: table-header-group; }
p, ul { margin: 0 0 2mm; } ul { padding-left: 5mm; }
"""


def as_table(scenes: Sequence[PresentedScene], promised: int | None) -> Table:
    """The run sheet for a terminal: when each scene begins, its minutes, and the notes.

    Args:
        scenes: Of the lesson; the first is its title.
        promised: Minutes that its first cell promises; None if it does not.
    """
    made = Table(title=Text(scenes[0].title), title_justify="left", show_lines=True)
    made.caption, made.caption_justify = Text(summed(scenes, promised)), "left"
    for name in ("at", "min"):
        made.add_column(name, justify="right", no_wrap=True)
    made.add_column("scene", ratio=2)
    made.add_column("say, ask, stuck?", ratio=3)
    begins = 0.0
    for scene in scenes:
        title = f"{scene.number} {EXERCISE * scene.exercise}{scene.title}"
        notes = "\n".join(scene.notes)
        made.add_row(f"{begins:.0f}", _minutes(scene), Text(title), Text(notes))
        begins += scene.minutes or 0
    return made


def as_page(scenes: Sequence[PresentedScene], promised: int | None, address_of: Callable[[str], str]) -> str:
    """The run sheet as one HTML page for A4, without a script or a file beside it.

    Args:
        scenes: Of the lesson; the first is its title.
        promised: Minutes that its first cell promises; None if it does not.
        address_of: The address of the scene with a number: each number is a link to it.
    """
    render = markdown()
    title = html.escape(scenes[0].title)
    rows = "".join(
        f'<tr><td>{_minutes(scene)}</td><th scope=row><a href="{html.escape(address_of(scene.number))}">'
        f"{html.escape(scene.number)}</a> "
        f"{EXERCISE * scene.exercise}{html.escape(scene.title)}</th>"
        f"<td>{''.join(map(render, scene.notes))}</td></tr>\n"
        for scene in scenes
    )
    return (
        f"<!doctype html>\n<html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>\n"
        f"<h1>{title}</h1><p>{html.escape(summed(scenes, promised))}</p>\n"
        f"<p>{html.escape(behind(scenes, address_of))}</p>\n"
        "<table><thead><tr><th>min</th><th>scene</th><th>say, ask, stuck?</th></tr></thead><tbody>\n"
        f"{rows}</tbody></table></html>\n"
    )


def markdown() -> Callable[[str], str]:
    """Returns what makes HTML of notes; HTML in them is shown as text."""
    import mistune

    render = mistune.create_markdown(escape=True, plugins=["table"])
    return lambda text: str(render(text))


def summed(scenes: Sequence[PresentedScene], promised: int | None) -> str:
    """One line: how many minutes the scenes state, and how many are promised.

    Args:
        scenes: Of the lesson.
        promised: Minutes that its first cell promises; None if it does not.
    """
    exercises = sum(scene.minutes or 0 for scene in scenes if scene.exercise)
    parts = [f"{stated_minutes(list(scenes)):g} minutes in scenes"]
    if exercises:
        parts.append(f"{exercises:g} of them in scenes with an exercise ({EXERCISE.strip()})")
    if promised is not None:
        parts.append(f"{promised} promised to learners")
    missing = sum(scene.minutes is None and not scene.folded for scene in scenes if scene.level == 2)  # noqa: PLR2004 - a level
    if missing:
        parts.append(f"{missing} scene{'s state' if missing > 1 else ' states'} no minutes")
    return "; ".join(parts)


def behind(scenes: Sequence[PresentedScene], address_of: Callable[[str], str]) -> str:
    """One line: where somebody who fell behind is brought to a scene.

    Args:
        scenes: Of the lesson.
        address_of: The address of the scene with a number.
    """
    example = scenes[len(scenes) // 2].number
    return (
        f"Who fell behind opens {address_of(example)} for scene {example}, in the browser that shows "
        "the lesson: it offers to run what stands above."
    )


def _minutes(scene: PresentedScene) -> str:
    return "-" if scene.minutes is None else f"{scene.minutes:g}"
