"""The environment of kernels that run without a learner in front of them."""

from __future__ import annotations

import os

from tutorial_lib import settings

NOBODY = "-"  # keeps it in memory: outputs are those of a fresh learner, and nobody's progress is touched
_PATIENCE = "0.5"  # seconds until a lesson's stand-in does what the learner is asked to do
_CRASH_REPORT = {"PYTHONFAULTHANDLER": "1"}  # an interpreter that crashes prints what each thread was at


def unattended() -> dict[str, str]:
    """This process' environment: nobody's progress, and a short wait for the learner unless one is set."""
    patience = settings.PATIENCE.get() or _PATIENCE
    return {**os.environ, **_CRASH_REPORT, settings.PATIENCE.name: patience, settings.LEARNER.name: NOBODY}
