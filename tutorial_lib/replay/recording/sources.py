"""The source of the code that ran, taken when it was recorded: a cell or file may change afterwards."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence

from tutorial_lib.cells.source_files import label_of
from tutorial_lib.replay.steps import Place, Source, Step


def sources_of(steps: Sequence[Step]) -> dict[str, Source]:
    """The files and cells that the steps speak of, by file name, in the order in which they first ran."""
    files = dict.fromkeys(file for step in steps for file in _files(step))
    return {
        file: Source(file, label_of(file), tuple(line.rstrip("\r\n") for line in linecache.getlines(file)))
        for file in files
    }


def _files(step: Step) -> Iterator[str]:
    for line in step.lines:
        yield line.file
    places: list[Place | None] = [frame.place for task in step.tasks for frame in task.frames]
    places += [command.place for command in step.commands]
    places += [waiting.place for waiting in step.waiting]
    yield from (place.file for place in (*places, step.last, step.failed_at) if place is not None)
