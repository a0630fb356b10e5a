"""The environment of kernels that run without a learner in front of them."""

from __future__ import annotations

import os

LEARNER_VARIABLE = "TUTORIAL_LEARNER"  # whose progress is kept
NOBODY = "-"  # keeps it in memory: outputs are those of a fresh learner, and nobody's progress is touched
PATIENCE_VARIABLE = "TUTORIAL_PATIENCE"
_PATIENCE = "0.5"  # seconds until a lesson's stand-in does what the learner is asked to do


def unattended() -> dict[str, str]:
    """This process' environment: nobody's progress, and a short wait for the learner unless one is set."""
    patience = os.environ.get(PATIENCE_VARIABLE, _PATIENCE)
    return {**os.environ, PATIENCE_VARIABLE: patience, LEARNER_VARIABLE: NOBODY}
