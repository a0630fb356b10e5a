"""The house rules for lessons, each as code."""
