"""Failing workflow tasks and activities told in three lines that point at the cell."""
