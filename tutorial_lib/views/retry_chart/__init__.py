"""A retry policy drawn as the attempts it will make, and the real attempts over it."""
