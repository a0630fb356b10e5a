"""What the course does to a learner's disk: names, folders of its own, files that it writes.

    names      what may become part of a path
    folders    folders that the course made: private, marked, and the only ones that it empties
    state      which of them keeps the server's state file, progress and labs
    output     files at a place that a learner named: nothing of theirs is overwritten

The standard library alone: whoever starts the server imports it.
"""
