"""Why an execution failed: the chain of exceptions that its caller gets."""
