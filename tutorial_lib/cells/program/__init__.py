"""A notebook as one program: what ran, in order, and the slice of it that a workflow uses."""
