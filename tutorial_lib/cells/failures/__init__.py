"""Failing workflow tasks and activities, reported in three lines that point at the cell."""
