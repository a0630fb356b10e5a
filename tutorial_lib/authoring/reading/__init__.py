"""A lesson as somebody reads it: its prose, its scenes, and how long each takes."""
