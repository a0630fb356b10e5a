"""Running notebooks without a learner in front of them: kernels, ways to run, what a run tells."""
