"""The notebooks' tooling: writing, running, refreshing and checking the lessons.

Learners never meet this package. `author` turns readable text into a notebook and back, `run`
executes notebooks headless, `refresh` renews their committed outputs, `validate` proves each cell
against them, `claims` tells which cell shows which statement, `style` holds the house rules.
"""
