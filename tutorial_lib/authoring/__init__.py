"""Writing, running, refreshing and proving the course's notebooks."""
