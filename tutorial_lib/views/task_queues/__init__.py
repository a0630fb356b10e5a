"""The task queues of a namespace, live: who polls each, and what waits."""
