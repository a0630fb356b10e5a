"""The same code as files: a module for a worker process, a project to take home."""
