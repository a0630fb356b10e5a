"""Joins what the code did with the events of the history, and finds where the two part."""
