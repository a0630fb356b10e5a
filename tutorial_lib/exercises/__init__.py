"""What learners do: exercises that run their code on the real server and read its event history.

`____` marks in a starter cell what is still to be written. The exercises themselves are in
`tutorial_lib.course`, a module for each lesson.
"""

from __future__ import annotations

from tutorial_lib.exercises.placeholder import Placeholder, ____

__all__ = ["Placeholder", "____"]
