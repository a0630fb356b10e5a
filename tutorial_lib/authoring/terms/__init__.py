"""Temporal's words in the lessons: where each is explained, what is used before, the page of all."""
