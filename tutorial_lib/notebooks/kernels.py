"""The environment of kernels that run without a learner in front of them."""

from __future__ import annotations

import os

PATIENCE_VARIABLE = "TUTORIAL_PATIENCE"
_PATIENCE = "0.5"  # seconds until a lesson's stand-in does what the learner is asked to do


def unattended() -> dict[str, str]:
    """This process' environment, with a short wait for the learner unless one is set."""
    return {**os.environ, PATIENCE_VARIABLE: os.environ.get(PATIENCE_VARIABLE, _PATIENCE)}
