"""Notebook code as a module in the SDK's standard sandbox: what a new worker gets of the cells."""
